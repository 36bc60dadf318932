"""YouTube's Data API: pages that break off and go on, a day's quota that lasts, chats that end, and lines that go out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bot.commerce import Money
from bot.errors import BadSettings, ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.fakes import EPOCH, FakeClock
from bot.live import EventKind, Health, PublicLine, RoomEvent, ViewerComment
from channels.live.inlet import RoomInlet
from channels.live.sources import bringing
from channels.live.sources.bringing import Unreadable
from channels.live.sources.oauth import Grant, Tokens
from channels.live.sources.youtube import YouTubeSettings, open_youtube
from channels.live.sources.youtube.api import Api
from channels.live.sources.youtube.outlet import YouTubeOutlet
from channels.live.sources.youtube.quota import Quota
from channels.live.sources.youtube.reading import read
from channels.live.sources.youtube.source import Chat, Pace, YouTube
from tests.channels.live.conftest import Live
from tests.channels.live.youtube import CHAT, Google, message, page, refusal, said
from tests.channels.telegram.conftest import until

FAST = Pace(first_wait=0.01, last_wait=0.05, no_chat=0.02, no_chat_last=0.05, asks=0.02, polling=0.002)
NOW = EPOCH.isoformat()
PLENTY = 100_000_000

# ---- messages


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        (
            "superStickerEvent",
            {"superStickerDetails": {"amountMicros": "1990000", "currency": "USD", "tier": 1, "superStickerMetadata": {}}},
            (1, "Super Sticker", Money(199, "USD")),
        ),
        ("newSponsorEvent", {"newSponsorDetails": {"memberLevelName": "Gold", "isUpgrade": False}}, (1, "Gold", None)),
        ("newSponsorEvent", {}, (1, "membership", None)),
        (
            "membershipGiftingEvent",
            {"membershipGiftingDetails": {"giftMembershipsCount": 5, "giftMembershipsLevelName": "Gold"}},
            (5, "Gold", None),
        ),
    ],
)
def test_what_is_paid_is_a_gift(kind: str, details: dict[str, Any], expected: tuple[Any, ...]) -> None:
    [event] = read(message("m", kind, **details))
    assert isinstance(event, RoomEvent) and (event.kind, event.author, event.name) == (EventKind.GIFT, "UC-viewer-1", "小雨")
    assert (event.count, event.what, event.amount) == expected


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("superChatEvent", {"superChatDetails": {"amountMicros": "5000000", "currency": "JPY", "userComment": "有货吗"}}),
        ("memberMilestoneChatEvent", {"memberMilestoneChatDetails": {"userComment": "有货吗", "memberMonth": 7}}),
    ],
)
def test_a_gift_that_says_something_is_also_a_comment(kind: str, details: dict[str, Any]) -> None:
    gift, comment = read(message("m", kind, **details))
    assert isinstance(gift, RoomEvent) and gift.amount in {Money(5, "JPY"), None}
    assert isinstance(comment, ViewerComment) and (comment.id, comment.text) == ("m", "有货吗")
    details[f"{kind[:-5]}Details"].pop("userComment")
    assert len(read(message("m", kind, **details))) == 1


def test_other_messages_are_none_of_a_rooms_business_and_long_ids_are_kept_short() -> None:
    assert read(message("m", "messageDeletedEvent", messageDeletedDetails={"deletedMessageId": "x"})) == ()
    assert read(message("m", "giftMembershipReceivedEvent")) == ()
    [one], [same], [other] = (read(said(name, "a")) for name in ("L" * 200, "L" * 200, "L" * 201))
    assert one.id == same.id != other.id and len(one.id) <= 120


@given(
    st.sampled_from(["textMessageEvent", "superChatEvent", "superStickerEvent", "membershipGiftingEvent", ""]),
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
)
def test_a_message_is_read_or_said_to_be_unreadable(kind: str, body: Any) -> None:
    details = {f"{name}Details": body for name in ("textMessage", "superChat", "superSticker", "membershipGifting")}
    for item in (body, {"snippet": body}, {"snippet": {"type": kind, **details}}, message("m", kind, **details)):
        with suppress(Unreadable):
            read(item)


# ---- quota


def test_a_days_units_last_for_the_hours_of_the_show_and_answers_have_their_share() -> None:
    clock = FakeClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    quota = Quota(clock, 10_000, 3, 0.3)
    end, readings = clock.now() + timedelta(hours=3), 0
    while clock.now() < end:
        quota.read(5)
        readings += 1
        wait = quota.wait_to_read(2)
        assert wait is not None and 8.4 < wait < 8.6, "7,000 units are 1,400 readings in 3.3 hours"
        clock.pass_seconds(wait)
    assert 1260 <= readings <= 1280
    thin = [quota.wait_to_read(2) for _ in range(100) if quota.read(5) is None]  # nobody has passed a second meanwhile
    assert thin[-1] is not None and thin[0] is not None and thin[-1] > thin[0], "overtime is read more thinly"
    for _ in range(10_000):
        quota.read(5)
    assert quota.wait_to_read(2) is None, "what is for answers is not read away"
    assert quota.wait_to_answer() == 0
    clock.pass_seconds(quota.until_tomorrow())
    assert quota.wait_to_read(2) is not None


def test_where_the_platform_asks_for_longer_waits_than_the_quota_it_has_them() -> None:
    assert Quota(FakeClock(), PLENTY, 3, 0).wait_to_read(5) == 5


def test_answers_are_spread_over_the_show() -> None:
    clock = FakeClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    quota = Quota(clock, 10_000, 3, 0.3)
    quota.read(5)
    told = 0
    while quota.wait_to_answer() == 0:
        quota.answered()
        told += 1
    assert told == 15, "a tenth of 150 at once"
    wait = quota.wait_to_answer()
    assert wait is not None and 71 < wait < 73, "and then one in 72 s"
    clock.pass_seconds(wait)
    assert quota.wait_to_answer() == 0
    clock.pass_seconds(3 * 3600)
    while quota.wait_to_answer() == 0:
        quota.answered()
        told += 1
    assert told == 150 and quota.wait_to_answer() is None
    assert Quota(clock, 10_000, 3, 0).wait_to_answer() is None


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 7, 1, 5, tzinfo=UTC), 2),  # summer: midnight there is 07:00 UTC
        (datetime(2026, 1, 15, 7, 30, tzinfo=UTC), 0.5),
        (datetime(2026, 3, 8, 8, tzinfo=UTC), 23),  # the day on which the clocks go forward
    ],
)
def test_a_day_ends_at_midnight_pacific_time(now: datetime, hours: float) -> None:
    clock = FakeClock(now)
    quota = Quota(clock, 10_000, 3, 0.3)
    quota.exhausted()
    assert quota.wait_to_read(1) is None and quota.wait_to_answer() is None
    assert quota.until_tomorrow() == hours * 3600
    clock.pass_seconds(hours * 3600 - 1)
    assert quota.wait_to_read(1) is None
    clock.pass_seconds(1)
    assert quota.wait_to_read(1) is not None


# ---- the chat


@dataclass
class Open:
    health: Health
    chat: Chat
    outlet: YouTubeOutlet
    quota: Quota


@asynccontextmanager
async def listening(live: Live, google: Google, *, telling: bool = False, units: int = PLENTY) -> AsyncIterator[Open]:
    async with google.serving() as url, httpx.AsyncClient(trust_env=False) as client:
        tokens = Tokens(client, f"{url}/token", Grant("id", "secret", "refresh"), live.clock) if telling else None
        quota, chat = Quota(live.clock, units, 3, 0.3), Chat()
        api = Api(client, url, "the key", tokens, quota)
        youtube = YouTube(api, "abcdefghijk", chat, quota=quota, clock=live.clock, pace=FAST)
        inlet = RoomInlet("youtube", await live.rooms.opened("main"), live.intake, live.clock, youtube.health)
        running = asyncio.create_task(youtube.run(inlet))
        try:
            yield Open(youtube.health, chat, YouTubeOutlet(api, chat, quota), quota)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def texts(live: Live) -> list[str]:
    return [line["text"] for line in live.rooms.all()[0].history if line["type"] == "comment"]


def asks(number: int) -> dict[str, Any]:
    return said(f"m{number}", f"how much is the jacket no {number}", author=f"UC-{number}", at=NOW)


async def test_it_goes_on_from_its_token_after_breaks_and_doubles_nothing(live: Live) -> None:
    google = Google(
        {
            "": page(asks(0), asks(1), following="t1"),
            "t1": page(asks(1), asks(2), following="t2"),
            "t2": page(asks(3), message("g", "newSponsorEvent", at=NOW), following="t3"),
        },
        first=[None, (500, {}), (502, {"error": {"code": 502, "message": "bad gateway"}})],
    )
    async with listening(live, google) as opened:
        await until(lambda: len(texts(live)) == 4 and opened.health.received == 5)
        assert texts(live) == [f"how much is the jacket no {n}" for n in range(4)]
        google.first.extend([None, refusal(403, "rateLimitExceeded")][:1])
        await until(lambda: opened.health.reconnects == 1 and opened.health.connected_at is not None)
        health = opened.health
        assert (health.doubled, health.lost, health.failed) == (1, None, 0)
        assert google.asked[:3] == ["", "", ""] and google.asked[-1] == "t3", "never from the beginning again"
        assert google.keys == {"the key"} and google.looked == 5
        assert health.state(live.clock.now(), 60) == "live"
        assert health.state(live.clock.now() + timedelta(seconds=61), 60) == "silent", "connected, and nobody says a word"


async def test_a_token_that_is_refused_begins_with_what_the_platform_still_has(live: Live) -> None:
    google = Google({"": page(asks(0), following="t1")})
    async with listening(live, google) as opened:
        await until(lambda: "t1" in google.asked)
        google.pages[""] = page(asks(0), asks(1), following="t9")
        google.first.append(refusal(400, "pageTokenInvalid"))
        await until(lambda: len(texts(live)) == 2 and google.asked[-1] == "t9")
        assert (opened.health.doubled, opened.health.reconnects) == (1, 0)


async def test_old_history_is_left_and_what_cannot_be_read_is_counted(live: Live) -> None:
    old = (EPOCH - timedelta(minutes=10)).isoformat()
    broken = message("b", textMessageDetails={})
    google = Google({"": page(said("m0", "long gone", at=old), broken, asks(1), following="t1")})
    async with listening(live, google) as opened:
        await until(lambda: texts(live))
        assert texts(live) == ["how much is the jacket no 1"] and opened.health.failed == 1


@pytest.mark.parametrize(
    "end",
    [refusal(403, "liveChatEnded"), refusal(404, "liveChatNotFound"), refusal(403, "liveChatDisabled"), "offline", "event"],
)
async def test_a_chat_that_is_over_is_left_and_the_next_one_found(live: Live, end: Any) -> None:
    google = Google({"": page(asks(0), following="t1")})
    async with listening(live, google) as opened:
        await until(lambda: len(texts(live)) == 1)
        if end == "offline":
            google.pages["t1"] = page(following="t1", offlineAt=NOW)
        elif end == "event":
            google.pages["t1"] = page(message("e", "chatEndedEvent"), following="t1")
        else:
            google.first.append(end)
        google.chat = None
        await until(lambda: "no live chat" in opened.health.error)
        assert opened.health.state(live.clock.now(), 60) == "away" and opened.chat.id == ""
        google.pages = {"": page(asks(5), following="t1")}
        google.chat = "another"
        await until(lambda: len(texts(live)) == 2)
        assert opened.chat.id == "another" and google.asked.count("") == 2, "a token is none of another chat"


async def test_a_spent_quota_is_said_and_tried_again(live: Live) -> None:
    google = Google({"": page(asks(0), following="t1")}, first=[refusal(403, "quotaExceeded")] * 2)
    async with listening(live, google) as opened:
        await until(lambda: "midnight Pacific" in opened.health.error)
        assert opened.health.state(live.clock.now(), 60) == "never"
        await until(lambda: len(texts(live)) == 1)
        assert opened.health.error == ""


async def test_no_call_is_made_beyond_what_was_planned(live: Live) -> None:
    google = Google()
    async with listening(live, google, units=0) as opened:
        await until(lambda: google.looked > 1)
        assert not google.asked and "midnight Pacific" in opened.health.error


async def test_what_cannot_be_stored_waits(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "AGAIN_S", 0.01)
    live.receiver.error = StorageUnavailable("away")
    async with listening(live, Google({"": page(asks(0), following="t1")})) as opened:
        await until(lambda: opened.health.failed > 2)
        live.receiver.error = None
        await until(lambda: len(texts(live)) == 1)


# ---- lines that go out


def line(text: str = "[AI] in stock") -> PublicLine:
    return PublicLine("l1", text, "en", EPOCH)


async def test_a_line_is_told_by_the_account_whose_own_words_are_not_read(live: Live) -> None:
    google = Google({"": page(said("own", "[AI] in stock", author="UC-own", at=NOW), asks(1), following="t1")})
    async with listening(live, google, telling=True) as opened:
        await until(lambda: len(texts(live)) == 1)
        await opened.outlet.tell(line("x" * 300))
        [told] = google.told
        assert told["snippet"] == {
            "liveChatId": CHAT,
            "type": "textMessageEvent",
            "textMessageDetails": {"messageText": "x" * 200},
        }
        assert texts(live) == ["how much is the jacket no 1"]
        [renewed] = google.renewed
        assert renewed == {
            "grant_type": "refresh_token",
            "refresh_token": "refresh",
            "client_id": "id",
            "client_secret": "secret",
        }
        google.inserts.append(refusal(401, "authError"))
        await opened.outlet.tell(line())
        assert google.bearers[-2:] == ["Bearer token-1", "Bearer token-2"] and len(google.told) == 2
        live.clock.pass_seconds(3600)
        await opened.outlet.tell(line())
        assert google.bearers[-1] == "Bearer token-3", "a token that ends is renewed before it is refused"


async def test_an_account_that_fails_keeps_nobody_from_reading_and_nothing_is_told_until_it_is_known(live: Live) -> None:
    google = Google({"": page(asks(0), following="t1")}, no_tokens=2)
    async with listening(live, google, telling=True) as opened:
        await until(lambda: texts(live))
        assert opened.health.state(live.clock.now(), 60) == "live" and opened.chat.own is None
        with pytest.raises(ChannelUnavailable, match="refresh token"):
            await opened.outlet.tell(line())
        assert not google.told
        await opened.outlet.tell(line())
        google.pages["t1"] = page(said("own", "[AI] in stock", author="UC-own", at=NOW), asks(1), following="t2")
        await until(lambda: len(texts(live)) == 2)
        assert "[AI] in stock" not in texts(live) and len(google.told) == 1


@pytest.mark.parametrize(
    ("refused", "error", "wait"),
    [
        (refusal(403, "rateLimitExceeded"), ChannelUnavailable, 20),
        (refusal(429, "rateLimitExceeded"), ChannelUnavailable, 20),
        (refusal(503, "backendError"), ChannelUnavailable, None),
        (refusal(400, "messageTextInvalid"), Undeliverable, None),
        (refusal(403, "forbidden"), Undeliverable, None),
        (refusal(403, "liveChatEnded"), Undeliverable, None),
        (refusal(404, "liveChatNotFound"), Undeliverable, None),
        (refusal(403, "quotaExceeded"), Undeliverable, None),
    ],
)
async def test_what_a_refusal_means(
    live: Live, refused: tuple[int, dict[str, Any]], error: type[Exception], wait: float | None
) -> None:
    google = Google(inserts=[refused])
    async with listening(live, google, telling=True) as opened:
        await until(lambda: opened.chat.id)
        with pytest.raises(error) as raised:
            await opened.outlet.tell(line())
        assert getattr(raised.value, "retry_after", None) == wait


async def test_a_line_waits_for_an_open_chat_and_its_turn_in_the_quota(live: Live) -> None:
    google = Google(chat=None)
    async with listening(live, google, telling=True, units=1_000) as opened:
        await until(lambda: google.looked)
        with pytest.raises(ChannelUnavailable, match="no open chat"):
            await opened.outlet.tell(line())
        opened.chat.id = CHAT
        await opened.outlet.tell(line())
        with pytest.raises(ChannelUnavailable, match="spread") as raised:
            await opened.outlet.tell(line())
        assert raised.value.retry_after and raised.value.retry_after > 60
        opened.quota.exhausted()
        with pytest.raises(Undeliverable, match="spent"):
            await opened.outlet.tell(line())


# ---- how it is switched on


async def test_without_its_secrets_nothing_is_opened() -> None:
    settings = YouTubeSettings(source="youtube", name="yt", video="abcdefghijk")
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_YT_API_KEY"):
        async with open_youtube(settings, FakeClock()):
            pass
    half = settings.model_copy(update={"api_key": SecretStr("k"), "client_id": SecretStr("c")})
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_YT_CLIENT_SECRET"):
        async with open_youtube(half, FakeClock()):
            pass
    with pytest.raises(ValidationError):
        YouTubeSettings(source="youtube", name="yt", video="https://youtu.be/x")


async def test_without_an_account_that_tells_it_only_reads() -> None:
    settings = YouTubeSettings(source="youtube", name="yt", video="abcdefghijk", api_key=SecretStr("k"))
    async with open_youtube(settings, FakeClock()) as opened:
        assert opened.source is not None and opened.outlet is None
    names = ("client_id", "client_secret", "refresh_token")
    full = settings.model_copy(update={name: SecretStr("x") for name in names})
    async with open_youtube(full, FakeClock()) as opened:
        assert opened.outlet is not None
    async with open_youtube(full.model_copy(update={"answers": "none"}), FakeClock()) as opened:
        assert opened.outlet is None
