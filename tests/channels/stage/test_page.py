"""The stage's page in a real browser: what is said, seen and heard of a driver with the captions engine, and its pure parts."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from bot.clock import SystemClock
from channels.stage.cards import card
from channels.stage.claims import Claims, Sentence
from channels.stage.cues import Event, Go, Halt, Priority, Prompter, Say, Utterance
from channels.stage.driver import Driver
from channels.stage.pages import page_routes
from channels.stage.socket import StagePages, stage_router
from channels.stage.state import State
from channels.stage.voice.captions import Captions
from channels.stage.voice.speech import Speech
from channels.web.pages import page_routes as shared_files
from tests.channels.stage.shop import NOW, TENT, facts_of
from tests.channels.test_pages import SIZES, Visit, chromium, fits
from tests.channels.web.demo import served

# One browser for all of them.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CARD = card(facts_of(TENT))
OPENING = Sentence("大家好，接下来给大家介绍：两人帐篷，双层，十分钟搭好。", "zh", topic="opening", product_id="T1")
SECOND = Sentence("Now for the hydrostatic head: 3000 mm.", "en", topic="property", product_id="T1")


class Yes:
    """`Prompter` for whom all is true."""

    def still_true(self, claims: Claims) -> bool:
        return True

    def fresh(self, sentence: Sentence) -> bool:
        return True

    def reword(self, sentence: Sentence) -> Sentence | None:
        return None

    def bridge(self, sentence: Sentence) -> Sentence | None:
        return None


class Stage:
    """The driver with pages, served from a thread of its own."""

    def __init__(self) -> None:
        self.pages = StagePages({"T1": CARD}.get)
        engines: Any = {"captions": (Captions(), {"zh": "", "en": ""})}
        self.driver = Driver(
            Speech(engines),
            self.pages,
            SystemClock(),
            state=State(("captions",)),
            tables=self._tables,
            listener=lambda order, now: None,
        )
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.include_router(stage_router(self.pages))
        self.app.router.routes.extend([*page_routes(), *shared_files()])

    async def _tables(self, products: frozenset[str], now: datetime) -> Prompter:
        return Yes()

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        work = asyncio.create_task(self.driver.run())
        yield
        work.cancel()

    def put(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self.driver.put, event)

    def say(self, sentence: Sentence, priority: Priority = Priority.NARRATION) -> None:
        self.put(Say(Utterance(sentence.text, priority, (sentence,))))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@contextlib.asynccontextmanager
async def visit(browser: Browser, address: str) -> AsyncIterator[Visit]:
    visiting, others = Visit(browser, address), set(browser.contexts)
    try:
        yield visiting
    finally:
        for context in set(browser.contexts) - others:
            await context.close()
    assert visiting.problems == []


@pytest.fixture
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with served(stage.app) as address:
        yield stage, address


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
async def test_what_is_said_is_shown_and_a_stop_clears_it(
    browser: Browser, stage: tuple[Stage, str], size: str, locale: str
) -> None:
    world, address = stage
    async with visit(browser, address) as visiting:
        width, height = SIZES[size]
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = await visiting.open("/stage", size, locale, context)
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
        await page.wait_for_timeout(500)
        assert await most_open(page, 4) <= at_rest + 5
        world.put(Go())
        world.say(SECOND, Priority.ANSWER)
        await expect(page.locator("#caption")).to_have_text(SECOND.text)
        await expect(page.locator("#caption")).to_have_attribute("lang", "en")
        assert {url.split("/")[2] for url in asked} == {address.split("/")[2]}
        assert any(url.endswith("/stage/static/stage.js") for url in asked)


async def test_sound_is_switched_on_and_muted(browser: Browser, stage: tuple[Stage, str]) -> None:
    world, address = stage
    async with visit(browser, address) as visiting:
        page = await visiting.open("/stage", "phone", "en-GB")
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
async def test_for_obs_there_is_nothing_but_the_show(
    browser: Browser, stage: tuple[Stage, str], width: int, height: int
) -> None:
    world, address = stage
    async with visit(browser, address) as visiting:
        page = await visiting.open("/stage?obs=1&skin=weekend", "desktop")
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        world.say(OPENING)
        for seen in ("#caption", "#card", ".ai"):
            await expect(page.locator(seen)).to_be_in_viewport(ratio=1)
        await expect(page.locator("button:visible, a:visible")).to_have_count(0)
        painted = "['html', 'body', '#stage'].map(one => getComputedStyle(document.querySelector(one)).background)"
        assert all(re.match(r"rgba\(0, 0, 0, 0\) none", one) for one in await page.evaluate(painted))
        corner = "[...document.querySelector('#figure').getContext('2d').getImageData(0, 0, 1, 1).data]"
        assert await page.evaluate(corner) == [0, 0, 0, 0]
        await fits(page)


async def test_a_lost_line_is_shown_and_comes_back(browser: Browser, stage: tuple[Stage, str]) -> None:
    world, address = stage
    page = await Visit(browser, address).open(
        "/stage", "phone"
    )  # where a lost line is expected, and its note in the console
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


async def test_who_wants_little_motion_is_spared_gestures_and_sways(browser: Browser, stage: tuple[Stage, str]) -> None:
    async with visit(browser, stage[1]) as visiting:
        context = await visiting.browser.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 844})
        page = await visiting.open("/stage", "phone", context=context)
        await expect(page.locator("#stage")).to_have_attribute("data-state", "open")
        stage[0].say(OPENING)
        await expect(page.locator("#caption")).to_be_visible()
        moved = """async () => {
            const { Motion } = await import("/stage/static/motion.js");
            const { motion } = await import("/stage/static/stage.js");
            const range = (still) => {
                const one = new Motion({ still });
                one.act({ mood: "bright", gesture: "greet", look: "camera" });
                const at = Array.from({ length: 90 }, () => one.step(1 / 30, { speaking: true, mouth: { open: 1 }, card: true }));
                return ["sway", "breath"].map(part => Math.max(...at.map(p => p[part])) - Math.min(...at.map(p => p[part])))
                    .concat(Math.max(...at.map(p => p.left.y)) - Math.min(...at.map(p => p.left.y)));
            };
            return [motion.still, range(true), range(false)];
        }"""
        still, little, usual = await page.evaluate(moved)
        assert still and little == [0, 0, 0]
        assert all(one > 0.5 for one in usual)


# ---------------------------------------------------------------- the page's pure parts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module(browser: Browser) -> AsyncIterator[Page]:
    with served(Stage().app) as address:
        page = await Visit(browser, address).open("/stage", "phone")
        yield page


async def test_lips_follow_their_times_and_lead_by_less_than_40_ms(module: Page) -> None:
    looked = """async () => {
        const { mouthAt, LEAD_S } = await import("/stage/static/lips.js");
        const visemes = [[0, 0.5, "sil"], [0.5, 0.7, "aa"], [0.7, 0.76, "PP"], [0.76, 0.96, "O"], [1.2, 1.4, "I"]];
        const at = (t) => mouthAt(visemes, t);
        const times = Array.from({ length: 1600 }, (_, n) => n / 1000);
        const steps = times.slice(1).map((t, n) => Math.abs(at(t).open - at(times[n]).open));
        return { lead: LEAD_S, before: at(0.5 - 0.04).open, first: times.find(t => at(t).open > 0.01), aa: at(0.6).open,
            closed: at(0.735).open, O: at(0.87), between: at(1.08), I: at(1.3), after: at(1.5).open, jump: Math.max(...steps) };
    }"""
    found = await module.evaluate(looked)
    assert found["lead"] <= 0.04
    assert found["before"] == 0 and 0.46 < found["first"] <= 0.52
    assert found["aa"] > 0.8 and found["closed"] < 0.05
    assert found["O"]["wide"] < 0.25 < 0.5 < found["I"]["wide"]
    assert found["between"]["open"] == 0 == found["after"]
    assert found["jump"] < 0.05


@pytest.mark.parametrize(
    ("text", "count"), [("你好，世界。", 4), ("Now for the tent: 3000 mm.", 4 + 4 + 1), ("", 0), ("……！", 0), ("买it吧", 3)]
)
async def test_a_text_that_is_only_shown_moves_the_lips_by_its_syllables(module: Page, text: str, count: int) -> None:
    made = await module.evaluate(
        "async (text) => (await import('/stage/static/lips.js')).syllables(text, 3)",
        text,
    )
    assert len(made) == 3 * count
    assert all(start < end for start, end, _ in made)
    assert all(one[1] <= other[0] + 1e-9 for one, other in zip(made, made[1:], strict=False))
    assert not made or (made[0][0] >= 0 and made[-1][1] <= 3 + 1e-9)


async def test_clips_sound_without_a_gap_and_a_stop_is_silent_within_100_ms(module: Page) -> None:
    rendered = """async () => {
        const { Player } = await import("/stage/static/player.js");
        const RATE = 24000;
        const clip = (cue, seconds, level, shape) => {
            const view = new DataView(new ArrayBuffer(44 + 2 * RATE * seconds));
            view.setUint32(24, RATE, true);
            for (let n = 44; n < view.byteLength; n += 2) view.setInt16(n, level * 32767, true);
            const wav = btoa(Array.from(new Uint8Array(view.buffer), one => String.fromCharCode(one)).join(""));
            return { cue, seconds, text: "x", visemes: [[0, seconds, shape]], wav };
        };
        const context = new OfflineAudioContext(1, RATE * 1.5, RATE);
        const player = new Player();
        player.attach(context);
        player.clip(clip(1, 0.3, 0.5, "PP"));
        player.clip(clip(1, 0.6, 0.25, "aa"));
        const seen = {};
        const at = (time, act) => context.suspend(time).then(() => { act(); context.resume(); });
        at(0.2, () => { seen.first = player.mouth().open; });
        at(0.5, () => { seen.second = player.mouth().open; });
        at(0.7, () => {
            player.stop(1);
            seen.stopped = [player.mouth().open, player.speaking()];
            player.clip(clip(1, 0.2, 0.9, "aa"));
            player.clip(clip(2, 0.2, 0.75, "O"));
        });
        at(0.9, () => { seen.third = player.mouth().open; });
        const sound = (await context.startRendering()).getChannelData(0);
        return { seen, levels: Array.from({ length: 1500 }, (_, ms) => sound[ms * 24]) };
    }"""
    found = await module.evaluate(rendered)
    levels, seen = found["levels"], found["seen"]
    first = next(ms for ms, level in enumerate(levels) if level > 0.01)
    assert 40 <= first <= 70
    assert all(level == pytest.approx(0.5, abs=0.01) for level in levels[first + 2 : first + 298])
    assert all(level == pytest.approx(0.25, abs=0.01) for level in levels[first + 302 : 698])
    assert all(abs(level) < 0.01 or level == pytest.approx(0.75, abs=0.02) for level in levels[740:])
    assert all(level == pytest.approx(0.75, abs=0.02) for level in levels[800:900])
    assert levels[1100:] == [0] * 400
    assert seen["first"] < 0.05 and seen["second"] > 0.8 and seen["stopped"] == [0, False] and seen["third"] > 0.5


async def test_sound_that_is_switched_on_late_begins_in_the_middle(module: Page) -> None:
    rendered = """async () => {
        const { Player } = await import("/stage/static/player.js");
        const bytes = new Uint8Array(44 + 2 * 24000);
        const view = new DataView(bytes.buffer);
        view.setUint32(24, 24000, true);
        for (let n = 0; n < 24000; n++) view.setInt16(44 + 2 * n, n, true);
        const wav = btoa(Array.from(bytes, one => String.fromCharCode(one)).join(""));
        const player = new Player();
        player.clip({ cue: 1, seconds: 1, text: "x", visemes: [], wav });
        await new Promise(done => setTimeout(done, 300));
        const context = new OfflineAudioContext(1, 24000, 24000);
        player.attach(context);
        const from = player.now() - player.clips[0].start;
        const sound = (await context.startRendering()).getChannelData(0);
        return [from, sound[2400] * 32768 / 24000 - 0.1];
    }"""
    expected, begun = await module.evaluate(rendered)
    assert expected > 0.2
    assert begun == pytest.approx(expected, abs=0.005)


async def test_what_is_left_of_an_offer_is_counted_down(module: Page) -> None:
    ask = "async ([ends, now]) => (await import('/stage/static/card.js')).timeLeft(ends, now)"
    ends = NOW + timedelta(hours=2, minutes=9, seconds=41)
    now = NOW.timestamp() * 1000
    assert await module.evaluate(ask, [ends.isoformat(), now]) == "02:09:41"
    assert await module.evaluate(ask, [NOW.isoformat(), now]) == ""
    assert await module.evaluate(ask, [(NOW + timedelta(days=2)).isoformat(), now]) == ""
    assert await module.evaluate(ask, [None, now]) == ""
