"""Twitch's EventSub: sockets that drop, go silent and are moved, what is granted and revoked, and lines that go out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import BadSettings, ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.fakes import EPOCH, FakeClock
from bot.live import EventKind, Health, PublicLine, RoomEvent, ViewerComment
from channels.live.inlet import RoomInlet
from channels.live.sources import bringing
from channels.live.sources.bringing import Unreadable
from channels.live.sources.oauth import Grant, Tokens
from channels.live.sources.twitch import TwitchSettings, open_twitch
from channels.live.sources.twitch.helix import Helix, TwitchOutlet
from channels.live.sources.twitch.reading import read
from channels.live.sources.twitch.source import Pace, Twitch
from tests.channels.live.conftest import Live
from tests.channels.live.twitch import Platform, envelope, keep, notification, said, sends, session
from tests.channels.telegram.conftest import until

FAST = Pace(connect=2, subscribe=2, grace=0.3, close=0.2, first_wait=0.01, last_wait=0.05)
ANN = {"user_id": "42", "user_login": "ann", "user_name": "Ann"}
NOBODY = {"user_id": None, "user_login": None, "user_name": None, "is_anonymous": True}

# ---- messages


def test_a_comment_has_the_chats_own_id_and_a_time_in_nanoseconds() -> None:
    [comment] = read(said("m1", "is it in stock"))
    assert isinstance(comment, ViewerComment)
    assert (comment.id, comment.author, comment.name, comment.text) == ("m1", "42", "Ann", "is it in stock")
    assert comment.at.isoformat() == "2026-01-05T12:00:00.123456+00:00"


@pytest.mark.parametrize(
    ("topic", "event", "expected"),
    [
        ("channel.follow", {**ANN, "followed_at": "2026-01-05T12:00:00Z"}, ("follow", 1, "", "42")),
        ("channel.subscribe", {**ANN, "tier": "1000", "is_gift": False}, ("gift", 1, "Tier 1 sub", "42")),
        ("channel.subscription.gift", {**ANN, "tier": "2000", "total": 5, "is_anonymous": False},
         ("gift", 5, "Tier 2 sub", "42")),
        ("channel.subscription.gift", {**NOBODY, "tier": "1000", "total": 5}, ("gift", 5, "Tier 1 sub", "")),
        ("channel.subscription.message", {**ANN, "tier": "3000", "message": {"text": "", "emotes": None}},
         ("gift", 1, "Tier 3 sub", "42")),
        ("channel.cheer", {**ANN, "is_anonymous": False, "message": "pogchamp", "bits": 100}, ("gift", 100, "Bits", "42")),
        ("channel.cheer", {**NOBODY, "message": "", "bits": 1}, ("gift", 1, "Bits", "")),
    ],
)  # fmt: skip
def test_events(topic: str, event: dict[str, Any], expected: tuple[Any, ...]) -> None:
    [found] = read(notification(topic, event, "e-1"))
    assert isinstance(found, RoomEvent) and found.id == "e-1" and found.amount is None
    assert (found.kind, found.count, found.what, found.author) == (EventKind(expected[0]), *expected[1:])


def test_what_is_counted_elsewhere_or_belongs_to_others_is_left() -> None:
    assert read(notification("channel.subscribe", {**ANN, "tier": "1000", "is_gift": True})) == ()
    assert read(notification("channel.raid", ANN)) == ()
    assert read(said("m1", "hello", source_broadcaster_user_id="2")) == ()
    assert len(read(said("m1", "hello", source_broadcaster_user_id="1"))) == 1


def test_a_subscription_that_goes_on_may_say_something() -> None:
    event = {**ANN, "tier": "1000", "message": {"text": "still here", "emotes": []}, "cumulative_months": 7}
    gift, comment = read(notification("channel.subscription.message", event, "e-1"))
    assert isinstance(gift, RoomEvent) and isinstance(comment, ViewerComment) and comment.text == "still here"


def test_bits_are_counted_from_the_comment_only_where_nothing_else_tells_of_them() -> None:
    message = said("m1", "Cheer100 nice", cheer={"bits": 100})
    assert len(read(message)) == 1
    bits, comment = read(message, cheers=True)
    assert isinstance(bits, RoomEvent) and (bits.what, bits.count, bits.author) == ("Bits", 100, "42")
    assert isinstance(comment, ViewerComment)


@given(
    st.sampled_from(["channel.chat.message", "channel.follow", "channel.subscription.gift", "channel.cheer", ""]),
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
)
def test_a_message_is_read_or_said_to_be_unreadable(topic: str, body: Any) -> None:
    about = {"message_id": "m", "message_timestamp": body, "subscription_type": topic}
    for message in (
        body,
        {"metadata": body, "payload": body},
        {"metadata": about, "payload": {"event": body}},
        {"metadata": {**about, "message_timestamp": "2026-01-05T12:00:00Z"}, "payload": {"event": body}},
    ):
        with suppress(Unreadable):
            read(message, cheers=True)


# ---- the socket


@dataclass
class Open:
    health: Health
    outlet: TwitchOutlet
    client: httpx.AsyncClient


@asynccontextmanager
async def listening(live: Live, platform: Platform) -> AsyncIterator[Open]:
    async with platform.serving() as address, httpx.AsyncClient(trust_env=False) as client:
        tokens = Tokens(client, f"http://{address}/token", Grant("the client", "secret", "refresh-0"), live.clock)
        helix = Helix(client, f"http://{address}", tokens, live.clock, broadcaster="1", user="99")
        twitch = Twitch(helix, f"ws://{address}/ws", "99", live.clock, pace=FAST)
        inlet = RoomInlet("twitch", await live.rooms.opened("main"), live.intake, live.clock, twitch.health)
        running = asyncio.create_task(twitch.run(inlet))
        try:
            yield Open(twitch.health, TwitchOutlet(helix), client)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def texts(live: Live) -> list[str]:
    return [line["text"] for line in live.rooms.all()[0].history if line["type"] == "comment"]


def asks(number: int) -> dict[str, Any]:
    return said(f"m{number}", f"how much is the jacket no {number}", author=f"4{number}")


async def test_everything_is_subscribed_for_the_socket_that_welcomed_us(live: Live) -> None:
    platform = Platform([sends(asks(0))])
    async with listening(live, platform) as opened:
        await until(lambda: texts(live) == ["how much is the jacket no 0"])
        transport = {"method": "websocket", "session_id": "session-1"}
        assert [(one["type"], one["version"]) for one in platform.subscribed] == [
            ("channel.chat.message", "1"),
            ("channel.follow", "2"),
            ("channel.subscribe", "1"),
            ("channel.subscription.gift", "1"),
            ("channel.subscription.message", "1"),
            ("channel.cheer", "1"),
        ]
        assert all(one["transport"] == transport for one in platform.subscribed)
        conditions = [one["condition"] for one in platform.subscribed]
        assert conditions[0] == {"broadcaster_user_id": "1", "user_id": "99"}
        assert conditions[1] == {"broadcaster_user_id": "1", "moderator_user_id": "99"}
        await asyncio.sleep(1.6)
        health = opened.health
        assert health.reconnects == 0 and health.state(live.clock.now(), 60) == "live", "keepalives keep it"
        live.clock.pass_seconds(61)
        assert health.state(live.clock.now(), 60) == "silent", "connected, and nobody says a word"
    assert platform.inbound == 0, "Twitch closes a socket on which we send anything"


async def test_a_socket_that_drops_or_goes_silent_is_opened_again_and_repeats_are_dropped(live: Live) -> None:
    platform = Platform(
        [
            sends(asks(0), asks(1), asks(1), then="drop"),
            sends(asks(1), asks(2), then="silent"),
            sends("no JSON", "[]", notification("channel.chat.message", {}), asks(3)),
        ]
    )
    async with listening(live, platform) as opened:
        await until(lambda: "without even a keepalive" in opened.health.error)
        await until(lambda: len(texts(live)) == 4)
        assert texts(live) == [f"how much is the jacket no {n}" for n in range(4)]
        health = opened.health
        assert (health.received, health.doubled, health.failed) == (4, 2, 3)
        assert (health.reconnects, health.lost) == (2, None)
        assert len({one["transport"]["session_id"] for one in platform.subscribed}) == 3, "each socket has its own"


async def test_where_it_is_moved_both_sockets_are_read_and_nothing_is_subscribed_again(live: Live) -> None:
    welcomed = asyncio.Event()

    async def old(platform: Platform, socket: web.WebSocketResponse) -> None:
        await socket.send_json(session("welcome", "session-1"))
        await until(lambda: len(platform.subscribed) == 6)
        await socket.send_json(asks(0))
        url = f"ws://{platform.address}/ws?moved=1"
        await socket.send_json(session("reconnect", "session-1", status="reconnecting", reconnect_url=url))
        await until(lambda: platform.moved)
        await socket.send_json(asks(1))
        welcomed.set()
        await keep(platform, socket)

    async def new(platform: Platform, socket: web.WebSocketResponse) -> None:
        await welcomed.wait()
        await socket.send_json(session("welcome", "session-1"))
        await socket.send_json(asks(1))
        await socket.send_json(asks(2))
        await keep(platform, socket)

    platform = Platform([old, new])
    async with listening(live, platform) as opened:
        await until(lambda: len(texts(live)) == 3)
        assert texts(live) == [f"how much is the jacket no {n}" for n in range(3)]
        await until(lambda: opened.health.doubled == 1)
        assert (opened.health.reconnects, len(platform.subscribed), platform.sockets) == (0, 6, 2)


async def test_where_the_new_address_does_not_answer_it_begins_anew(live: Live) -> None:
    async def old(platform: Platform, socket: web.WebSocketResponse) -> None:
        await sends(session("reconnect", "session-1", reconnect_url="ws://127.0.0.1:9/ws"))(platform, socket)

    platform = Platform([old, sends(asks(0))])
    async with listening(live, platform) as opened:
        await until(lambda: texts(live))
        assert opened.health.reconnects == 1 and len(platform.subscribed) == 12


async def test_what_the_account_did_not_agree_to_is_gone_without_and_bits_come_with_comments(live: Live) -> None:
    platform = Platform([sends(said("m1", "Cheer5 in stock?", cheer={"bits": 5}))])
    platform.refused = {"channel.cheer": 403, "channel.follow": 403}
    async with listening(live, platform) as opened:
        await until(lambda: opened.health.received == 2)
        assert texts(live) == ["Cheer5 in stock?"]


async def test_without_the_chat_there_is_no_use_in_the_rest(live: Live) -> None:
    platform = Platform()
    platform.refused = {"channel.chat.message": 403}
    async with listening(live, platform) as opened:
        await until(lambda: platform.sockets > 2)
        assert opened.health.state(live.clock.now(), 60) == "never" and "403" in opened.health.error
        platform.refused = {"channel.chat.message": 409}
        await until(lambda: opened.health.connected_at is not None)


async def test_a_chat_that_is_revoked_is_subscribed_to_again_and_other_topics_are_not(live: Live) -> None:
    def revoked(topic: str) -> dict[str, Any]:
        about = {"id": "s-1", "status": "authorization_revoked", "type": topic, "version": "1"}
        return envelope("revocation", {"subscription": about}, subscription_type=topic)

    platform = Platform([sends(revoked("channel.cheer"), asks(0), revoked("channel.chat.message")), sends(asks(1))])
    async with listening(live, platform) as opened:
        await until(lambda: len(texts(live)) == 2)
        assert opened.health.reconnects == 1 and platform.sockets == 2


async def test_a_first_message_that_is_no_welcome_is_no_connection(live: Live) -> None:
    platform = Platform([sends(envelope("session_keepalive", {}), welcome=False)])
    async with listening(live, platform) as opened:
        await until(lambda: platform.sockets == 2 and opened.health.connected_at is not None)
        assert opened.health.reconnects == 0


async def test_what_we_tell_is_no_viewers_and_what_cannot_be_stored_waits(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AGAIN_S", 0.01)
    live.receiver.error = StorageUnavailable("away")
    async with listening(live, Platform([sends(said("m9", "[AI] in stock", author="99"), asks(0))])) as opened:
        await until(lambda: opened.health.failed > 2)
        live.receiver.error = None
        await until(lambda: texts(live))
        assert texts(live) == ["how much is the jacket no 0"]


# ---- lines that go out


def line(text: str = "[AI] in stock") -> PublicLine:
    return PublicLine("l1", text, "en", EPOCH)


def dropped(code: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    reason = {"code": code, "message": "Your message wasn't posted."}
    return 200, {"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]}, {}


def failed(status: int, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    return status, {"error": "no", "status": status, "message": "no"}, headers


async def test_a_line_is_told_and_a_token_that_is_refused_renewed(live: Live) -> None:
    platform = Platform()
    async with listening(live, platform) as opened:
        await until(lambda: len(platform.subscribed) == 6)
        await opened.outlet.tell(line("x" * 600))
        assert platform.told == [{"broadcaster_id": "1", "sender_id": "99", "message": "x" * 500}]
        platform.lines.append(failed(401))
        await opened.outlet.tell(line())
        assert platform.bearers[-2:] == ["Bearer token-1", "Bearer token-2"], "also the refresh token is the new one"
        platform.lines.append(dropped("msg_duplicate"))
        await opened.outlet.tell(line())


@pytest.mark.parametrize(
    ("answer", "error", "wait"),
    [
        (dropped("msg_rejected"), Undeliverable, None),
        (dropped("channel_settings"), Undeliverable, None),
        (dropped("msg_ratelimit"), ChannelUnavailable, 5),
        (failed(429, **{"Ratelimit-Reset": str(int(EPOCH.timestamp()) + 30)}), ChannelUnavailable, 30),
        (failed(429), ChannelUnavailable, 5),
        (failed(500), ChannelUnavailable, None),
        (failed(403), Undeliverable, None),
        (failed(422), Undeliverable, None),
        ((200, {"data": []}, {}), ChannelUnavailable, None),
    ],
)
async def test_what_a_refusal_means(live: Live, answer: Any, error: type[Exception], wait: float | None) -> None:
    platform = Platform(lines=[answer])
    async with listening(live, platform) as opened:
        with pytest.raises(error) as raised:
            await opened.outlet.tell(line())
        assert getattr(raised.value, "retry_after", None) == wait


async def test_without_its_secrets_nothing_is_opened() -> None:
    settings = TwitchSettings(source="twitch", name="tw", broadcaster_id="1", user_id="99", client_id=SecretStr("x"))
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_TW_CLIENT_SECRET"):
        async with open_twitch(settings, FakeClock()):
            pass
    full = settings.model_copy(update={name: SecretStr("x") for name in ("client_secret", "refresh_token")})
    async with open_twitch(full, FakeClock()) as opened:
        assert opened.source is not None and opened.outlet is not None


async def test_a_refresh_token_that_is_not_good_is_said_and_never_shown(live: Live) -> None:
    async def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, text=json.dumps({"status": 400, "message": "Invalid refresh token"}))

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        tokens = Tokens(client, "http://token", Grant("the client", "hunter2", "hunter3"), live.clock)
        with pytest.raises(ChannelUnavailable, match="400") as raised:
            await tokens.token()
        assert "hunter" not in str(raised.value)
