"""The signed webhook: what it takes, what it refuses and how, and what goes out to a gateway."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
import runpy
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.errors import BadSettings, ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.fakes import EPOCH, FakeClock
from bot.live import OpenPlatform, PublicLine
from channels.common.problems import install_problems
from channels.live.inlet import RoomInlet
from channels.live.sources.gateway import MAX_BODY, Numbers
from channels.live.sources.signing import SIGNATURE, TIMESTAMP, WINDOW_S, signature, signed
from channels.live.sources.webhook import WebhookSettings, open_webhook
from tests.channels.live.conftest import Live
from tests.channels.live.sources import joined
from tests.channels.web.demo import served
from tests.local_server import serving

SECRET = "a secret of thirty-two bytes ....."
COMMENT = {"type": "comment", "id": "m1", "author": "u1", "name": "小雨", "text": "冲锋衣多少钱一件"}
PAID = {"type": "order_paid", "id": "o1", "author": "u1", "name": "小雨", "amount": "399.00"}


def settings(**more: Any) -> WebhookSettings:
    return WebhookSettings(source="webhook", name="other", secret=SecretStr(SECRET), **more)


class Door:
    """A client at the address of a gateway's."""

    def __init__(self, client: httpx.AsyncClient, clock: FakeClock) -> None:
        self._client = client
        self._clock = clock

    async def post(self, body: bytes | dict[str, Any], *, late_s: float = 0, **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        timestamp = str(int(self._clock.now().timestamp() - late_s))
        given = {TIMESTAMP: timestamp, SIGNATURE: signature(SECRET, timestamp, raw)} | headers
        return await self._client.post("/live/webhook/other", content=raw, headers=given)


@asynccontextmanager
async def opened(live: Live, *, running: bool = True, **more: Any) -> AsyncIterator[tuple[Door, OpenPlatform]]:
    async with open_webhook(settings(**more), live.clock) as platform:
        app = FastAPI()
        install_problems(app)
        for route in platform.routes:
            app.include_router(route)
        assert platform.source is not None
        inlet = RoomInlet("other", await live.rooms.opened("main"), live.intake, live.clock, platform.source.health)
        work = asyncio.create_task(platform.source.run(inlet)) if running else None
        await asyncio.sleep(0)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
            yield Door(client, live.clock), platform
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_a_batch_is_taken_and_a_repeat_changes_nothing(live: Live) -> None:
    blank = {**COMMENT, "id": "m2", "text": "  "}
    async with opened(live) as (door, platform):
        batch = {"id": "b1", "items": [COMMENT, PAID, blank]}
        first, again = await door.post(batch), await door.post(batch)
        other = await door.post({"id": "b2", "items": [PAID, COMMENT]})
        assert platform.source is not None
        health = platform.source.health
    assert [answer.status_code for answer in (first, again, other)] == [202, 202, 202]
    assert first.json() == {"id": "b1", "taken": 2, "doubled": 0, "refused": 1}
    assert (again.json()["taken"], again.json()["doubled"]) == (0, 3)
    assert other.json() == {"id": "b2", "taken": 0, "doubled": 2, "refused": 0}
    assert [one.id for one in live.asked] == ["m1"]
    assert (health.received, health.doubled, health.failed, health.lost) == (2, 5, 1, None)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"\xff", "body"),
        ({"items": []}, "id"),
        ({"id": "b", "items": [], "more": 1}, "more"),
        ({"id": "b", "items": [{**COMMENT, "type": "shout"}]}, "items.0"),
        ({"id": "b", "items": [{**COMMENT, "text": ""}]}, "items.0.comment.text"),
        ({"id": "b", "items": [{**COMMENT, "id": 7}]}, "items.0.comment.id"),
        ({"id": "b", "items": [{**COMMENT, "at": "2026-05-01T20:00:00"}]}, "items.0.comment.at"),
        ({"id": "b", "items": [{**PAID, "amount": "-1"}]}, "items.0.order_paid.amount"),
        ({"id": "b", "items": [COMMENT, {**PAID, "count": 0}]}, "items.1.order_paid.count"),
        ({"id": "b", "items": [PAID] * 101}, "items"),
    ],
)
async def test_what_is_no_batch_is_named_and_nothing_of_it_taken(live: Live, body: Any, key: str) -> None:
    async with opened(live) as (door, _):
        answer = await door.post(body)
    assert (answer.status_code, answer.json()["key"]) == (400, key)
    assert not live.asked and not (await live.rooms.opened("main")).notes.events


