"""GLB files (glTF 2.0 in one binary file): are they whole, how large is what they show, which variants have they. Pure.

Format: Khronos glTF 2.0, section 4.4 (GLB) and 3.5 (nodes); materials by variant: KHR_materials_variants.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot.errors import BadDocument

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
# What a page would have to load a decoder for from elsewhere.
_NEEDS_DECODER = frozenset({"KHR_draco_mesh_compression", "KHR_texture_basisu", "EXT_meshopt_compression"})
_REMEDY = "Export it again as glTF 2.0 binary (.glb), one file, in metres."
_IDENTITY = (1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0)
_DEPTH = 64  # of nodes: a scene is no deeper, and a circle of nodes ends here

type_point = tuple[float, float, float]
type_matrix = Sequence[float]


@dataclass(frozen=True, slots=True)
class Glb:
    """What a GLB shows: its bounding box in metres (x, y, z; y is up), and the names of its variants' materials."""

    low: type_point
    high: type_point
    variants: tuple[str, ...]

    @property
    def size(self) -> type_point:
        """Width, height and depth in metres."""
        x, y, z = (high - low for low, high in zip(self.low, self.high, strict=True))
        return x, y, z


def read_glb(data: bytes) -> Glb:
    """What the bytes of a .glb show. Raises BadDocument, whose `where` is still to be said."""
    content = glb_json(data)
    version = str(_mapping(content.get("asset")).get("version", ""))
    if not version.startswith("2."):
        raise BadDocument(f"is glTF {version or 'of no version'}, not 2.0.", remedy=_REMEDY)
    try:
        needed = sorted(_NEEDS_DECODER.intersection(content.get("extensionsRequired", ())))
        corners = [] if needed else list(_corners(content))
        variants = tuple(str(one["name"]) for one in _declared_variants(content))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadDocument(f"refers to what it has not ({type(error).__name__}: {error}).", remedy=_REMEDY) from error
    if needed:
        raise BadDocument(f"needs {', '.join(needed)}, which pages cannot decode.", remedy="Export it without compression.")
    if not corners or not all(math.isfinite(value) for corner in corners for value in corner):
        raise BadDocument("shows nothing that can be measured.", remedy=_REMEDY)
    low, high = (_point([edge(corner[axis] for corner in corners) for axis in range(3)]) for edge in (min, max))
    return Glb(low, high, variants)


def glb_json(data: bytes) -> dict[str, Any]:
    """The JSON of a .glb, whose chunks are whole. Raises BadDocument."""
    if len(data) < _HEADER.size + _CHUNK.size or data[:4] != b"glTF":
        raise BadDocument(f"is no GLB (it begins with {data[:4].hex(' ') or 'no bytes'}).", remedy=_REMEDY)
    _, version, length = _HEADER.unpack_from(data)
    if version != 2:
        raise BadDocument(f"is a GLB of version {version}, not 2.", remedy=_REMEDY)
    if length != len(data):
        raise BadDocument(f"is cut off: it has {len(data):,} bytes and says {length:,}.", remedy="Copy it again.")
    size, kind = _CHUNK.unpack_from(data, _HEADER.size)
    start = _HEADER.size + _CHUNK.size
    if kind != b"JSON" or start + size > length:
        raise BadDocument("does not begin with its JSON.", remedy=_REMEDY)
    try:
        content = orjson.loads(data[start : start + size])
    except orjson.JSONDecodeError as error:
        raise BadDocument(f"has JSON that cannot be read ({error}).", remedy=_REMEDY) from error
    return _mapping(content)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadDocument("has a list or text where glTF has an object.", remedy=_REMEDY)
    return value


def _declared_variants(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    extension = content.get("extensions", {}).get("KHR_materials_variants", {})
    declared: Sequence[Mapping[str, Any]] = extension.get("variants", ())
    return declared


def _corners(content: Mapping[str, Any]) -> Iterator[type_point]:
    """The corners of every primitive's box, where the scene puts it: a box around these holds all that is shown."""
    scenes = content.get("scenes") or [{"nodes": range(len(content.get("nodes", ())))}]
    for root in scenes[content.get("scene", 0)].get("nodes", ()):
        yield from _corners_of(content, root, _IDENTITY, _DEPTH)


def _corners_of(content: Mapping[str, Any], number: int, above: type_matrix, depth: int) -> Iterator[type_point]:
    if depth == 0:
        raise ValueError("nodes within nodes without an end")
    node = content["nodes"][number]
    world = _product(above, _matrix(node))
    if "mesh" in node:
        for primitive in content["meshes"][node["mesh"]]["primitives"]:
            box = content["accessors"][primitive["attributes"]["POSITION"]]
            for corner in range(8):
                yield _moved(world, [box["max" if corner >> axis & 1 else "min"][axis] for axis in range(3)])
    for child in node.get("children", ()):
        yield from _corners_of(content, child, world, depth - 1)


def _matrix(node: Mapping[str, Any]) -> type_matrix:
    """A node's own transformation, column by column, from its matrix or its translation, rotation and scale."""
    if "matrix" in node:
        return [float(value) for value in node["matrix"]]
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    sx, sy, sz = node.get("scale", (1, 1, 1))
    tx, ty, tz = node.get("translation", (0, 0, 0))
    return (
        *((1 - 2 * (y * y + z * z)) * sx, 2 * (x * y + z * w) * sx, 2 * (x * z - y * w) * sx, 0.0),
        *(2 * (x * y - z * w) * sy, (1 - 2 * (x * x + z * z)) * sy, 2 * (y * z + x * w) * sy, 0.0),
        *(2 * (x * z + y * w) * sz, 2 * (y * z - x * w) * sz, (1 - 2 * (x * x + y * y)) * sz, 0.0),
        *(tx, ty, tz, 1.0),
    )


def _product(a: type_matrix, b: type_matrix) -> type_matrix:
    return [sum(a[4 * k + row] * b[4 * column + k] for k in range(4)) for column in range(4) for row in range(4)]


def _moved(matrix: type_matrix, at: Sequence[float]) -> type_point:
    return _point([sum(matrix[4 * k + row] * at[k] for k in range(3)) + matrix[12 + row] for row in range(3)])


def _point(values: Sequence[float]) -> type_point:
    x, y, z = values
    return x, y, z
