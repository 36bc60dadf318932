"""TikTok by a module in the place of TikTokLive: lines that end, fail and go silent, and a package that is not there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.errors import BadSettings, StorageUnavailable
from bot.fakes import EPOCH, FakeClock
from bot.live import EventKind, RoomEvent, ViewerComment
from channels.live.inlet import RoomInlet
from channels.live.sources import bringing
from channels.live.sources.bringing import Unreadable
from channels.live.sources.tiktok import TikTokSettings, open_tiktok
from channels.live.sources.tiktok import source as source_module
from channels.live.sources.tiktok.library import loaded
from channels.live.sources.tiktok.reading import read
from channels.live.sources.tiktok.source import Pace, TikTok
from tests.channels.live.conftest import Live
from tests.channels.live.tiktok import (
    NOW_MS,
    Platform,
    SignatureRateLimitError,
    UserOfflineError,
    comment,
    drops,
    event,
    gift,
    silent,
    stays,
)
from tests.channels.telegram.conftest import until

FAST = Pace(start=2, stalled=0.6, stop=0.5, first_wait=0.01, last_wait=0.05)

# ---- events


def test_a_comment() -> None:
    [said] = read("CommentEvent", comment(7, "有货吗"), EPOCH)
    assert isinstance(said, ViewerComment)
    assert (said.id, said.author, said.name, said.text) == ("7", "680001", "小雨", "有货吗")
    assert said.at == EPOCH + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (gift(7, "Rose", 5), (EventKind.GIFT, 5, "Rose")),
        (event("LikeEvent", 7, count=15), (EventKind.LIKE, 15, "")),
        (event("JoinEvent", 7), (EventKind.ENTER, 1, "")),
        (event("FollowEvent", 7), (EventKind.FOLLOW, 1, "")),
        (event("ShareEvent", 7), (EventKind.SHARE, 1, "")),
    ],
)
def test_events(given: Any, expected: tuple[Any, ...]) -> None:
    [found] = read(given.get_type(), given, EPOCH)
    assert isinstance(found, RoomEvent) and (found.kind, found.count, found.what) == expected
    assert (found.id, found.author, found.amount) == ("7", "680001", None)


def test_of_a_streak_its_end_counts() -> None:
    assert read("GiftEvent", gift(7, "Rose", 3, streaking=True), EPOCH) == ()
    assert read("ControlEvent", event("LikeEvent", 7), EPOCH) == ()


@pytest.mark.parametrize(
    "given",
    [
        comment(0, "no id"),
        comment(7, "nobody", author=0),
        SimpleNamespace(comment="nothing else", common=None, user=None),
        SimpleNamespace(),
        comment(7, "when", at=10**30),
    ],
)
def test_what_lacks_what_it_must_have_is_unreadable(given: Any) -> None:
    with pytest.raises(Unreadable):
        read("CommentEvent", given, EPOCH)


# ---- the line


@asynccontextmanager
async def listening(
    live: Live, platform: Platform, monkeypatch: pytest.MonkeyPatch, key: str = "", pace: Pace = FAST
) -> AsyncIterator[TikTok]:
    platform.install(monkeypatch)
    tiktok = TikTok(loaded("tiktok"), "shop", key, live.clock, pace=pace)
    inlet = RoomInlet("tiktok", await live.rooms.opened("main"), live.intake, live.clock, tiktok.health)
    running = asyncio.create_task(tiktok.run(inlet))
    try:
        yield tiktok
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert all(client.closed == ["line", "web"] for client in platform.clients), "nothing is left open"


def texts(live: Live) -> list[str]:
    return [line["text"] for line in live.rooms.all()[0].history if line["type"] == "comment"]


def asks(number: int) -> Any:
    return comment(number + 1, f"how much is the jacket no {number}", author=number + 1)


async def test_lines_that_end_fail_and_go_silent_are_opened_again_and_repeats_dropped(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform(
        [
            drops(asks(0), asks(1)),
            drops(asks(1), asks(2), error=ConnectionError("reset")),
            silent(asks(2)),
            stays(asks(3), comment(0, "no id")),
        ]
    )
    async with listening(live, platform, monkeypatch, "the key") as tiktok:
        await until(lambda: "not even the number of viewers" in tiktok.health.error)
        await until(lambda: len(texts(live)) == 4 and tiktok.health.failed == 1)
        assert texts(live) == [f"how much is the jacket no {n}" for n in range(4)]
        health = tiktok.health
        assert (health.received, health.doubled, health.reconnects, health.lost) == (4, 2, 3, None)
        await asyncio.sleep(1.3)
        assert health.reconnects == 3, "a room that says how many watch is there"
        live.clock.pass_seconds(61)
        assert health.state(live.clock.now(), 60) == "silent", "connected, and nobody says a word"
    assert {client.unique_id for client in platform.clients} == {"shop"}
    assert platform.clients[0].kwargs == {"web_kwargs": {"signer_kwargs": {"sign_api_key": "the key"}}}


async def test_a_streamer_who_is_not_live_is_waited_for(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform([UserOfflineError(), UserOfflineError(), ValueError("the page\n has changed"), stays(asks(0))])
    async with listening(live, platform, monkeypatch) as tiktok:
        await until(lambda: tiktok.health.error == "the streamer is not live")
        assert tiktok.health.state(live.clock.now(), 60) == "never"
        await until(lambda: tiktok.health.error == "ValueError: the page has changed")
        await until(lambda: texts(live))
        assert tiktok.health.error == "" and platform.clients[0].kwargs == {}


async def test_a_stream_that_ends_is_said(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Platform([drops(asks(0), event("LiveEndEvent", 9)), UserOfflineError(), stays(asks(1))])
    async with listening(live, platform, monkeypatch) as tiktok:
        await until(lambda: tiktok.health.error == "the stream is over")
        await until(lambda: len(texts(live)) == 2)


@pytest.mark.parametrize(("reset", "waits"), [(int(EPOCH.timestamp()) + 1, True), (None, False)])
async def test_where_no_more_is_signed_it_waits_as_long_as_it_is_told(
    live: Live, monkeypatch: pytest.MonkeyPatch, reset: int | None, waits: bool
) -> None:
    platform = Platform([SignatureRateLimitError(reset), stays(asks(0))])
    pace = Pace(start=2, stalled=0.2, stop=0.5, first_wait=0.01, last_wait=2)
    async with listening(live, platform, monkeypatch, pace=pace) as tiktok:
        await until(lambda: "RATE_LIMIT" in tiktok.health.error)
        await asyncio.sleep(0.3)
        assert bool(texts(live)) is not waits
        await until(lambda: texts(live))


async def test_history_that_is_old_is_left_and_what_is_too_much_is_counted(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "WAITING", 2)
    platform = Platform([stays(comment(1, "long gone", at=NOW_MS - 600_000), asks(1), asks(2), asks(3))])
    async with listening(live, platform, monkeypatch) as tiktok:
        await until(lambda: texts(live))
        assert texts(live) == ["how much is the jacket no 1"] and tiktok.health.failed == 2


async def test_what_cannot_be_stored_waits(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "AGAIN_S", 0.01)
    live.receiver.error = StorageUnavailable("away")
    async with listening(live, Platform([stays(asks(0))]), monkeypatch) as tiktok:
        await until(lambda: tiktok.health.failed > 2)
        live.receiver.error = None
        await until(lambda: texts(live))


# ---- how it is switched on


async def test_without_the_package_it_says_what_to_install_and_that_it_is_another_licence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "TikTokLive", None)
    settings = TikTokSettings(source="tiktok", name="tt", unique_id="@shop")
    with pytest.raises(BadSettings, match=r"tt: the package TikTokLive is not installed.*AGPL.*streamdesk\[tiktok\]"):
        async with open_tiktok(settings, FakeClock()):
            pass


async def test_a_version_with_other_names_is_refused_and_one_with_ours_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    Platform().install(monkeypatch)
    settings = TikTokSettings(source="tiktok", name="tt", unique_id="@shop", sign_key=SecretStr("k"))
    async with open_tiktok(settings, FakeClock()) as opened:
        assert opened.source is not None and opened.outlet is None
    monkeypatch.delattr(sys.modules["TikTokLive.events"], "GiftEvent")
    with pytest.raises(BadSettings, match="GiftEvent"):
        async with open_tiktok(settings, FakeClock()):
            pass
    with pytest.raises(ValidationError):
        TikTokSettings(source="tiktok", name="tt", unique_id="https://www.tiktok.com/@shop/live")
