"""A product in a scene, in a real browser: drawn at true size, still where asked, and absent where it cannot be drawn."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bot.channel import OpenChannel
from bot.commerce import Product
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.web.libraries import installed
from tests.channels.browsers import chromium
from tests.channels.test_pages import fits
from tests.channels.web.demo import draw_pictures, served
from tests.channels.web.test_product_page import DRAWN, LIBRARIES, _ours, page_with_scenes, product
from tests.glb import box_glb

pytestmark = pytest.mark.browser
drawable = pytest.mark.skipif(not installed(LIBRARIES, "three.js"), reason="`make pages` has not been run here")


@asynccontextmanager
async def visit(
    folder: Path, libraries: Path | None, flags: tuple[str, ...] = DRAWN, glb: bool = True
) -> AsyncIterator[Page]:
    shown, models = product(), folder / "models"
    models.mkdir()
    draw_pictures(folder / "pictures")
    if glb:
        (models / f"{shown.id}.glb").write_bytes(box_glb(0.3, 0.46, 0.14, [one.color.en for one in shown.variants]))

    async def find(product_id: str) -> Product | None:
        return shown if product_id == shown.id else None

    routes = page_with_scenes(find, folder, libraries)
    app = web_application([OpenChannel({}, routes)], {}, Metrics(), Keys({}, is_open=True))
    problems: list[str] = []
    with served(app) as address:
        async with chromium(flags) as browser:
            page = await browser.new_page(viewport={"width": 320, "height": 568}, locale="en-GB", reduced_motion="reduce")
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("request", lambda sent: None if _ours(sent.url, address) else problems.append(sent.url))
            await page.goto(f"{address}/product/{shown.id}#scene")
            yield page
    assert problems == []


@drawable
async def test_drawn_at_true_size_and_still(tmp_path: Path) -> None:
    async with visit(tmp_path, LIBRARIES) as page:
        await expect(page.locator("#scene-why")).to_contain_text("true proportion", timeout=20_000)
        lengths = await page.locator(".measure.edge").all_inner_texts()
        assert lengths == ["30 cm", "46 cm", "14 cm"]
        await expect(page.locator("#step")).to_be_hidden()  # a browser without a headset
        await fits(page)
        await asyncio.sleep(0.5)
        first = await page.locator("#scene").screenshot()
        assert len(Image.open(io.BytesIO(first)).convert("RGB").getcolors(1 << 20) or ()) > 100  # not one colour
        assert await page.locator("#scene").screenshot() == first
        await page.locator("#scene canvas").press("ArrowLeft")
        await asyncio.sleep(0.5)
        assert await page.locator("#scene").screenshot() != first
        await page.get_by_role("button", name="In the studio").click()
        await expect(page.get_by_role("button", name="In the studio")).to_have_attribute("aria-pressed", "true")


async def test_without_the_library_there_is_no_tab(tmp_path: Path) -> None:
    async with visit(tmp_path, None) as page:
        await expect(page.locator("#picture")).to_be_visible()
        await expect(page.locator("#tabs")).to_be_hidden()


@drawable
async def test_without_webgl_the_product_stays_and_it_is_said(tmp_path: Path) -> None:
    async with visit(
        tmp_path, LIBRARIES, ("--no-sandbox", "--disable-gpu", "--disable-3d-apis", "--no-first-run"), glb=False
    ) as page:
        await expect(page.locator("#scene-why")).to_contain_text("cannot draw", timeout=20_000)
        await expect(page.locator("#picture")).to_be_visible()
        await expect(page.locator("#tab-scene")).to_be_disabled()
