"""Doors that are slow, stuck, failing or flooded, and a database that fails: nobody else waits, nothing is lost or repeated.

What is stuck here is stuck for ever: whoever waited for it would never be through. No test looks at a clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from bot import lanes, outbox
from bot.backoff import backoff
from bot.errors import ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.fakes import EPOCH, FakeClock, FakeSender, MemoryStore
from bot.lanes import BATCH, Door
from bot.outbox import Dispatcher
from bot.types import ConversationKey, Delivery, Reply, State, ToCustomer, Turn
from tests.bot.conftest import message

ANN, BEN = ConversationKey("web", "", "ann"), ConversationKey("web", "", "ben")


async def fill(store: MemoryStore, key: ConversationKey, count: int = 1, start: int = 0) -> None:
    deliveries = [Delivery(f"{key}/{n}", key, ToCustomer(Reply(str(n)))) for n in range(start, start + count)]
    version = (await store.load(key, "")).state.version
    await store.commit(State(key, version=version), Turn(message("x", f"m{start}", key), None), deliveries)


@dataclass
class Platform:
    """`Sender` to receivers of whom some are stuck: what is sent to them is held until `release`."""

    stuck: set[str] = field(default_factory=set)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    begun: Counter[str] = field(default_factory=Counter)
    arrived: list[tuple[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, delivery: Delivery) -> None:
        assert isinstance(delivery.body, ToCustomer)
        user = delivery.key.user
        self.begun[user] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.news.set()
        try:
            if user in self.stuck:
                await self.release.wait()
            await asyncio.sleep(0)
            self.arrived.append((user, delivery.body.reply.text))
        finally:
            self.at_once -= 1
            self.news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def texts(self, user: str) -> list[str]:
        return [text for who, text in self.arrived if who == user]


class FailingStore(MemoryStore):
    """A store that raises the next of `errors` where something is looked for or noted. `noted` is set behind each note."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = deque(errors)
        self.noted = asyncio.Event()

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.popleft()

    async def due(
        self, at: datetime, doors: Sequence[str], limit: int = 100, apart_from: Collection[ConversationKey] = (), *near: Any
    ) -> list[Delivery]:
        self._fail()
        return await super().due(at, doors, limit, apart_from, *near)

    async def delivered(self, ids: Sequence[str]) -> None:
        self._fail()
        await super().delivered(ids)
        self.noted.set()

    async def postpone(self, delivery_id: str, until: datetime, reason: str) -> None:
        self._fail()
        await super().postpone(delivery_id, until, reason)
        self.noted.set()

    async def abandon(self, delivery_id: str, reason: str, at: datetime) -> None:
        self._fail()
        await super().abandon(delivery_id, reason, at)
        self.noted.set()


@asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(dispatcher.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stuck would never arrive, and what failed is tried again at once."""
    monkeypatch.setattr(outbox, "FAREWELL_S", 0)
    monkeypatch.setattr(lanes, "FIRST_NOTE_S", 0)


# ---------------------------------------------------------------- slow and stuck


async def test_a_stuck_door_delays_no_other() -> None:
    store, stuck, good = MemoryStore(), Platform({"ann"}), Platform()
    await fill(store, ConversationKey("telegram", "", "ann"))
    dispatcher = Dispatcher(store, {"telegram": stuck, "web": good}, FakeClock())
    async with running(dispatcher):
        await stuck.until(lambda: stuck.at_once == 1)
        for n in range(200):
            await fill(store, ConversationKey("web", "", f"u{n}"))
        dispatcher.ring("web")
        await good.until(lambda: len(good.arrived) == 200)
        assert not stuck.arrived


async def test_a_stuck_receiver_delays_no_other_of_its_door() -> None:
    store, platform = MemoryStore(), Platform({"ann"})
    await fill(store, ANN, 2)
    dispatcher = Dispatcher(store, {"web": platform}, FakeClock())
    async with running(dispatcher):
        await platform.until(lambda: platform.at_once == 1)
        for n in range(200):
            await fill(store, ConversationKey("web", "", f"u{n}"))
        dispatcher.ring()
        await platform.until(lambda: len(platform.arrived) == 200)
        assert platform.begun["ann"] == 1, "her second delivery waits behind the first"
        platform.release.set()
        await platform.until(lambda: platform.texts("ann") == ["0", "1"])


async def test_what_comes_while_a_lane_is_busy_goes_out_behind_it_in_order() -> None:
    store, platform = MemoryStore(), Platform({"ann"})
    await fill(store, ANN)
    dispatcher = Dispatcher(store, {"web": platform}, FakeClock())
    async with running(dispatcher):
        await platform.until(lambda: platform.at_once == 1)
        for n in range(1, 6):
            await fill(store, ANN, start=n)
            dispatcher.ring("web")
        await fill(store, BEN)
        dispatcher.ring("web")
        await platform.until(lambda: platform.texts("ben") == ["0"])  # so these rings were heard
        platform.release.set()
        await platform.until(lambda: platform.texts("ann") == ["0", "1", "2", "3", "4", "5"])


async def test_a_lane_that_ends_while_its_door_looks_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowStore(MemoryStore):
        """A look takes until ann's lane is through."""

        async def due(
            self,
            at: datetime,
            doors: Sequence[str],
            limit: int = 100,
            apart_from: Collection[ConversationKey] = (),
            *near: Any,
        ) -> list[Delivery]:
            found = await super().due(at, doors, limit, apart_from, *near)
            if apart_from:
                platform.release.set()
                await door.idle()
            return found

    monkeypatch.setattr(lanes, "POLL_S", 3600)
    store, platform = SlowStore(), Platform({"ann"})
    door = Door("web", platform, store, FakeClock())
    await fill(store, ANN)
    looking = asyncio.create_task(door.run())
    await platform.until(lambda: platform.at_once == 1)
    await fill(store, ANN, start=1)
    door.ring()
    await platform.until(lambda: platform.texts("ann") == ["0", "1"])
    looking.cancel()


async def test_a_door_whose_lanes_are_all_stuck_stays_within_its_bound_and_holds_up_no_other() -> None:
    store, good = MemoryStore(), Platform()
    people = [f"u{n}" for n in range(50)]
    stuck = Platform(set(people))
    for user in people:
        await fill(store, ConversationKey("telegram", "", user))
    dispatcher = Dispatcher(store, {"telegram": stuck, "web": good}, FakeClock(), lanes=8)
    async with running(dispatcher):
        await stuck.until(lambda: stuck.at_once == 8)
        for n in range(20):
            await fill(store, ANN, start=n)
            dispatcher.ring()
        await good.until(lambda: len(good.arrived) == 20)
        assert stuck.most_at_once == 8
        stuck.release.set()
        await stuck.until(lambda: len(stuck.arrived) == 50)
        assert stuck.most_at_once == 8
        assert Counter(user for user, _ in stuck.arrived) == Counter(people), "each once"


# ---------------------------------------------------------------- flooded


async def test_a_flood_in_one_conversation_delays_no_other() -> None:
    store, platform = MemoryStore(), Platform()
    await fill(store, ANN, BATCH * 5)
    await fill(store, BEN)
    async with running(Dispatcher(store, {"web": platform}, FakeClock())):
        await platform.until(lambda: platform.texts("ben") == ["0"])
        assert len(platform.texts("ann")) < BATCH
        await platform.until(lambda: len(platform.texts("ann")) == BATCH * 5)
        assert platform.texts("ann") == [str(n) for n in range(BATCH * 5)]


async def test_a_lane_goes_when_its_conversation_has_nothing_more() -> None:
    store, platform = MemoryStore(), Platform({"u7"})
    for n in range(300):
        await fill(store, ConversationKey("web", "", f"u{n}"))
    door = Door("web", platform, store, FakeClock())
    looking = asyncio.create_task(door.run())
    await platform.until(lambda: len(platform.arrived) == 299)
    while door.lanes > 1:  # the last of them are only noting it  # noqa: ASYNC110
        await asyncio.sleep(0)
    platform.release.set()
    await platform.until(lambda: len(platform.arrived) == 300)
    await door.idle()
    assert door.lanes == 0
    looking.cancel()


# ---------------------------------------------------------------- failing


async def test_a_failing_door_is_left_alone_longer_each_time_and_others_go_on() -> None:
    store, clock, good = FailingStore(), FakeClock(), Platform()
    failing = FakeSender(errors=deque(ZeroDivisionError() for _ in range(5)))
    await fill(store, ConversationKey("telegram", "", "ann"))
    dispatcher = Dispatcher(store, {"telegram": failing, "web": good}, clock)
    async with running(dispatcher):
        for n, wait in enumerate((1, 2, 4, 8, 16)):
            await store.noted.wait()
            store.noted.clear()
            assert failing.attempts == n + 1
            clock.pass_seconds(wait - 0.5)
            await fill(store, ANN, start=n)
            dispatcher.ring()
            await good.until(lambda: len(good.arrived) == n + 1)  # noqa: B023 - awaited in this round
            await store.noted.wait()
            store.noted.clear()
            assert failing.attempts == n + 1
            clock.pass_seconds(1)
            dispatcher.ring()
        await store.noted.wait()
    assert list(failing.arrived) == ["telegram//ann//0"]


def test_waits_double_up_to_the_last_however_many_failures_there_were() -> None:
    assert [backoff(n, 1.0, 300.0) for n in (1, 2, 3, 9, 10)] == [1, 2, 4, 256, 300]
    assert backoff(10_000, 1.0, 300.0) == 300


@pytest.mark.parametrize("asked", [1e18, float("inf")])
async def test_a_platform_that_asks_for_ages_is_asked_again_in_a_day(asked: float) -> None:
    store, clock = MemoryStore(), FakeClock()
    await fill(store, ANN)
    sender = FakeSender(errors=deque([ChannelUnavailable("later", retry_after=asked)]))
    dispatcher = Dispatcher(store, {"web": sender}, clock)
    assert await dispatcher.deliver_due()
    clock.pass_seconds(24 * 3600)
    assert await dispatcher.deliver_due()
    assert list(sender.arrived) == [f"{ANN}/0"]


# ---------------------------------------------------------------- a database that fails


@pytest.mark.parametrize("error", [StorageUnavailable("gone"), RuntimeError("a fault of ours")])
@pytest.mark.parametrize("refusal", [None, ChannelUnavailable("away"), Undeliverable("blocked")])
async def test_what_became_of_a_delivery_is_noted_when_the_database_is_back_and_nothing_sent_again(
    error: Exception, refusal: Exception | None
) -> None:
    store = FailingStore()
    sender = FakeSender(errors=deque([refusal] if refusal else []))
    await fill(store, ANN)
    dispatcher = Dispatcher(store, {"web": sender}, FakeClock())
    door_looks = store.due

    async def then_it_fails(*args: object) -> list[Delivery]:
        found = await door_looks(*args)  # type: ignore[arg-type]
        store.errors.extend([error] * 20)
        return found

    store.due = then_it_fails  # type: ignore[method-assign]
    assert await dispatcher.deliver_due()
    assert sender.attempts == 1 and not store.errors
    store.due = door_looks  # type: ignore[method-assign]
    assert not await dispatcher.deliver_due()
    assert sender.attempts == 1


@pytest.mark.parametrize("error", [StorageUnavailable("gone"), RuntimeError("a fault of ours")])
async def test_a_look_that_fails_is_taken_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "POLL_S", 0)
    store, platform = FailingStore(*[error] * 5), Platform()
    await fill(store, ANN)
    async with running(Dispatcher(store, {"web": platform}, FakeClock())) as task:
        await platform.until(lambda: platform.texts("ann") == ["0"])
        assert not task.done()


