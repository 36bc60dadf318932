"""One room at several processes: whoever watches where sees the same once, and the room outlives its owner and the bus."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from bot.bus import Bus, LocalBus
from bot.errors import BadSettings
from bot.fakes import FakeReceiver
from bot.live import EventKind, RoomEvent
from bot.memory import ROOM_LEASE_S
from bot.redis_bus import open_redis_bus
from bot.storage.leases import Leases
from bot.storage.sql import SqlStore
from bot.types import Audience, Message, Reply
from channels.live.answers import Rules
from channels.live.channel import _sharing
from channels.live.host import take_host
from channels.live.room import Room
from channels.live.sharing import Sharing
from tests.channels.asgi import AsgiSocket
from tests.channels.live.conftest import Live, enter
from tests.redis import RedisServer

# Within which a room answers again whose owner was killed, in seconds.
TAKEN_OVER_S = 5.0


class Process(Live):
    """One process of several: rooms of its own, and the database and the bus of all."""

    def __init__(self, store: SqlStore, bus: Bus, **fields: Any) -> None:
        self.store, self.bus = store, bus
        super().__init__(**fields)

    sharing: Sharing

    def start(self) -> None:
        self.sharing = Sharing(self.bus, self.store.room_leases())
        self.memory = self.store.room_memory()  # type: ignore[assignment]
        super().start()

    def judge(self, judge: Any) -> None:
        super().judge(judge)

        async def host(room: Room, asked: Any, push: Any) -> None:
            await take_host(asked["received"], room, push, self.door)

        self.sharing.serve({**self.door.taking.handlers(), "host": host})

    def begin(self) -> None:
        work = (self.sharing.run(self.rooms, self.keeper.tick), self.teller.run(), self.keeper.run(), self._dispatch())
        self.tasks = [asyncio.create_task(one) for one in work]

    async def _dispatch(self) -> None:
        while True:
            await self.deliver()
            await asyncio.sleep(0.05)

    async def deliver(self) -> None:
        """What the outbox does: of what waits for a room that this process has, everything once."""
        for delivery in list(self.receiver.waiting):
            if self.sender.is_near(delivery.key):
                with contextlib.suppress(Exception):
                    await self.sender.send(delivery)
                    await self.receiver.delivered([delivery])

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def kill(self) -> None:
        """It is gone at once: nothing is kept, no lease let go of."""
        self.sharing.leases = Nothing()
        self.memory = Nothing()
        self.keeper.memory = Nothing()  # type: ignore[assignment]
        self.sharing.bus = Deaf()
        for line in self.sharing._lines.values():
            line.listening.cancel()
        for task in self.tasks:
            task.cancel()


class Nothing:
    async def hold(self, rooms: Iterable[str]) -> dict[str, int]:
        return {}

    async def let_go(self) -> None:
        return None

    async def keep(self, room: str, parts: Any) -> None:
        return None


class Deaf(LocalBus):
    async def publish(self, topic: str, body: bytes) -> None:
        return None


class World:
    """Processes over one database and one bus."""

    def __init__(self, url: str, folder: Any, closing: AsyncExitStack) -> None:
        self.url, self.folder, self.closing = url, folder, closing
        self.receiver = FakeReceiver(reply=answer)
        self.local = LocalBus()
        self.processes: list[Process] = []

    async def process(self) -> Process:
        bus: Bus = self.local
        if self.url:
            bus = await self.closing.enter_async_context(open_redis_bus(self.url))
        name = f"p{len(self.processes)}"
        store = await SqlStore.open(f"sqlite+aiosqlite:///{self.folder}/a.db", Leases(name, 6.0))
        self.closing.push_async_callback(store.close)
        one = Process(store, bus, receiver=self.receiver, rules=Rules(), open_host=False)
        one.begin()
        self.processes.append(one)
        return one


def answer(message: Message) -> tuple[Reply, ...]:
    private = message.text.startswith("我的")
    return (Reply(f"re: {message.text}", audience=Audience.PRIVATE if private else Audience.PUBLIC),)


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def world(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[World]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    async with AsyncExitStack() as closing:
        world = World(url, tmp_path, closing)
        yield world
        for one in world.processes:
            await one.stop()


async def say(socket: AsgiSocket, text: str, name: str) -> dict[str, Any]:
    await socket.send(type="comment", id=name, text=text)
    return await socket.receive("accepted")


async def quiet(socket: AsgiSocket, seconds: float = 0.4) -> list[dict[str, Any]]:
    """Everything that still comes within so long, but the number of viewers."""
    heard: list[dict[str, Any]] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                heard.append(await socket.receive())
    return [one for one in heard if one["type"] not in ("presence", "shelf")]


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(TAKEN_OVER_S):
        while not reached():  # noqa: ASYNC110 - a lease that is over rings no bell
            await asyncio.sleep(0.05)


async def test_a_room_is_one_for_viewers_of_both_processes(world: World) -> None:
    a, b = await world.process(), await world.process()
    async with a.viewer() as ann, b.viewer() as bob:
        await enter(ann)
        welcome = await enter(bob, "Bob")
        assert welcome["shelf"] and a.rooms.has("main") and not b.rooms.has("main")
        assert (await say(bob, "冲锋衣多少钱一件", "b1"))["fate"] == "ask"
        assert [(await who.receive("reply"))["text"] for who in (ann, bob)] == ["re: 冲锋衣多少钱一件"] * 2
        assert (await say(ann, "冲锋衣多少钱一件", "a1"))["fate"] == "join"
        assert (await bob.receive("credit"))["names"] == ["Bob", "Ann"]
        assert (await say(bob, "冲锋衣多少钱一件", "b1"))["repeat"]
        await say(bob, "我的订单到哪里了呀", "b2")  # for Bob's eyes
        private = await bob.receive("private")
        await bob.send(type="received", id=private["id"])
        assert not [one for one in await quiet(bob) + await quiet(ann) if one["type"] in ("reply", "private")]
        async with b.viewer() as cy:
            welcome = await enter(cy, "Cy")
            assert [line["type"] for line in welcome["history"]] == ["comment", "reply", "comment", "comment"]
            assert welcome["history"][1]["asked"] == 2
    assert len(world.receiver.messages) == 2
    assert not world.receiver.waiting


async def test_a_host_at_another_process_runs_the_room_and_events_reach_it(world: World) -> None:
    a, b = await world.process(), await world.process()
    async with a.viewer() as ann, b.host() as host:
        await enter(ann)
        await host.send(type="hello", token=b.secret)
        await host.receive("console")
        await host.send(type="mode", id="1", mode="approve")
        await host.receive("accepted")
        await say(ann, "冲锋衣多少钱一件", "a1")
        shown: dict[str, Any] = {"answers": []}
        while not shown["answers"]:
            shown = await host.receive("console")
        await host.send(type="approve", id="2", answer=shown["answers"][0]["id"])
        assert (await ann.receive("reply"))["text"] == "re: 冲锋衣多少钱一件"
        event = RoomEvent("e1", EventKind.LIKE, "x", "x", a.clock.now(), count=7)
        await b.door.taking.event("main", event)
        await b.door.taking.event("main", event)
    room = a.rooms.at("main")
    assert isinstance(room, Room) and room.notes.events == {"like": 7}


@pytest.mark.parametrize("world", [pytest.param("redis", marks=pytest.mark.redis)], indirect=True)
async def test_another_process_goes_on_when_the_owner_is_killed(world: World) -> None:
    a, b = await world.process(), await world.process()
    async with b.viewer() as bob:
        async with a.viewer() as ann:
            await enter(ann)
            await enter(bob, "Bob")
            await say(bob, "冲锋衣多少钱一件", "b1")
            before = await bob.receive("reply")
            await a.keeper.tick()
            await say(ann, "哈哈哈", "a1")  # said a moment before the owner dies, and written down nowhere
            await bob.receive("comment")
            a.kill()
            killed = time.monotonic()
            assert (await say(bob, "这件有黑色的码吗", "b2"))["fate"] == "ask"
            assert (await bob.receive("reply"))["text"] == "re: 这件有黑色的码吗"
            assert time.monotonic() - killed < TAKEN_OVER_S
        async with b.viewer() as cy:
            history = (await enter(cy, "Cy"))["history"]
            assert [line["text"] for line in history] == [
                "冲锋衣多少钱一件",
                before["text"],
                "哈哈哈",
                "这件有黑色的码吗",
                "re: 这件有黑色的码吗",
            ]
            assert (await say(cy, "冲锋衣多少钱一件", "c1"))["fate"] == "join"  # what was merged is still known
        assert not [one for one in await quiet(bob) if one["type"] == "reply"]
    assert b.rooms.has("main")


@pytest.mark.redis
async def test_a_redis_that_is_restarted_doubles_and_loses_nothing(redis_server: RedisServer, tmp_path: Any) -> None:
    async with AsyncExitStack() as closing:
        world = World(redis_server.url, tmp_path, closing)
        a, b = await world.process(), await world.process()
        async with a.viewer() as ann, b.viewer() as bob:
            await enter(ann)
            await enter(bob, "Bob")
            await say(ann, "冲锋衣多少钱一件", "a1")
            replies = [(await bob.receive("reply"))["text"]]
            redis_server.kill()
            await say(ann, "这件有黑色的码吗", "a2")  # told where the room is, and lost on its way to others
            redis_server.start()
            replies.append((await bob.receive("reply"))["text"])
            await say(bob, "什么时候可以发货", "b1")
            replies.append((await bob.receive("reply"))["text"])
            assert replies == [f"re: {text}" for text in ("冲锋衣多少钱一件", "这件有黑色的码吗", "什么时候可以发货")]
            rest = await quiet(bob)
            assert not [one for one in rest if one["type"] == "reply"]
        for one in world.processes:
            await one.stop()
    assert len(world.receiver.messages) == 3 and not world.receiver.waiting


async def test_a_process_that_stops_leaves_its_rooms_at_once(tmp_path: Any) -> None:
    async with AsyncExitStack() as closing:
        world = World("", tmp_path, closing)
        a, b = await world.process(), await world.process()
        async with a.viewer() as ann, b.viewer() as bob:
            await enter(ann)
            await enter(bob, "Bob")
            await a.stop()
            stopped = time.monotonic()
            await say(bob, "冲锋衣多少钱一件", "b1")
            assert time.monotonic() - stopped < ROOM_LEASE_S
        await b.stop()


async def test_an_owner_that_slept_through_its_lease_watches_the_other_and_overwrites_nothing(tmp_path: Any) -> None:
    async with AsyncExitStack() as closing:
        world = World("", tmp_path, closing)
        a, b = await world.process(), await world.process()
        async with a.viewer() as ann, b.viewer() as bob:
            await enter(ann)
            await enter(bob, "Bob")
            awake, a.sharing.leases = a.sharing.leases, Away()  # type: ignore[assignment]
            await say(bob, "冲锋衣多少钱一件", "b1")
            await until(lambda: b.rooms.has("main"))
            assert not a.rooms.has("main")
            assert (await ann.receive("reply"))["text"] == "re: 冲锋衣多少钱一件"
            room = a.rooms.at("main")
            assert isinstance(room, Room)
            with pytest.raises(Exception, match="another process"):
                await a.store.room_memory().keep("main", {"talk": "[]"})
            a.sharing.leases = awake
            assert (await say(ann, "这件有黑色的码吗", "a1"))["fate"] == "ask"
            assert (await ann.receive("reply"))["text"] == "re: 这件有黑色的码吗"
        assert not isinstance(a.rooms.at("main"), Room)
        for one in world.processes:
            await one.stop()


class Away(Nothing):
    async def hold(self, rooms: Iterable[str]) -> dict[str, int]:
        from bot.errors import StorageUnavailable

        raise StorageUnavailable("away")


def test_a_room_that_is_shared_and_joined_to_platforms_is_refused() -> None:
    settings = SimpleNamespace(sources=("one",))
    with pytest.raises(BadSettings, match=r"live\.sources"):
        _sharing(settings, SimpleNamespace(room_leases=Nothing(), bus=LocalBus()))  # type: ignore[arg-type]
    assert _sharing(settings, SimpleNamespace(room_leases=None)) is None  # type: ignore[arg-type]
