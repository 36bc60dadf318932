"""GLB files: what is measured is where the scene puts it, and what is broken is refused with a reason, never a crash."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadDocument
from bot.gltf import read_glb
from tests.glb import box_glb, packed

EDGES = st.floats(0.005, 20)


@given(EDGES, EDGES, EDGES)
def test_a_box_measures_what_it_is(width: float, height: float, depth: float) -> None:
    glb = read_glb(box_glb(width, height, depth))
    assert glb.size == pytest.approx((width, height, depth))
    assert glb.low[1] == 0


def test_nodes_move_turn_and_scale_what_they_hold() -> None:
    quarter = math.sqrt(0.5)
    nodes = [
        {"children": [1], "scale": [2, 2, 2]},
        {"mesh": 0, "rotation": [0, quarter, 0, quarter], "translation": [1, 0, 0]},
    ]
    glb = read_glb(box_glb(0.1, 0.2, 0.3, nodes=nodes))
    assert glb.size == pytest.approx((0.6, 0.4, 0.2))
    assert glb.low[0] == pytest.approx(2 - 0.3)


def test_a_matrix_counts_as_its_parts_do() -> None:
    matrix = [0.01, 0, 0, 0, 0, 0.01, 0, 0, 0, 0, 0.01, 0, 5, 6, 7, 1]
    glb = read_glb(box_glb(10, 20, 30, nodes=[{"mesh": 0, "matrix": matrix}]))
    assert glb.size == pytest.approx((0.1, 0.2, 0.3))
    assert glb.low == pytest.approx((4.95, 6, 6.85))


def test_variants_by_name() -> None:
    assert read_glb(box_glb(1, 1, 1, ["Black", "Mist Blue"])).variants == ("Black", "Mist Blue")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no GLB"),
        (b"PK\x03\x04" + b"0" * 60, "no GLB"),
        (box_glb(1, 1, 1)[:-8], "cut off"),
        (packed({"asset": {"version": "1.0"}}), "not 2.0"),
        (packed({"asset": {"version": "2.0"}}), "nothing that can be measured"),
        (packed({"asset": {"version": "2.0"}, "scenes": 7}), "refers to"),
        (box_glb(1, 1, 1, extensionsRequired=7), "refers to"),
        (packed({"asset": {"version": "2.0"}, "scenes": [{}]}), "nothing that can be measured"),
        (packed([]), "where glTF has an object"),  # type: ignore[arg-type]
        (box_glb(1, 1, 1, nodes=[{"mesh": 7}]), "refers to"),
        (box_glb(1, 1, 1, nodes=[{"children": [0]}]), "without an end"),
        (box_glb(1, 1, 1, extensionsRequired=["KHR_draco_mesh_compression"]), "cannot decode"),
    ],
)
def test_what_is_broken_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadDocument, match=said) as refused:
        read_glb(data)
    assert refused.value.remedy or "measured" in said


@given(st.integers(0, 700), st.integers(0, 255))
def test_any_byte_may_be_wrong(place: int, byte: int) -> None:
    data = bytearray(box_glb(1, 1, 1, ["Black"]))
    data[place] = byte
    try:
        read_glb(bytes(data))
    except BadDocument as refused:
        assert refused.what
