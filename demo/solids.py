"""Solids as triangles: rounded boxes, turned shapes, tubes and prisms, in metres or any other unit, y up.

A solid is `(points, normals, triangles)`: float arrays of n x 3 and an integer array of m x 3, seen from outside
counter-clockwise. Every function gives the same for the same arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

type_solid = tuple[np.ndarray, np.ndarray, np.ndarray]
type_point = tuple[float, float, float]


def rounded_box(size: type_point, radius: float | type_point, centre: type_point = (0, 0, 0), steps: int = 4) -> type_solid:
    """A box of `size` whose edges are rounded by `radius`, which may differ by axis: an eighth of an ellipsoid in each corner.

    With a radius of half of every side it is an ellipsoid; `steps` are the pieces of a quarter of a circle.
    """
    half = np.array(size) / 2
    round_by = np.minimum(np.broadcast_to(radius, 3), half)
    quarter = np.linspace(0, np.pi / 2, steps + 1)
    around = np.concatenate([quarter + turn * np.pi / 2 for turn in range(4)])  # each quarter ends where the next begins
    across, along = np.meshgrid(around, np.concatenate([quarter - np.pi / 2, quarter]))
    ball = np.stack([np.cos(along) * np.cos(across), np.sin(along), np.cos(along) * np.sin(across)], -1)
    signs = np.stack(
        [
            np.broadcast_to(_signs(steps, (1, -1, -1, 1))[None, :], along.shape),
            np.broadcast_to(_signs(steps, (-1, 1))[:, None], along.shape),
            np.broadcast_to(_signs(steps, (1, 1, -1, -1))[None, :], along.shape),
        ],
        -1,
    )
    normals = ball / round_by
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    points = signs * (half - round_by) + ball * round_by + np.array(centre)
    skin = (_flat(points), _flat(normals), _grid(*along.shape, closed=True))
    corners = [turn * (steps + 1) for turn in range(4)]
    flat = [_face(points[0, corners]), _face(points[-1, corners[::-1]])]
    return joined(skin, *(face for face in flat if face is not None))


def turned(profile: Sequence[tuple[float, float]], sides: int = 28) -> type_solid:
    """What a lathe makes of a profile of (radius, height) from below to above; its corners stay sharp."""
    solids = [_cone(below, above, sides) for below, above in pairwise(profile)]
    return joined(*solids)


def tube(path: Sequence[type_point], radius: float, sides: int = 8) -> type_solid:
    """A round bar along a path, closed at both ends."""
    points = np.array(path, float)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.array([0.0, 0, 1]) if np.abs(along[:, 2]).max() < 0.9 else np.array([1.0, 0, 0])
    first = np.cross(along, beside)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(along, first)
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    normals = np.cos(angles)[None, :, None] * first[:, None] + np.sin(angles)[None, :, None] * second[:, None]
    skin = (_flat(points[:, None] + radius * normals), _flat(normals), _grid(len(points), sides + 1, closed=False))
    ends = [_fan(points[end], radius * normals[end, :-1], sign * along[end]) for end, sign in ((0, -1), (-1, 1))]
    return _outward(joined(skin, *ends))


def prism(outline: Sequence[tuple[float, float]], depth: float) -> type_solid:
    """A convex outline of (x, y), counter-clockwise, as thick as `depth` along z."""
    flat = np.array(outline, float)
    front = np.column_stack([flat, np.full(len(flat), depth / 2)])
    back = np.column_stack([flat, np.full(len(flat), -depth / 2)])
    faces = [_face(front), _face(back[::-1])]
    for one in range(len(flat)):
        other = (one + 1) % len(flat)
        faces.append(_face(np.array([front[one], back[one], back[other], front[other]])))
    return joined(*(face for face in faces if face is not None))


def joined(*solids: type_solid) -> type_solid:
    """Several solids as one."""
    starts = np.cumsum([0, *(len(points) for points, _, _ in solids)])
    triangles = [corners + start for (_, _, corners), start in zip(solids, starts, strict=False)]
    return np.concatenate([s[0] for s in solids]), np.concatenate([s[1] for s in solids]), np.concatenate(triangles)


def moved(solid: type_solid, by: type_point) -> type_solid:
    """A solid somewhere else."""
    return solid[0] + np.array(by), solid[1], solid[2]


def stretched(solid: type_solid, by: Sequence[float]) -> type_solid:
    """A solid stretched along the axes, about the origin; its normals lean as they have to."""
    normals = solid[1] / np.array(by)
    return solid[0] * np.array(by), normals / np.linalg.norm(normals, axis=1, keepdims=True), solid[2]


def laid(solid: type_solid) -> type_solid:
    """A solid that stood along y, lying along x."""
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    return solid[0] @ turn.T, solid[1] @ turn.T, solid[2]


def _signs(steps: int, signs: Sequence[int]) -> np.ndarray:
    return np.repeat(np.array(signs, float), steps + 1)


def _flat(grid: np.ndarray) -> np.ndarray:
    return grid.reshape(-1, 3)


def _grid(rows: int, columns: int, *, closed: bool) -> np.ndarray:
    """The triangles of a net of points, row by row; a closed one joins its last column to the first."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a, b = row * columns + column, row * columns + (column + 1) % columns
    c, d = a + columns, b + columns
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])


def _cone(below: tuple[float, float], above: tuple[float, float], sides: int) -> type_solid:
    (r0, y0), (r1, y1) = below, above
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(angles), np.zeros_like(angles), np.sin(angles)], -1)
    length = float(np.hypot(r1 - r0, y1 - y0))
    normals = ring * ((y1 - y0) / length) + np.array([0, (r0 - r1) / length, 0])
    points = np.concatenate([ring * r0 + np.array([0, y0, 0]), ring * r1 + np.array([0, y1, 0])])
    return points, np.concatenate([normals, normals]), _grid(2, sides + 1, closed=False)


def _fan(middle: np.ndarray, ring: np.ndarray, normal: np.ndarray) -> type_solid:
    count = len(ring)
    around = np.arange(count)
    triangles = np.stack([np.full(count, count), around, (around + 1) % count], -1)
    return np.vstack([middle + ring, middle]), np.tile(normal, (count + 1, 1)), triangles


def _face(corners: np.ndarray) -> type_solid | None:
    """A flat face; None where its corners are one point or one line."""
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    if np.linalg.norm(normal) < 1e-12:
        return None
    middle = range(1, len(corners) - 1)
    triangles = np.array([(0, one, one + 1) for one in middle])
    return corners, np.tile(normal / np.linalg.norm(normal), (len(corners), 1)), triangles


def _outward(solid: type_solid) -> type_solid:
    """Triangles turned so that each is seen from where its normals point."""
    points, normals, triangles = solid
    a, b, c = (points[triangles[:, n]] for n in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), normals[triangles].sum(axis=1)) < 0
    return points, normals, np.where(inward[:, None], triangles[:, ::-1], triangles)
