"""`streamdesk load` of shops whose pictures are missing, gone or broken: everything else is taken, and it is said."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.app import Loaded, load, open_shop
from bot.settings import Settings
from bot.types import Language
from evals.bench_service import home_environment
from knowledge.encoders.efficientnet import open_photo
from knowledge.photos.reader import CataloguePhotos
from tests.shop_folder import write_shop


class Colours:
    """`PhotoEncoder` that sees the mean colour: enough for pictures of one colour, and nothing to build."""

    name = "colours"
    dimension = 3

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        rows = [np.asarray(open_photo(image), np.float32).mean((0, 1)) + 1 for image in images]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(images), 3)


def picture(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 30), color).save(out, "PNG")
    return out.getvalue()


def put(shop: Path, **pictures: bytes) -> None:
    """The pictures of a shop folder: these and no others."""
    shutil.rmtree(shop / "pictures", ignore_errors=True)
    for name, data in pictures.items():
        (shop / "pictures").mkdir(exist_ok=True)
        (shop / "pictures" / f"{name}.png").write_bytes(data)


async def loaded(shop: Path, home: Path) -> tuple[Loaded, tuple[str, ...]]:
    """What a load reports, and the products that a red photo finds afterwards."""
    light = {"STREAMDESK_KNOWLEDGE__ENCODER": "hashing", "STREAMDESK_PHOTOS__ENCODER": "none"}
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8000), **light})
    async with open_shop(settings) as opened:
        photos = CataloguePhotos(opened.shop, Colours(), settings.shop.pictures, settings.knowledge.index, home / "learned")
        report = await load(shop, replace(opened, photos=photos), settings)
        assert [document.status for document in report.documents.files] in (["taken"], ["unchanged"])
        assert [product.id for product in await opened.shop.products()] == ["P1", "P2"]
        return report, (await photos.read(picture("red"), Language.EN)).product_ids


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


async def test_a_shop_without_pictures(shop: Path, tmp_path: Path) -> None:
    put(shop)
    (shop / "products.csv").write_text("product_id,category,name_zh,name_en\nP1,a,灯,Lamp\nP2,a,毯,Rug\n", "utf-8")
    report, found = await loaded(shop, tmp_path)
    assert (report.pictures, report.bad_pictures, report.refused, found) == (0, {}, False, ())


async def test_pictures_that_are_gone_later(shop: Path, tmp_path: Path) -> None:
    put(shop, P1=picture("red"), P2=picture("blue"))
    report, found = await loaded(shop, tmp_path)
    assert (report.pictures, report.bad_pictures, found) == (2, {}, ("P1",))
    put(shop)
    report, found = await loaded(shop, tmp_path)
    assert (report.pictures, found) == (0, ())
    assert list(report.bad_pictures) == ["pictures/P1.png", "pictures/P2.png"]
    assert "products.csv" in report.bad_pictures["pictures/P1.png"]
    assert (tmp_path / "pictures").is_dir(), "the pages serve it"


async def test_pictures_that_nobody_can_read(shop: Path, tmp_path: Path) -> None:
    put(shop, P1=b"no picture", P2=b"")
    for _ in range(2):
        report, found = await loaded(shop, tmp_path)
        assert (report.pictures, report.refused, found) == (2, True, ())
        assert list(report.bad_pictures) == ["pictures/P1.png", "pictures/P2.png"]
        assert "no picture that can be read" in report.bad_pictures["pictures/P1.png"]
    put(shop, P1=picture("red"), P2=b"")
    report, found = await loaded(shop, tmp_path)
    assert (list(report.bad_pictures), found) == (["pictures/P2.png"], ("P1",))
