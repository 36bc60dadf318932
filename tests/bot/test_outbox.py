"""Deliveries: at least once, in order, and never lost to a failing door."""

from __future__ import annotations

import asyncio
from collections import deque

from bot.errors import ChannelUnavailable, Undeliverable
from bot.fakes import FakeClock, FakeSender, MemoryStore
from bot.outbox import Dispatcher
from bot.types import ConversationKey, Delivery, Reply, State, ToCustomer, Turn
from tests.bot.conftest import KEY, message


async def _fill(store: MemoryStore, count: int, key: ConversationKey = KEY) -> None:
    deliveries = [Delivery(f"{key}/{n}", key, ToCustomer(Reply(str(n)))) for n in range(count)]
    await store.commit(State(key), Turn(message("x", key=key), None), deliveries)


async def test_deliveries_arrive_in_order_and_once() -> None:
    store, sender = MemoryStore(), FakeSender()
    await _fill(store, 3)
    dispatcher = Dispatcher(store, {"web": sender}, FakeClock())
    assert await dispatcher.deliver_due()
    assert list(sender.arrived) == [f"{KEY}/{n}" for n in range(3)]
    assert not await dispatcher.deliver_due()
    assert sender.attempts == 3


async def test_a_failing_door_is_tried_again_later_and_others_go_on() -> None:
    store, clock = MemoryStore(), FakeClock()
    slow = FakeSender(errors=deque([ChannelUnavailable("flood control", retry_after=30), ZeroDivisionError()]))
    good = FakeSender()
    other = ConversationKey("telegram", "", "ben")
    await _fill(store, 2)
    await _fill(store, 1, other)
    dispatcher = Dispatcher(store, {"web": slow, "telegram": good}, clock)
    await dispatcher.deliver_due()
    assert list(good.arrived) == [f"{other}/0"]
    assert slow.attempts == 1, "the second waits behind the first"
    clock.pass_seconds(29)
    assert not await dispatcher.deliver_due()
    clock.pass_seconds(2)
    await dispatcher.deliver_due()
    assert slow.attempts == 2
    clock.pass_seconds(10)
    await dispatcher.deliver_due()
    assert list(slow.arrived) == [f"{KEY}/0", f"{KEY}/1"]
    assert slow.arrived[f"{KEY}/0"].attempt == 3


async def test_what_can_never_arrive_is_put_aside() -> None:
    store, sender = MemoryStore(), FakeSender(errors=deque([Undeliverable("blocked by the user")]))
    await _fill(store, 2)
    dispatcher = Dispatcher(store, {"web": sender}, FakeClock())
    await dispatcher.deliver_due()
    assert list(sender.arrived) == [f"{KEY}/1"]
    assert not await dispatcher.deliver_due()


async def test_the_bell_wakes_the_dispatcher() -> None:
    store, sender = MemoryStore(), FakeSender()
    dispatcher = Dispatcher(store, {"web": sender}, FakeClock())
    running = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0)
    await _fill(store, 1)
    dispatcher.ring()
    async with asyncio.timeout(5):
        while not sender.arrived:  # noqa: ASYNC110 - the fake has no event to wait for
            await asyncio.sleep(0)
    running.cancel()
