"""A product's page in a real browser: in 3D where that is installed, and as a picture where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import APIRouter
from playwright.async_api import Page, expect
from starlette.routing import BaseRoute

from bot.channel import OpenChannel
from bot.commerce import Attribute, Product, Text
from bot.fakes import FakeClock, FakeLimits
from bot.pack import SCENES, Pack
from bot.scenes import read_scenes
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.web.chat import ProductReader
from channels.web.libraries import installed
from channels.web.pages import page_routes
from channels.web.product import ProductDoor, product_router
from channels.web.scene import SceneDoor, scene_router
from channels.web.scenery import Scenery
from knowledge.encoders.hashing import HashingEncoder
from tests.channels.browsers import chromium
from tests.channels.live.shop import PRODUCTS
from tests.channels.test_pages import SIZES, fits
from tests.channels.web.demo import draw_pictures, served
from tests.glb import box_glb

pytestmark = pytest.mark.browser
LIBRARIES = Path("var/libraries")
STATED = Attribute("dimensions", Text("尺寸", "Dimensions"), Text("46 × 30 × 14 cm", "46 × 30 × 14 cm"))
# Pages are drawn by the processor.
DRAWN = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run")
in_3d = pytest.mark.skipif(not installed(LIBRARIES, "model-viewer.js"), reason="`make pages` has not been run here")


def product() -> Product:
    """One in two colours."""
    first = PRODUCTS[0].variants[0]
    other = replace(first, sku="other", color=Text("红色", "Red"))
    return replace(PRODUCTS[0], attributes=(STATED,), variants=(first, other))


def page_with_scenes(find: ProductReader, folder: Path, libraries: Path | None) -> tuple[APIRouter | BaseRoute, ...]:
    """The page, its scenes and what both show: models and pictures in the folder."""
    door = ProductDoor(find, FakeLimits(), folder / "models", libraries, "https://live.example")
    scenery = Scenery(read_scenes(Pack().layers(SCENES)), HashingEncoder())
    scenes = SceneDoor(scenery, find, FakeLimits(), FakeClock(), ZoneInfo("UTC"))
    return (product_router(door), scene_router(scenes), *page_routes(folder / "pictures"))


@asynccontextmanager
async def visit(folder: Path, libraries: Path | None, size: str, locale: str) -> AsyncIterator[Page]:
    """The page, on a device; what goes wrong in it or is asked of elsewhere fails the test."""
    shown, models = product(), folder / "models"
    models.mkdir()
    draw_pictures(folder / "pictures")
    colours = [variant.color.en for variant in shown.variants]
    (models / f"{shown.id}.glb").write_bytes(box_glb(0.3, 0.46, 0.14, colours))

    async def find(product_id: str) -> Product | None:
        return shown if product_id == shown.id else None

    routes = page_with_scenes(find, folder, libraries)
    app = web_application([OpenChannel({}, routes)], {}, Metrics(), Keys({}, is_open=True))
    problems: list[str] = []
    with served(app) as address:
        async with chromium(DRAWN) as browser:
            width, height = SIZES[size]
            page = await browser.new_page(viewport={"width": width, "height": height}, locale=locale)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
            page.on("request", lambda sent: None if _ours(sent.url, address) else problems.append(sent.url))
            await page.goto(f"{address}/product/{shown.id}")
            yield page
    assert problems == []


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "blob:", "data:"))


async def comes(page: Page, expression: str) -> Any:
    """What an expression comes to when it is true at last; the page's policy lets nothing wait inside it."""
    for _ in range(100):
        if value := await page.evaluate(expression):
            return value
        await asyncio.sleep(0.1)
    raise AssertionError(f"never came true: {expression}")


@in_3d
async def test_in_3d_at_true_size_and_in_its_colours(tmp_path: Path) -> None:
    async with visit(tmp_path, LIBRARIES, "phone", "zh-CN") as page:
        await comes(page, "document.querySelector('model-viewer')?.loaded")
        size = await page.evaluate("(({x, y, z}) => [x, y, z])(document.querySelector('model-viewer').getDimensions())")
        assert size == pytest.approx([0.3, 0.46, 0.14])
        await expect(page.locator("model-viewer")).to_have_attribute("ar-scale", "fixed")
        await expect(page.locator("#ar")).to_be_hidden()  # a browser without AR has no button for it
        red = page.get_by_role("button", name="红色")
        await red.click()
        await expect(red).to_have_attribute("aria-pressed", "true")
        assert await page.evaluate("document.querySelector('model-viewer').variantName") == "Red"
        for name, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await expect(page.locator("#phone")).to_be_visible(visible=name == "desktop")
            await fits(page)


async def test_without_the_library_the_picture_and_the_size_stay(tmp_path: Path) -> None:
    async with visit(tmp_path, None, "phone", "zh-CN") as page:
        await expect(page.locator("#note")).to_contain_text("没有装")
        await expect(page.locator("#picture")).to_be_visible()
        await expect(page.locator("#dimensions")).to_have_text("46 × 30 × 14 cm")
        await expect(page.locator("#colours")).to_be_hidden()
        await fits(page)
