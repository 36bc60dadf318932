"""The 3D models of a shop's folder: those that can be shown are kept, the others refused, and sizes compared."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bot.commerce import Attribute, Product, Text
from bot.dimensions import size_of, stated_edges
from bot.product_models import MAX_BYTES, take_models
from tests.glb import box_glb


def product(product_id: str, dimensions: str = "", label: str = "Dimensions") -> Product:
    stated = (Attribute("dimensions", Text("尺寸", label), Text(dimensions, dimensions)),) if dimensions else ()
    return Product(product_id, Text("包", "Bag"), "bags", "", (), attributes=stated)


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("46 × 30 × 14 cm", (46, 30, 14)),
        ("460x300x140mm", (46, 30, 14)),
        ("32 cm wide, 9 cm deep", (32, 9)),
        ("60 × 40 × 10/12 cm", (60, 40, 12)),
        ("桌 90 × 60 cm", (90, 60)),
        ("1.2 m × 60 cm", (120, 60)),
        ("10 × 5 × 2 inches", (25.4, 12.7, 5.08)),
        ("高30厘米，宽 20 公分，深15cm", (30, 20, 15)),
        ("62-135 cm", ()),
        ("25 cm", ()),
        ("4 × 6", ()),
        ("M", ()),
    ],
)
def test_what_a_text_states(text: str, edges: tuple[float, ...]) -> None:
    assert stated_edges(text) == pytest.approx(edges)


def test_only_what_is_called_a_size_is_one() -> None:
    cloth = Attribute("pattern", Text("图案", "Pattern"), Text("3 × 4 cm", "3 × 4 cm"))
    assert size_of(Product("P1", Text("布", "Cloth"), "a", "", (), attributes=(cloth,))) is None
    named = Attribute("x17", Text("外形尺寸", "Overall size"), Text("3 × 4 cm", "3 × 4 cm"))
    size = size_of(Product("P1", Text("布", "Cloth"), "a", "", (), attributes=(cloth, named)))
    assert size is not None
    assert size.edges == (4, 3)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def usdz(file: Path, *, compressed: bool = False) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        archive.writestr("model.usda", "#usda 1.0\n")


def test_what_can_be_shown_is_kept_and_measured(source: Path, tmp_path: Path) -> None:
    (source / "P1.glb").write_bytes(box_glb(0.30, 0.46, 0.14))
    usdz(source / "P1.usdz")
    (source / "P2.glb").write_bytes(box_glb(0.1, 0.1, 0.1))
    report = take_models(source, tmp_path / "kept", [product("P1", "46 × 30 × 14 cm"), product("P2")])
    assert (report.refused, report.noted) == ({}, {})
    assert report.taken["models/P1.glb"] == "0.3 × 0.46 × 0.14 m; stated 46 × 30 × 14 cm"
    assert "states no dimensions" in report.taken["models/P2.glb"]
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {"P1.glb", "P1.usdz", "P2.glb"}


def test_a_model_in_centimetres_is_told_of(source: Path, tmp_path: Path) -> None:
    (source / "P1.glb").write_bytes(box_glb(30, 46, 14))
    report = take_models(source, tmp_path / "kept", [product("P1", "46 × 30 × 14 cm")])
    assert "stated 46 × 30 × 14 cm" in report.noted["models/P1.glb"]
    assert "metres" in report.noted["models/P1.glb"]


def test_a_shop_may_state_two_edges(source: Path, tmp_path: Path) -> None:
    (source / "P1.glb").write_bytes(box_glb(0.32, 0.09, 0.32))
    assert not take_models(source, tmp_path / "kept", [product("P1", "32 cm wide, 9 cm deep")]).noted
    (source / "P1.glb").write_bytes(box_glb(0.32, 0.12, 0.32))
    assert take_models(source, tmp_path / "kept", [product("P1", "32 cm wide, 9 cm deep")]).noted


def test_what_cannot_be_shown_is_refused_one_by_one(source: Path, tmp_path: Path) -> None:
    (source / "P1.glb").write_bytes(box_glb(0.1, 0.1, 0.1))
    (source / "P9.glb").write_bytes(box_glb(0.1, 0.1, 0.1))
    (source / "P2.glb").write_bytes(b"no model")
    (source / "P3.glb").write_bytes(b"glTF" + b"\0" * MAX_BYTES)
    (source / "P1.obj").write_text("v 0 0 0\n")
    (source / "P2.usdz").write_bytes(b"no archive")
    usdz(source / "P3.usdz", compressed=True)
    report = take_models(source, tmp_path / "kept", [product(name) for name in ("P1", "P2", "P3")])
    assert set(report.taken) == {"models/P1.glb"}
    reasons = {
        "P9.glb": "no product has the id 'P9'", "P2.glb": "no GLB", "P3.glb": "are allowed", "P1.obj": "no .glb",
        "P2.usdz": "no zip", "P3.usdz": "compressed",
    }  # fmt: skip
    assert report.refused.keys() == {f"models/{name}" for name in reasons}
    assert all(reason in report.refused[f"models/{name}"] for name, reason in reasons.items())


def test_a_load_without_models_takes_the_old_ones_away(source: Path, tmp_path: Path) -> None:
    (source / "P1.glb").write_bytes(box_glb(0.1, 0.1, 0.1))
    take_models(source, tmp_path / "kept", [product("P1")])
    assert take_models(tmp_path / "none", tmp_path / "kept", [product("P1")]).taken == {}
    assert list((tmp_path / "kept").iterdir()) == []