async def test_the_service_stops_while_the_database_hangs() -> None:
    class Hanging(MemoryStore):
        async def delivered(self, ids: Sequence[str]) -> None:
            await asyncio.Event().wait()

    store, platform = Hanging(), Platform()
    await fill(store, ANN)
    async with asyncio.timeout(30), running(Dispatcher(store, {"web": platform}, FakeClock())):
        await platform.until(lambda: bool(platform.arrived))


async def test_what_is_being_sent_when_the_service_stops_arrives_and_is_noted() -> None:
    store, platform = MemoryStore(), Platform({"ann"})
    await fill(store, ANN, 2)
    door = Door("web", platform, store, FakeClock())
    await door.start_due()
    await platform.until(lambda: platform.at_once == 1)
    closing = asyncio.create_task(door.close(within_s=30))
    await asyncio.sleep(0)
    platform.release.set()
    await closing
    assert platform.texts("ann") == ["0"]
    assert [delivery.id for delivery in await store.due(EPOCH, ["web"])] == [f"{ANN}/1"], "left for the next process"


@pytest.mark.parametrize("between", range(4))
async def test_a_door_that_is_rung_as_it_is_ended_ends(between: int) -> None:
    door = Door("web", FakeSender(), MemoryStore(), FakeClock())
    looking = asyncio.create_task(door.run())
    for _ in range(20):
        await asyncio.sleep(0)  # until it waits
    door.ring()
    for _ in range(between):
        await asyncio.sleep(0)
    looking.cancel()
    ended, _ = await asyncio.wait({looking}, timeout=5)
    looking.cancel()  # where the first was swallowed
    assert ended
