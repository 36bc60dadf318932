"""A GLB as small as can be: a box of a given size, with variants by name."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any


def box_glb(width: float, height: float, depth: float, variants: Sequence[str] = (), **more: Any) -> bytes:
    """A box standing on the ground, in metres; `more` goes into the JSON's top level."""
    corners = [(x, y, z) for x in (-width / 2, width / 2) for y in (0.0, height) for z in (-depth / 2, depth / 2)]
    faces = [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]
    points = b"".join(struct.pack("<3f", *corner) for corner in corners)
    indices = struct.pack(f"<{len(faces)}H", *faces)
    primitive: dict[str, Any] = {"attributes": {"POSITION": 0}, "indices": 1, "material": 0}
    content: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [{"name": name} for name in variants or ("plain",)],
        "buffers": [{"byteLength": len(points) + len(indices)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(points)},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(indices)},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 8,
                "type": "VEC3",
                "min": [min(corner[axis] for corner in corners) for axis in range(3)],
                "max": [max(corner[axis] for corner in corners) for axis in range(3)],
            },
            {"bufferView": 1, "componentType": 5123, "count": len(faces), "type": "SCALAR"},
        ],
    }
    if variants:
        by_variant = [{"material": number, "variants": [number]} for number in range(len(variants))]
        primitive["extensions"] = {"KHR_materials_variants": {"mappings": by_variant}}
        content["extensionsUsed"] = ["KHR_materials_variants"]
        content["extensions"] = {"KHR_materials_variants": {"variants": [{"name": name} for name in variants]}}
    return packed({**content, **more}, points + indices)


def packed(content: dict[str, Any], binary: bytes = b"") -> bytes:
    """JSON and bytes in one GLB."""
    text = json.dumps(content).encode()
    chunks = [(b"JSON", text + b" " * (-len(text) % 4)), (b"BIN\0", binary + b"\0" * (-len(binary) % 4))]
    body = b"".join(struct.pack("<I4s", len(data), kind) + data for kind, data in chunks)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
