"""Bilibili's protocol, on frames built byte by byte, and a platform that drops, stalls, repeats and refuses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.commerce import Money
from bot.errors import BadSettings, StorageUnavailable
from bot.fakes import FakeClock
from bot.live import EventKind, Health, RoomEvent, ViewerComment
from channels.live.inlet import RoomInlet
from channels.live.sources import bringing
from channels.live.sources.bilibili import BilibiliSettings, open_bilibili
from channels.live.sources.bilibili.app import App, Credentials, sign
from channels.live.sources.bilibili.frames import MAX_UNPACKED, BadFrame, Operation, packed, packets
from channels.live.sources.bilibili.reading import Unreadable, read
from channels.live.sources.bilibili.source import Bilibili, Pace
from tests.channels.live.bilibili import Platform, danmu, message, packet, sends, squeezed
from tests.channels.live.conftest import Live
from tests.channels.telegram.conftest import until

FAST = Pace(heartbeat=0.05, stalled=0.3, keep=0.05, connect=2, first_wait=0.01, last_wait=0.05)
KEYS = Credentials("key id", "key secret")

# ---- frames


def test_a_packet_has_sixteen_bytes_before_its_body() -> None:
    made = packed(Operation.AUTH, b"{}")
    assert made == bytes.fromhex("00000012 0010 0000 00000007 00000001".replace(" ", "")) + b"{}"


def test_one_frame_may_hold_many_packets_also_squeezed_ones() -> None:
    frame = packet(3, b"\0\0\0\1", version=1) + danmu("m1", "a") + squeezed(danmu("m2", "b"), squeezed(danmu("m3", "c")))
    found = list(packets(frame))
    assert [one.operation for one in found] == [3, 5, 5, 5]
    assert [one.json()["data"]["msg_id"] for one in found[1:]] == ["m1", "m2", "m3"]


def test_brotli_is_read_where_it_is_there_and_named_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = packet(5, b"<squeezed>", version=3)
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(BadFrame, match="brotli is not installed"):
        list(packets(frame))
    library = SimpleNamespace(decompress=lambda data: danmu("m1", "a") if data == b"<squeezed>" else b"", error=ValueError)
    monkeypatch.setitem(sys.modules, "brotli", library)
    assert [one.json()["data"]["msg_id"] for one in packets(frame)] == ["m1"]


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with suppress(BadFrame):
        for one in packets(data):
            one.json()


@pytest.mark.parametrize(
    "frame",
    [
        danmu("m1", "a")[:-1],
        struct.pack(">IHHII", 15, 16, 0, 5, 1),
        struct.pack(">IHHII", 16, 8, 0, 5, 1),
        packet(5, b"no zlib", version=2),
        packet(5, zlib.compress(danmu("m1", "a"))[:-4], version=2),
        packet(5, zlib.compress(b"\0" * (MAX_UNPACKED + 1)), version=2),
        squeezed(squeezed(squeezed(squeezed(danmu("m1", "a"))))),
    ],
)
def test_what_is_no_packet_is_refused(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        list(packets(frame))


# ---- messages


def data(**more: Any) -> dict[str, Any]:
    return {"msg_id": "m", "open_id": "o", "uname": "小雨", "timestamp": 1777636800, **more}


@pytest.mark.parametrize(
    ("command", "body", "expected"),
    [
        ("SEND_GIFT", data(gift_name="辣条", gift_num=3, price=100, paid=False), ("gift", 3, "辣条", None)),
        ("SEND_GIFT", data(gift_name="小花花", gift_num=3, price=100, paid=True), ("gift", 3, "小花花", Money(30))),
        ("LIKE", data(like_count=7, like_text="点赞了"), ("like", 7, "", None)),
        ("LIVE_ROOM_ENTER", {**data(), "msg_id": None}, ("enter", 1, "", None)),
        (
            "GUARD",
            {"user_info": {"open_id": "o", "uname": "小雨"}, "guard_level": 3, "guard_num": 1, "price": 198000,
             "msg_id": "m",
             "timestamp": 1777636800},
            ("gift", 1, "舰长", Money(198_00)),
        ),
    ],
)  # fmt: skip
def test_events(command: str, body: dict[str, Any], expected: tuple[Any, ...]) -> None:
    [event] = read({"cmd": f"LIVE_OPEN_PLATFORM_{command}", "data": body})
    assert isinstance(event, RoomEvent) and (event.author, event.name) == ("o", "小雨") and event.id
    assert (event.kind, event.count, event.what, event.amount) == (EventKind(expected[0]), *expected[1:])


def test_a_comment_that_is_paid_for_is_a_gift_and_a_comment() -> None:
    paid, said = read({"cmd": "LIVE_OPEN_PLATFORM_SUPER_CHAT", "data": data(message="有货吗", rmb=30, message_id=5)})
    assert isinstance(paid, RoomEvent) and paid.amount == Money(30_00)
    assert isinstance(said, ViewerComment) and (said.id, said.text) == ("m", "有货吗")


def test_a_comment_of_the_webs_own_connection() -> None:
    about: list[Any] = [
        0,
        1,
        25,
        16777215,
        1777636800123,
        -77,
        0,
        "",
        0,
        0,
        0,
        "",
        0,
        "{}",
        "{}",
        {"extra": '{"id_str":"abc"}'},
    ]
    [said] = read({"cmd": "DANMU_MSG:4:0:2:2:2:0", "info": [about, "多少钱", [42, "小雨", 0]]})
    assert isinstance(said, ViewerComment) and (said.id, said.author, said.text) == ("abc", "42", "多少钱")
    old = [read({"cmd": "DANMU_MSG", "info": [about[:15], "多少钱", [uid, "小雨"]]})[0].id for uid in (1, 1, 2)]
    assert old[0] == old[1] != old[2]


@given(
    st.sampled_from(
        ["DANMU_MSG", *(f"LIVE_OPEN_PLATFORM_{name}" for name in ("DM", "SEND_GIFT", "GUARD", "SUPER_CHAT", "LIKE"))]
    ),
    st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
)
def test_a_message_is_read_or_said_to_be_unreadable(command: str, body: Any) -> None:
    with suppress(Unreadable):
        read({"cmd": command, "data": body, "info": body})


def test_other_messages_are_none_of_a_rooms_business() -> None:
    assert read({"cmd": "LIVE_OPEN_PLATFORM_SUPER_CHAT_DEL", "data": {}}) == ()


# ---- calls


def test_a_call_is_signed_over_its_sorted_headers() -> None:
    body = b'{"app_id":1}'
    headers = sign(KEYS, body, 1777636800, "nonce")
    text = (
        "x-bili-accesskeyid:key id\n"
        f"x-bili-content-md5:{hashlib.md5(body).hexdigest()}\n"
        "x-bili-signature-method:HMAC-SHA256\n"
        "x-bili-signature-nonce:nonce\n"
        "x-bili-signature-version:1.0\n"
        "x-bili-timestamp:1777636800"
    )
    assert headers["authorization"] == hmac.new(b"key secret", text.encode(), hashlib.sha256).hexdigest()


async def test_without_its_secrets_nothing_is_opened() -> None:
    settings = BilibiliSettings(source="bilibili", name="bili", app_id=1, access_key_id=SecretStr("x"))
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_BILI_ACCESS_KEY_SECRET"):
        async with open_bilibili(settings, FakeClock()):
            pass


# ---- the line


@asynccontextmanager
async def listening(live: Live, platform: Platform) -> AsyncIterator[Health]:
    async with platform.serving() as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        bilibili = Bilibili(App(client, KEYS, 7, "code", live.clock), live.clock, FAST)
        inlet = RoomInlet("bilibili", await live.rooms.opened("main"), live.intake, live.clock, bilibili.health)
        running = asyncio.create_task(bilibili.run(inlet))
        try:
            yield bilibili.health
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def texts(live: Live) -> list[str]:
    return [line["text"] for line in live.rooms.all()[0].history if line["type"] == "comment"]


async def test_a_line_that_drops_stalls_and_repeats_loses_and_doubles_nothing_that_was_sent(live: Live) -> None:
    one, two, three, four = (danmu(f"m{n}", f"how much is the jacket no {n}", f"o{n}") for n in range(4))
    platform = Platform(
        [
            sends(one, two),
            sends(two, squeezed(two, three), then="stall"),
            sends(b"\0\0\0\1 no packet", then="stay"),
            sends(three, four, message("LIKE", **data(like_count=2)), then="stay"),
        ]
    )
    async with listening(live, platform) as health:
        await until(lambda: len(texts(live)) == 4 and health.received == 5)
        assert texts(live) == [f"how much is the jacket no {n}" for n in range(4)]
        assert (health.doubled, health.reconnects, health.lost, health.failed) == (3, 3, None, 0)
        assert health.state(live.clock.now(), 60) == "live"
        assert platform.calls.count("start") == 1, "the interaction went on meanwhile"
        await until(lambda: platform.heartbeats > 3 and platform.calls.count("heartbeat") > 2)
    assert platform.calls[-1] == "end"


async def test_where_it_is_not_let_in_or_the_interaction_ends_it_starts_another(live: Live) -> None:
    end = message("INTERACTION_END", game_id="game-1", timestamp=1)
    platform = Platform([sends(), sends(end, then="stay"), sends(danmu("m1", "有货吗"), then="stay")])
    platform.refuse_auth, platform.refuse_start = 1, 2
    async with listening(live, platform) as health:
        await until(lambda: texts(live) == ["有货吗"])
        assert health.ever and platform.calls.count("end") == 2
    assert platform.calls.count("start") == 5
    for headers, body in platform.headers:
        signed = sign(KEYS, body, live.clock.now().timestamp(), headers["x-bili-signature-nonce"])
        assert headers["authorization"] == signed["authorization"]
    assert json.loads(platform.headers[0][1]) == {"code": "code", "app_id": 7}


async def test_what_cannot_be_read_is_counted_and_what_cannot_be_stored_waits(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "AGAIN_S", 0.01)
    live.receiver.error = StorageUnavailable("away")
    platform = Platform([sends(message("DM", msg="no author"), packet(5, b"{"), danmu("m1", "冲锋衣有货吗"), then="stay")])
    async with listening(live, platform) as health:
        await until(lambda: health.failed > 4)
        live.receiver.error = None
        await until(lambda: texts(live) == ["冲锋衣有货吗"])
        assert health.reconnects == 0


async def test_a_platform_that_was_never_there_is_shown_as_that(live: Live) -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as client:
        bilibili = Bilibili(App(client, KEYS, 7, "code", live.clock), live.clock, FAST)
        inlet = RoomInlet("bilibili", await live.rooms.opened("main"), live.intake, live.clock, bilibili.health)
        running = asyncio.create_task(bilibili.run(inlet))
        await until(lambda: bilibili.health.error)
        assert bilibili.health.state(live.clock.now(), 60) == "never" and "does not answer" in bilibili.health.error
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
