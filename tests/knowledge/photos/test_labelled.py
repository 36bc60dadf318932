"""Folders of labelled photos, and views of pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.commerce import Product, Text
from bot.errors import BadInput, BadPhoto
from knowledge.photos.labelled import read_labelled
from knowledge.photos.naming import class_name, larger_class
from knowledge.photos.views import SIDE, views
from tests.knowledge.photos.pictures import picture

LAMP = Product("P1", Text("台灯", "Desk Lamp"), "home/lamps", "", (), category_name=Text("灯具", "Lamps"))
SHOP = (LAMP, Product("P2", Text("地毯", "Wool Rug"), "home/rugs", "", ()))


def put(folder: Path, **colours: str) -> Path:
    """One photo in each subfolder; `__` stands for a slash."""
    for name, colour in colours.items():
        file = folder / name.replace("__", "/") / "one.JPG"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture("disc", colour))
    return folder


def test_subfolders_are_kinds_products_or_labels(tmp_path: Path) -> None:
    folder = put(
        tmp_path, home__lamps="red", 灯具="green", LAMPS="blue", p2="navy", Fruit__Green_Apple="lime", unknown="pink"
    )
    (tmp_path / "notes.txt").write_text("no photo")
    photos = read_labelled(folder, SHOP)
    found = sorted((lesson.named, lesson.product) for lesson in photos.lessons)
    assert found == [("kind:home/lamps", "")] * 3 + [("label:Fruit/Green_Apple", ""), ("product:P2", "P2")]
    assert [file.parent.name for file in photos.unknown] == ["unknown"]
    assert photos.files.keys() == {lesson.digest for lesson in photos.lessons}


def test_classes_have_names_in_both_languages_and_larger_classes() -> None:
    classes = ("kind:home/lamps", "product:P2", "label:Fruit/Green_Apple", "kind:home/rugs")
    names = [class_name(named, SHOP) for named in classes]
    assert [(name.zh, name.en) for name in names] == [
        ("灯具", "Lamps"),
        ("地毯", "Wool Rug"),
        ("Green Apple", "Green Apple"),
        ("rugs", "rugs"),
    ]
    larger = [larger_class(named, SHOP) for named in ("kind:home/lamps", "product:P1", "label:Fruit/Apple", "label:hat")]
    assert larger == ["kind:home", "kind:home/lamps", "label:Fruit", "label:hat"]


def test_a_photo_in_two_classes_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"hat.*same photo as cap/one\.JPG.*Delete one"):
        read_labelled(put(tmp_path, cap="red", hat="red"), SHOP)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no such folder.*one subfolder a class"):
        read_labelled(tmp_path / "nowhere", SHOP)
    (tmp_path / "loose.png").write_bytes(picture("disc", "red"))
    with pytest.raises(BadInput, match="no subfolder with photos"):
        read_labelled(tmp_path, SHOP)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (640, 480)])
def test_views_are_pictures_of_bounded_size_and_always_the_same(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    made = views(out.getvalue(), 8, seed=1)
    assert made == views(out.getvalue(), 8, seed=1)
    assert len(set(made)) == 8
    for view in made:
        with Image.open(io.BytesIO(view)) as image:
            assert (image.format, image.size) == ("JPEG", (SIDE, SIDE))


def test_what_is_no_picture_has_no_views() -> None:
    with pytest.raises(BadPhoto):
        views(b"no picture", 2, seed=1)