async def test_only_who_has_the_secret_and_signs_now_is_heard(live: Live) -> None:
    batch = {"id": "b1", "items": [COMMENT]}
    fresh = str(int(live.clock.now().timestamp()))
    async with opened(live) as (door, platform):
        forged = [
            await door.post(batch, **{SIGNATURE: "v1=" + "0" * 64}),
            await door.post(batch, **{SIGNATURE: ""}),
            await door.post(batch, **{SIGNATURE: signature("another secret", fresh, json.dumps(batch).encode())}),
            await door.post(batch, **{TIMESTAMP: str(int(fresh) + 1)}),
            await door.post(batch, **{TIMESTAMP: "soon"}),
            await door.post(batch, late_s=WINDOW_S + 2),
            await door.post(batch, late_s=-WINDOW_S - 2),
        ]
        assert platform.source is not None and platform.source.health.state(live.clock.now(), 60) == "never"
        assert (await door.post(batch, late_s=WINDOW_S - 2)).status_code == 202
        assert platform.source.health.state(live.clock.now(), 60) == "live"
    assert [answer.status_code for answer in forged] == [401] * len(forged)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in forged)


async def test_one_id_for_two_batches_is_refused(live: Live) -> None:
    async with opened(live) as (door, _):
        await door.post({"id": "b1", "items": [PAID]})
        assert (await door.post({"id": "b1", "items": [COMMENT]})).status_code == 409
    assert not live.asked


