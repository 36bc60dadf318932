"""What every bus promises, and what the one over Redis does when Redis goes and comes back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.bus import WAITING, Bus, LocalBus
from bot.errors import BadSettings
from bot.fakes import EPOCH
from bot.redis_bus import open_redis_bus
from bot.settings import Settings
from bot.storage.sole import form
from bot.storage.sql import SqlStore
from bot.types import Delivery, Reply, State, ToCustomer, Turn
from bot.waking import Waking
from evals.bench_service import free_port
from tests.bot.conftest import KEY, message
from tests.redis import RedisServer

PATIENCE_S = 8


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def buses(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Bus]]:
    """The bus as two parts of a service have it: two processes where it is shared."""
    async with AsyncExitStack() as closing:
        if request.param == "local":
            bus = LocalBus()
            yield bus, bus
        else:
            url = request.getfixturevalue("redis_url")
            one, other = [await closing.enter_async_context(open_redis_bus(url)) for _ in range(2)]
            yield one, other


async def some(heard: AsyncIterator[bytes], count: int) -> list[bytes]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(heard) for _ in range(count)]


async def test_everybody_who_is_subscribed_hears_it_once_in_order_and_nobody_else(buses: tuple[Bus, Bus]) -> None:
    one, other = buses
    await one.publish("a", b"before")
    async with one.subscribe("a") as mine, other.subscribe("a") as theirs, other.subscribe("b") as b:
        said = [f"{n}".encode() for n in range(200)]
        for word in said:
            await one.publish("a", word)
        await one.publish("b", b"\x00\xff")
        assert await some(mine, 200) == await some(theirs, 200) == said
        assert await some(b, 1) == [b"\x00\xff"]


async def test_who_has_left_hears_nothing_and_others_still_do(buses: tuple[Bus, Bus]) -> None:
    one, other = buses
    async with one.subscribe("a") as stays:
        async with other.subscribe("a") as leaves:
            await one.publish("a", b"1")
            assert await some(leaves, 1) == [b"1"]
        async with one.subscribe("a") as again:
            await other.publish("a", b"2")
            assert await some(again, 1) == [b"2"]
        assert await some(stays, 2) == [b"1", b"2"]


async def test_a_subscriber_that_does_not_listen_loses_the_oldest() -> None:
    bus = LocalBus()
    async with bus.subscribe("a") as slow:
        for n in range(WAITING + 5):
            await bus.publish("a", str(n).encode())
        assert await some(slow, 1) == [b"5"]


@pytest.mark.redis
async def test_a_redis_that_is_away_breaks_nothing_and_is_found_again(redis_server: RedisServer) -> None:
    async with AsyncExitStack() as open_:
        bus, other = [await open_.enter_async_context(open_redis_bus(redis_server.url)) for _ in range(2)]
        heard = await open_.enter_async_context(bus.subscribe("a"))
        redis_server.kill()
        async with asyncio.timeout(PATIENCE_S):
            await bus.publish("a", b"lost")
            late = await open_.enter_async_context(other.subscribe("b"))
            redis_server.start()
            for topic, listening in (("a", heard), ("b", late)):
                assert await _first(bus, topic, listening) == b"back"


async def _first(bus: Bus, topic: str, heard: AsyncIterator[bytes]) -> bytes:
    """What is heard first, when it is said again and again."""
    hearing = asyncio.ensure_future(anext(heard))
    while not hearing.done():
        await bus.publish(topic, b"back")
        await asyncio.sleep(0.05)
    return hearing.result()


@pytest.mark.parametrize("url", ["redis://:very-secret@127.0.0.1:{port}", "redis://127.0.0.1:{port}"])
async def test_a_redis_that_is_not_there_at_the_start_is_said_without_its_password(url: str) -> None:
    pytest.importorskip("redis")
    with pytest.raises(BadSettings, match=r"redis\.url: no Redis answers") as refused:
        async with open_redis_bus(url.format(port=free_port())):
            pass
    assert "very-secret" not in str(refused.value)


async def test_a_missing_package_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(BadSettings, match=r"pip install 'streamdesk\[redis\]'"):
        async with open_redis_bus("redis://127.0.0.1:6379"):
            pass


def test_the_address_is_checked_and_its_password_masked() -> None:
    given = Settings.load(environment={"STREAMDESK_REDIS__URL": "redis://:very-secret@host:6379"})
    assert given.masked()["redis"] == {"url": "redis://:***@host:6379"}
    with pytest.raises(BadSettings, match=r"redis\.url"):
        Settings.load(environment={"STREAMDESK_REDIS__URL": "localhost:6379"})


def test_a_service_says_its_form() -> None:
    assert form("postgresql+asyncpg://x@h/d", "redis://h").startswith("PostgreSQL and Redis")
    assert "rooms of its own" in form("postgresql+asyncpg://x@h/d")
    assert form("sqlite+aiosqlite:///a.db", "redis://h").startswith("embedded SQLite")


@pytest.mark.postgres
async def test_a_delivery_that_is_offered_wakes_the_process_that_has_its_receiver(postgres_url: str) -> None:
    bus, rung = LocalBus(), asyncio.Event()
    store = await SqlStore.open(postgres_url)
    waking = Waking(bus, lambda door: rung.set() if door == "web" else None)
    store.on_offer = waking.offered
    listening = asyncio.create_task(waking.run())
    try:
        await asyncio.sleep(0)
        said = message("word")
        await store.commit(State(KEY), Turn(said, None), [Delivery(f"{KEY}/m1/0", KEY, ToCustomer(Reply("counted")))])
        assert await store.due(EPOCH, ["web"], is_near=lambda key: False) == []
        async with asyncio.timeout(PATIENCE_S):
            await rung.wait()
    finally:
        listening.cancel()
        await store.close()
