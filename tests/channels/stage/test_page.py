"""The stage's page in a real browser: what is said, seen and heard of a driver with the captions engine."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from channels.stage.claims import Sentence
from channels.stage.cues import Go, Halt, Priority
from tests.channels.stage.conftest import Stage, visiting
from tests.channels.stage.shop import TENT
from tests.channels.test_pages import SIZES, Visit, fits

# One browser for all of them.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Served = tuple[Stage, str]
OPENING = Sentence("大家好，接下来给大家介绍：两人帐篷，双层，十分钟搭好。", "zh", topic="opening", product_id="T1")
SECOND = Sentence("Now for the hydrostatic head: 3000 mm.", "en", topic="property", product_id="T1")

# Pixels of the picture that have the colour of the mouth's inside.
INSIDE = """() => {
    const one = document.querySelector("#figure");
    const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
    let count = 0;
    for (let n = 0; n < data.length; n += 4)
        count += Math.hypot(data[n] - 0x6f, data[n + 1] - 0x1f, data[n + 2] - 0x2b) < 12 && data[n + 3] > 250;
    return count;
}"""


async def most_open(page: Page, looks: int = 12) -> int:
    """The widest that the mouth is drawn in about a second."""
    seen = []
    for _ in range(looks):
        seen.append(await page.evaluate(INSIDE))
        await page.wait_for_timeout(70)
    return max(seen)


@pytest.mark.parametrize(("size", "locale"), [("phone", "zh-CN"), ("desktop", "en-GB")])
async def test_what_is_said_is_shown_and_a_stop_clears_it(browser: Browser, stage: Served, size: str, locale: str) -> None:
    world, address = stage
    async with visiting(browser, address) as visit:
        width, height = SIZES[size]
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = await visit.open("/stage", size, locale, context)
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        at_rest = await most_open(page, 4)
        world.say(OPENING)
        await expect(page.locator("#caption")).to_have_text(OPENING.text)
        await expect(page.locator("#caption")).to_be_in_viewport(ratio=1)
        assert await most_open(page) > at_rest + 15
        name = TENT.name.in_("zh" if size == "phone" else "en")
        await expect(page.locator("#card")).to_contain_text(re.compile(rf"7.*{name}.*¥599.*¥799", re.DOTALL))
        await expect(page.locator("#card")).to_be_in_viewport(ratio=1)
        await expect(page.locator(".ai")).to_have_text("AI 主播" if size == "phone" else "AI host")
        await expect(page.locator(".ai")).to_be_in_viewport(ratio=1)
        assert await page.evaluate("document.querySelector('meta[name=ai-generated]').content") == "true"
        await fits(page)
        world.put(Halt())
        await expect(page.locator("#caption")).to_be_hidden(timeout=1000)
        await page.wait_for_timeout(1500)  # a mouth closes by the frame: a busy machine draws few of them
        assert await most_open(page, 4) <= at_rest + 5
        world.put(Go())
        world.say(SECOND, Priority.ANSWER)
        await expect(page.locator("#caption")).to_have_text(SECOND.text)
        await expect(page.locator("#caption")).to_have_attribute("lang", "en")
        assert {url.split("/")[2] for url in asked} == {address.split("/")[2]}
        assert any(url.endswith("/stage/static/stage.js") for url in asked)


async def test_sound_is_switched_on_and_muted(browser: Browser, stage: Served) -> None:
    world, address = stage
    async with visiting(browser, address) as visit:
        page = await visit.open("/stage", "phone", "en-GB")
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        world.say(OPENING)
        await expect(page.locator("#caption")).to_be_visible()
        await page.click("#sound")
        await expect(page.locator("#sound")).to_be_hidden()
        assert await page.evaluate(
            "import('/stage/static/stage.js').then(({ player }) => player.context.state === 'running' && player.speaking())"
        )
        await page.click("#mute")
        await expect(page.locator("#mute")).to_have_attribute("aria-label", "Unmute")
        await page.locator("[data-do=language]").click()
        await expect(page.locator("#mute")).to_have_attribute("aria-label", "取消静音")
        await fits(page)


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080)])
async def test_for_obs_there_is_nothing_but_the_show(browser: Browser, stage: Served, width: int, height: int) -> None:
    world, address = stage
    async with visiting(browser, address) as visit:
        page = await visit.open("/stage?obs=1&skin=weekend", "desktop")
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        world.say(OPENING)
        for seen in ("#caption", "#card", ".ai"):
            await expect(page.locator(seen)).to_be_in_viewport(ratio=1)
        await expect(page.locator("button:visible, a:visible")).to_have_count(0)
        await expect(page.locator(".ai")).to_have_text("AI 主播")
        world.say(SECOND, Priority.ANSWER)
        await expect(page.locator(".ai")).to_have_text("AI host")  # it follows the host, as nobody can switch it
        painted = "['html', 'body', '#stage'].map(one => getComputedStyle(document.querySelector(one)).background)"
        assert all(re.match(r"rgba\(0, 0, 0, 0\) none", one) for one in await page.evaluate(painted))
        corner = "[...document.querySelector('#figure').getContext('2d').getImageData(0, 0, 1, 1).data]"
        assert await page.evaluate(corner) == [0, 0, 0, 0]
        await fits(page)


async def test_a_lost_line_is_shown_and_comes_back(browser: Browser, stage: Served) -> None:
    world, address = stage
    page = await Visit(browser, address).open("/stage", "phone")
    world.say(OPENING)
    await expect(page.locator("#caption")).to_be_visible()
    down = True
    await page.route_web_socket(
        re.compile(".*/stage/socket"), lambda socket: socket.close() if down else socket.connect_to_server()
    )
    await page.reload()
    await expect(page.locator("#line")).to_have_text("连接断开，正在重连……")
    await expect(page.locator("#caption")).to_be_hidden()
    down = False
    await expect(page.locator("#line")).to_be_hidden(timeout=10_000)
    await expect(page.locator("#caption")).to_have_text(OPENING.text)
    await page.context.close()


async def test_who_wants_little_motion_is_spared_gestures_and_sways(browser: Browser, stage: Served) -> None:
    async with visiting(browser, stage[1]) as visit:
        context = await browser.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 844})
        page = await visit.open("/stage", "phone", context=context)
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        stage[0].say(OPENING)
        await expect(page.locator("#caption")).to_be_visible()
        moved = """async () => {
            const { Motion } = await import("/stage/static/motion.js");
            const { motion } = await import("/stage/static/stage.js");
            const range = (still) => {
                const one = new Motion({ still });
                one.act({ mood: "bright", gesture: "greet", look: "camera" });
                const seen = { speaking: true, mouth: { open: 1 }, card: true };
                const at = Array.from({ length: 90 }, () => one.step(1 / 30, seen));
                return ["sway", "breath"].map(part => Math.max(...at.map(p => p[part])) - Math.min(...at.map(p => p[part])))
                    .concat(Math.max(...at.map(p => p.left.y)) - Math.min(...at.map(p => p.left.y)));
            };
            return [motion.still, range(true), range(false)];
        }"""
        still, little, usual = await page.evaluate(moved)
        assert still and little == [0, 0, 0]
        assert all(one > 0.5 for one in usual)
