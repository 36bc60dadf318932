"""From solids to a GLB (glTF 2.0), with the product's colours as variants of its materials (KHR_materials_variants)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.solids import joined, stretched, type_solid

# What is not in the product's colour: sRGB, metallic, rough, opaque.
FIXED: Mapping[str, tuple[str, float, float, float]] = {
    "dark": ("#26272b", 0.0, 0.7, 1.0),
    "steel": ("#c9ccd1", 0.9, 0.35, 1.0),
    "glass": ("#dcecef", 0.0, 0.08, 0.35),
    "paper": ("#f7f2e6", 0.0, 0.9, 1.0),
    "light": ("#fff3c9", 0.0, 0.4, 1.0),
    "leaf": ("#7b6a45", 0.0, 1.0, 1.0),
}
# How the product's own colour is used: its shade, metallic, rough.
OWN = {"body": (1.0, 0.0, 0.6), "trim": (0.72, 0.0, 0.8), "gloss": (1.0, 0.1, 0.25)}


@dataclass(frozen=True)
class Part:
    """A solid and what it is made of: a key of FIXED or OWN."""

    made_of: str
    solid: type_solid


def fitted(parts: Sequence[Part], size: Sequence[float]) -> list[Part]:
    """The parts stretched to fill a box of width, height and depth, standing on the ground in its middle."""
    points = np.concatenate([part.solid[0] for part in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    by = np.array(size) / (high - low)
    base = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return [Part(part.made_of, stretched((part.solid[0] - base, *part.solid[1:]), by)) for part in parts]


def write_glb(parts: Sequence[Part], colours: Mapping[str, str]) -> bytes:
    """The bytes of a GLB. `colours` are the variants: name to sRGB in hexadecimal; the first is shown by itself."""
    used = list(dict.fromkeys(part.made_of for part in parts))
    materials, numbers = _materials(used, colours)
    binary, views, accessors, primitives = bytearray(), [], [], []
    for made_of in used:
        points, normals, triangles = joined(*(part.solid for part in parts if part.made_of == made_of))
        first = len(accessors)
        for values, target in ((points, 34962), (normals, 34962), (triangles.reshape(-1), 34963)):
            views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": 0, "target": target})
            accessors.append(_accessor(len(views) - 1, values, binary))
            views[-1]["byteLength"] = len(binary) - views[-1]["byteOffset"]
            binary += b"\0" * (-len(binary) % 4)
        accessors[first] |= {"min": _floats(points.min(axis=0)), "max": _floats(points.max(axis=0))}
        primitives.append(_primitive(first, numbers[made_of]))
    named = {"variants": [{"name": name} for name in colours]}
    content = {
        "asset": {"version": "2.0", "generator": "demo/models.py"},
        "extensionsUsed": ["KHR_materials_variants"],
        "extensions": {"KHR_materials_variants": named},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": primitives}],
        "materials": materials,
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return _packed(content, bytes(binary))


def _accessor(view: int, values: np.ndarray, binary: bytearray) -> dict[str, Any]:
    if values.ndim == 1:
        binary += values.astype("<u2").tobytes()
        return {"bufferView": view, "componentType": 5123, "count": len(values), "type": "SCALAR"}
    binary += values.astype("<f4").tobytes()
    return {"bufferView": view, "componentType": 5126, "count": len(values), "type": "VEC3"}


def _floats(values: np.ndarray) -> list[float]:
    return [float(value) for value in values.astype("<f4")]


def _primitive(first: int, numbers: Sequence[int]) -> dict[str, Any]:
    plain = {"attributes": {"POSITION": first, "NORMAL": first + 1}, "indices": first + 2, "material": numbers[0]}
    if len(numbers) == 1:
        return plain
    mappings = [{"material": number, "variants": [variant]} for variant, number in enumerate(numbers)]
    return {**plain, "extensions": {"KHR_materials_variants": {"mappings": mappings}}}


def _materials(used: Sequence[str], colours: Mapping[str, str]) -> tuple[list[dict[str, Any]], dict[str, list[int]]]:
    """The materials, and for each thing that parts are made of its numbers: one a variant, or one for all."""
    materials: list[dict[str, Any]] = []
    numbers: dict[str, list[int]] = {}
    for made_of in used:
        start = len(materials)
        if made_of in FIXED:
            materials.append(_material(made_of, *FIXED[made_of]))
        else:
            shade, metallic, rough = OWN[made_of]
            materials += [
                _material(f"{made_of}, {name}", hexa, metallic, rough, 1.0, shade) for name, hexa in colours.items()
            ]
        numbers[made_of] = list(range(start, len(materials)))
    return materials, numbers


def _material(name: str, hexa: str, metallic: float, rough: float, opaque: float, shade: float = 1.0) -> dict[str, Any]:
    colour = [round(_linear(int(hexa[n : n + 2], 16) / 255 * shade), 4) for n in (1, 3, 5)]
    surface = {"baseColorFactor": [*colour, opaque], "metallicFactor": metallic, "roughnessFactor": rough}
    return {"name": name, "pbrMetallicRoughness": surface, **({"alphaMode": "BLEND"} if opaque < 1 else {})}


def _linear(value: float) -> float:
    """IEC 61966-2-1: what glTF reckons with, from sRGB."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _packed(content: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(content, separators=(",", ":")).encode()
    chunks = [(b"JSON", text + b" " * (-len(text) % 4)), (b"BIN\0", binary + b"\0" * (-len(binary) % 4))]
    body = b"".join(struct.pack("<I4s", len(data), kind) + data for kind, data in chunks)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
