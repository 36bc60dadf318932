"""`streamdesk photos train` and `photos test` on a small shop."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from actions.shop.importers.choosing import load_shop
from actions.shop.opening import open_shop_system
from bot import photo_commands
from bot.errors import BadInput, BadPhoto, BadSettings
from bot.photo_commands import Trained
from bot.ports import PhotoEncoder
from bot.settings import Settings
from evals.bench_service import home_environment
from knowledge.photos import opening
from knowledge.photos.reader import PictureReport
from knowledge.photos.tuning import Tuning
from tests.knowledge.photos.pictures import Layout, noise, picture
from tests.shop_folder import write_shop

COLOURS = {"train": ("red", "blue", "green"), "test": ("maroon", "navy", "lime")}


def quiet(doing: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
async def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a shop of two products without pictures, and an encoder that needs no model."""

    async def light(name: str, models: Path, *, tuned: str = "") -> PhotoEncoder | None:
        return Layout() if name == "efficientnet-lite0" else None

    monkeypatch.setattr(opening, "load_photo_encoder", light)
    environment = {**os.environ, **home_environment(tmp_path, 8000), "STREAMDESK_KNOWLEDGE__ENCODER": "hashing"}
    environment |= {"STREAMDESK_KNOWLEDGE__MODELS": str(tmp_path / "models")}
    products = "product_id,category,name_zh,name_en\nP1,home/lamps,台灯,Desk Lamp\nP2,home/rugs,地毯,Wool Rug\n"
    shop = write_shop(tmp_path / "shop", products_csv=products)
    settings = Settings.load(environment=environment)
    opened = await open_shop_system(settings.shop.url, "")
    await load_shop(shop, opened, date(2026, 6, 18))
    await opened.close()
    return settings


def put(folder: Path, part: str) -> Path:
    """Photos of discs, which are P1, and of bars, which are rugs."""
    for named, shape in (("P1", "disc"), ("home/rugs", "bar")):
        (folder / named).mkdir(parents=True)
        for colour in COLOURS[part]:
            (folder / named / f"{colour}.png").write_bytes(picture(shape, colour))
    return folder


async def test_what_was_trained_is_tested(settings: Settings, tmp_path: Path) -> None:
    trained = await photo_commands.train(settings, put(tmp_path / "photos", "train"), quiet)
    assert (trained.photos, trained.labelled, trained.classes) == (6, 2, 2)
    assert "Learned 2 classes" in photo_commands.trained_lines(trained)[0]
    folder = put(tmp_path / "others", "test")
    (folder / "unknown").mkdir()
    (folder / "unknown" / "noise.png").write_bytes(noise(60))
    tested = await photo_commands.test(settings, folder, quiet)
    assert (tested.scores.photos, tested.scores.unknown, tested.scores.accuracy) == (6, 1, 1.0)
    lines = "\n".join(photo_commands.tested_lines(tested))
    assert all(words in lines for words in ("accuracy 1.000", "larger classes", "calibration error", "AUROC"))


async def test_too_few_photos_leave_the_network_as_it_is(settings: Settings, tmp_path: Path) -> None:
    trained = await photo_commands.train(settings, put(tmp_path / "photos", "train"), quiet, minutes=1)
    assert trained.tuning is None
    assert "too few" in photo_commands.trained_lines(trained)[1]


@pytest.mark.parametrize(("after", "use"), [(0.9, "it is used"), (0.8, "it is not used")])
def test_what_became_of_the_network_is_said(after: float, use: str) -> None:
    trained = Trained(400, 3, 5, PictureReport(0, {}), Tuning(40, 0.8, after, 12.3), 1700, minutes=30)
    line = photo_commands.trained_lines(trained)[1]
    assert all(words in line for words in ("12.3 times", "40 photos", f"{after:.3f}", "0.800", use))


async def test_what_cannot_be_tested_or_taught_is_said(settings: Settings, tmp_path: Path) -> None:
    folder = put(tmp_path / "photos", "train")
    with pytest.raises(BadInput, match=r"nothing to test.*photos train"):
        await photo_commands.test(settings, folder, quiet)
    await photo_commands.train(settings, folder, quiet)
    (folder / "hats").mkdir()
    (folder / "hats" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(BadInput, match=r"hats is none of the 2 classes"):
        await photo_commands.test(settings, folder, quiet)
    (folder / "hats" / "broken.png").rename(folder / "P1" / "broken.png")
    with pytest.raises(BadPhoto, match=r"P1/broken\.png.*Delete it"):
        await photo_commands.test(settings, folder, quiet)
    trained = await photo_commands.train(settings, folder, quiet)
    assert "broken.png: this is no picture" in photo_commands.trained_lines(trained)[1]
    with pytest.raises(BadSettings, match=r"photos\.encoder"):
        off = settings.photos.model_copy(update={"encoder": "none"})
        await photo_commands.train(settings.model_copy(update={"photos": off}), folder, quiet)
