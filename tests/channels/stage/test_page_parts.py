"""The pure parts of the stage's page, and its sound rendered offline, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.channels.stage.conftest import Stage
from tests.channels.stage.shop import NOW
from tests.channels.test_pages import Visit
from tests.channels.web.demo import served

# One browser for all of them.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


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
            closed: at(0.735).open, O: at(0.87), between: at(1.08), I: at(1.3), after: at(1.5).open,
            jump: Math.max(...steps) };
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
    assert all(one[1] <= other[0] + 1e-9 for one, other in pairwise(made))
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


async def test_the_host_blinks_like_a_person_and_nothing_of_it_jumps(module: Page) -> None:
    moved = """async () => {
        const { Motion } = await import("/stage/static/motion.js");
        const gestures = ["greet", "point", "offer", "count", "bow", "talk", "stress"];
        let seed = 7;
        const one = new Motion({ random: () => (seed = (seed * 16807) % 2147483647) / 2147483647 });
        const pass = (seconds, speaking) => {
            const found = { blinks: 0, jump: 0, looks: new Set() };
            let before = null;
            for (let n = 0; n < seconds * 60; n++) {
                if (speaking && n % 300 === 0) one.act({ mood: "bright", gesture: gestures[(n / 300) % 7], look: "camera" });
                const mouth = { open: speaking ? Math.abs(Math.sin(n / 7)) : 0, wide: 0.5, teeth: 0, tongue: 0 };
                const pose = one.step(1 / 60, { speaking, mouth, card: true });
                const places = [pose.left, pose.left.elbow, pose.right, pose.right.elbow];
                if (before) {
                    found.blinks += before.lid >= 0.3 && pose.lid < 0.3;
                    places.forEach((p, i) => {
                        found.jump = Math.max(found.jump, Math.hypot(p.x - before.places[i].x, p.y - before.places[i].y));
                    });
                }
                found.looks.add(one.gaze.look);
                before = { lid: pose.lid, places };
            }
            return { ...found, looks: [...found.looks].sort() };
        };
        return [pass(300, false), pass(300, true)];
    }"""
    resting, speaking = await module.evaluate(moved)
    assert 10 <= resting["blinks"] / 5 <= 25
    assert 15 <= speaking["blinks"] / 5 <= 35
    assert resting["looks"] == speaking["looks"] == ["camera", "comments", "product"]
    assert resting["jump"] < 5  # of a figure that is 1000 high, in a sixtieth of a second
    assert speaking["jump"] < 45
