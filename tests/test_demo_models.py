"""The demo in 3D: every model is whole, as large as the catalogue says, in its colours, lit from outside, and small."""

from __future__ import annotations

import csv
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.dimensions import stated_edges
from bot.gltf import glb_json, read_glb
from demo.catalogue import load_products
from demo.models import models, write_models
from demo.solids import laid, prism, rounded_box, stretched, tube, turned

MADE = models()
PRODUCTS = {product["id"]: product for product in load_products()[0]}
MOST_BYTES = 60_000
by_product = pytest.mark.parametrize("product_id", MADE)


def arrays(data: bytes) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Points, normals and triangles of each primitive, read as a viewer reads them."""
    content = glb_json(data)
    start = 20 + struct.unpack_from("<I", data, 12)[0] + 8
    kinds = {5123: "<u2", 5126: "<f4"}

    def values(number: int) -> np.ndarray:
        accessor: dict[str, Any] = content["accessors"][number]
        view = content["bufferViews"][accessor["bufferView"]]
        width = 3 if accessor["type"] == "VEC3" else 1
        count = accessor["count"] * width
        read = np.frombuffer(data, kinds[accessor["componentType"]], count, start + view["byteOffset"])
        assert read.nbytes == view["byteLength"]
        return read.reshape(-1, 3)

    return [
        (values(one["attributes"]["POSITION"]), values(one["attributes"]["NORMAL"]), values(one["indices"]))
        for one in content["meshes"][0]["primitives"]
    ]


def test_at_least_twenty() -> None:
    assert len(MADE) >= 20


@by_product
def test_as_large_as_the_catalogue_says_and_on_the_ground(product_id: str) -> None:
    with Path("demo/shop/attributes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["product_id"], row["key"]) == (product_id, "dimensions")]
    stated = stated_edges(rows[0]["value_en"])
    glb = read_glb(MADE[product_id])
    measured = sorted((edge * 100 for edge in glb.size), reverse=True)
    if len(stated) == 3:
        assert measured == pytest.approx(stated, rel=0.02)
    else:  # round, and as deep as wide
        assert measured == pytest.approx([*stated, stated[1]], rel=0.02)
    assert glb.low[1] == pytest.approx(0, abs=1e-6)
    assert (glb.low[0] + glb.high[0], glb.low[2] + glb.high[2]) == pytest.approx((0, 0), abs=1e-6)


@by_product
def test_its_box_is_that_of_its_points(product_id: str) -> None:
    points = np.concatenate([points for points, _, _ in arrays(MADE[product_id])])
    glb = read_glb(MADE[product_id])
    assert (tuple(points.min(axis=0)), tuple(points.max(axis=0))) == (glb.low, glb.high)


@by_product
def test_normals_have_length_one_and_point_where_triangles_face(product_id: str) -> None:
    for points, normals, triangles in arrays(MADE[product_id]):
        assert triangles.max() < len(points) == len(normals)
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=1e-3)
        a, b, c = (points[triangles[:, corner]].astype(float) for corner in range(3))
        faces = np.cross(b - a, c - a)
        seen = np.linalg.norm(faces, axis=1) > 1e-12
        facing = np.einsum("ij,ij->i", faces, normals[triangles].sum(axis=1))
        assert (facing[seen] > 0).all()


@by_product
def test_its_colours_are_the_catalogue_s(product_id: str) -> None:
    colours = [colour.split("/")[1] for colour in PRODUCTS[product_id]["colors"]]
    content = glb_json(MADE[product_id])
    assert list(read_glb(MADE[product_id]).variants) == colours
    if len(colours) > 1:
        mapped = [one["extensions"]["KHR_materials_variants"]["mappings"] for one in content["meshes"][0]["primitives"]
                  if "extensions" in one]  # fmt: skip
        assert mapped, "nothing of it changes its colour"
        shown = [[content["materials"][one["material"]] for one in mappings] for mappings in mapped]
        bases = [tuple(m["pbrMetallicRoughness"]["baseColorFactor"]) for m in shown[0]]
        assert len(set(bases)) == len(colours)


@by_product
def test_it_is_small(product_id: str) -> None:
    assert len(MADE[product_id]) <= MOST_BYTES


def test_they_are_always_the_same_and_left_alone_when_they_are(tmp_path: Path) -> None:
    assert models() == MADE
    write_models(tmp_path)
    times = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "models").iterdir()}
    (tmp_path / "models" / "P1111.glb").write_bytes(b"an older one")
    assert write_models(tmp_path) == len(MADE) == len(times)
    again = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "models").iterdir()}
    assert {name for name in times if times[name] != again[name]} <= {"P1111.glb"}
    assert (tmp_path / "models" / "P1111.glb").read_bytes() == MADE["P1111"]


def volume(solid: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """What a closed solid holds, by the divergence theorem; a hole in it shows in the number."""
    points, _, triangles = solid
    a, b, c = (points[triangles[:, corner]] + 1000 for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (rounded_box((4, 5, 6), 0.001), 120),
        (rounded_box((2, 2, 2), 1, steps=24), 4 / 3 * math.pi),
        (rounded_box((4, 2, 6), (2, 1, 3), (1, 2, 3), steps=24), 4 / 3 * math.pi * 6),
        (turned([(0, 0), (2, 0), (2, 3), (0, 3)], 96), 12 * math.pi),
        (laid(turned([(0, 0), (2, 0), (2, 3), (0, 3)], 96)), 12 * math.pi),
        (tube([(0, 0, 0), (0, 5, 0), (0, 10, 0)], 1, 96), 10 * math.pi),
        (prism([(0, 0), (4, 0), (0, 3)], 5), 30),
        (stretched(rounded_box((1, 1, 1), 0.001), (2, 3, 4)), 24),
    ],
)
def test_solids_are_closed(solid: tuple[np.ndarray, np.ndarray, np.ndarray], expected: float) -> None:
    assert volume(solid) == pytest.approx(expected, rel=0.01)