async def test_too_large_and_too_much_are_refused(live: Live) -> None:
    async with opened(live, batches_a_minute=1) as (door, _):
        assert (await door.post(b" " * (MAX_BODY + 1))).status_code == 413
        answers = [await door.post({"id": f"b{number}", "items": []}) for number in range(25)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 5 and int(refused[0].headers["retry-after"]) > 0


async def test_what_could_not_be_stored_is_taken_when_it_comes_again(live: Live) -> None:
    batch = {"id": "b1", "sequence": 1, "items": [PAID, COMMENT]}
    async with opened(live) as (door, _):
        live.receiver.error = StorageUnavailable("away")
        first = await door.post(batch)
        live.receiver.error = None
        again = await door.post(batch)
    assert first.status_code == 503 and first.headers["retry-after"]
    assert again.json() == {"id": "b1", "taken": 1, "doubled": 1, "refused": 0}
    assert len(live.asked) == 1


async def test_a_service_that_is_starting_asks_to_wait(live: Live) -> None:
    async with opened(live, running=False) as (door, _):
        assert (await door.post({"id": "b1", "items": []})).status_code == 503


async def test_what_a_gateway_left_out_is_counted(live: Live) -> None:
    async with opened(live) as (door, platform):
        for number in (1, 2, 5, 4):
            await door.post({"id": f"b{number}", "sequence": number, "items": []})
        assert platform.source is not None and platform.source.health.lost == 1


@given(st.permutations(range(20)), st.sets(st.integers(1, 18)))
def test_only_numbers_that_never_came_are_lost(order: list[int], missing: set[int]) -> None:
    numbers = Numbers()
    numbers.came(0)
    came = [number for number in order if number not in missing and number not in {0, 19}]
    for number in [*sorted(came[:5]), 19, *sorted(set(came) - set(came[:5]))]:
        numbers.came(number)
    assert numbers.lost == len(missing)


def test_a_gateway_that_begins_anew_has_lost_nothing() -> None:
    numbers = Numbers()
    for number in (7, 8, 0, 1, 2):
        numbers.came(number)
    assert numbers.lost == 0


async def test_without_a_secret_nothing_is_opened() -> None:
    unset = WebhookSettings(source="webhook", name="douyin")
    with pytest.raises(BadSettings, match="STREAMDESK_SOURCE_DOUYIN_SECRET"):
        async with open_webhook(unset, FakeClock()):
            pass


# ---- out


class Merchant:
    """The merchant's gateway: answers with `statuses`, one after the other, and then 204."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204, headers={"Retry-After": "7"})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/lines", self.take)
        async with serving(app) as address:
            yield f"http://{address}/lines"


LINE = PublicLine("r1", "【AI】@小雨 399 元。", "zh", EPOCH, ("m1",), ("小雨",))


async def test_a_line_is_posted_signed_as_what_comes_in_is() -> None:
    merchant, clock = Merchant(), FakeClock()
    async with merchant.serving() as url, open_webhook(settings(reply_url=url), clock) as platform:
        assert platform.outlet is not None
        await platform.outlet.tell(LINE)
    [(headers, body)] = merchant.got
    text = f"{int(clock.now().timestamp())}.".encode() + body
    lower = {name.lower(): value for name, value in headers.items()}
    assert lower[SIGNATURE] == "v1=" + hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    assert json.loads(body) == {
        "id": "r1", "room": "main", "text": LINE.text, "language": "zh",
        "at": EPOCH.isoformat(), "answers": ["m1"], "names": ["小雨"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "raises"),
    [
        (200, None),
        (409, None),
        (429, ChannelUnavailable),
        (500, ChannelUnavailable),
        (408, ChannelUnavailable),
        (400, Undeliverable),
    ],
)
async def test_what_a_gateways_answer_means(status: int, raises: type[Exception] | None) -> None:
    async with Merchant(status).serving() as url, open_webhook(settings(reply_url=url), FakeClock()) as platform:
        assert platform.outlet is not None
        if raises is None:
            await platform.outlet.tell(LINE)
            return
        with pytest.raises(raises) as error:
            await platform.outlet.tell(LINE)
        if status == 429:
            assert isinstance(error.value, ChannelUnavailable) and error.value.retry_after == 7


async def test_a_gateway_that_is_not_there_is_tried_again() -> None:
    async with open_webhook(settings(reply_url="http://127.0.0.1:9/lines"), FakeClock()) as platform:
        assert platform.outlet is not None
        with pytest.raises(ChannelUnavailable):
            await platform.outlet.tell(LINE)


# ---- the page that says what a gateway sends


@pytest.fixture
def gateway(tmp_path: Path) -> Path:
    """The script of the page."""
    [script] = re.findall(r"```python\n# gateway\.py\n(.*?)```", Path("docs/live-sources.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "gateway.py").write_text(script, encoding="utf-8")
    return tmp_path / "gateway.py"


async def test_the_gateway_of_the_page_is_understood(live: Live, gateway: Path) -> None:
    async with open_webhook(settings(), SystemClock()) as platform:
        app = FastAPI()
        install_problems(app)
        app.include_router(platform.routes[0])
        _, inlet, _ = await joined(live)
        assert platform.source is not None
        work = asyncio.create_task(platform.source.run(inlet))
        with served(app) as url:
            environment = {**os.environ, "GATEWAY_URL": f"{url}/live/webhook/other", "GATEWAY_SECRET": SECRET}
            command = [sys.executable, str(gateway)]
            ran = await asyncio.to_thread(
                subprocess.run, command, env=environment, capture_output=True, text=True, timeout=30, check=False
            )
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"id": "batch-1", "taken": 3, "doubled": 0, "refused": 0}
    assert [one.id for one in live.asked] == ["7301"]


def test_the_gateway_of_the_page_knows_what_comes_from_us(gateway: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GATEWAY_SECRET", SECRET)
    theirs = runpy.run_path(str(gateway))["is_from_streamdesk"]
    headers = signed(SECRET, time.time(), b"{}")
    assert theirs(headers[TIMESTAMP], headers[SIGNATURE], b"{}")
    assert not theirs(headers[TIMESTAMP], headers[SIGNATURE], b"[]")
    old = signed(SECRET, time.time() - 400, b"{}")
    assert not theirs(old[TIMESTAMP], old[SIGNATURE], b"{}")
