"""Rows of inbox and outbox among processes on one database: each has one owner, in order; what the dead had is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StorageUnavailable
from bot.fakes import EPOCH, FakeClock
from bot.storage.leases import LEASE_S, Leases
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Delivery, Message, Reply, State, ToCustomer, Turn

KEY = ConversationKey("web", "", "ann")
OTHER = ConversationKey("web", "", "ben")


@dataclass
class Pair:
    """Two processes on one database, and the clock that both go by."""

    ours: SqlStore
    theirs: SqlStore
    clock: FakeClock = field(default_factory=FakeClock)

    @property
    def both(self) -> tuple[SqlStore, SqlStore]:
        return self.ours, self.theirs


async def opened(url: str) -> Pair:
    clock = FakeClock()
    ours = await SqlStore.open(url, Leases("ours", LEASE_S, clock))
    return Pair(ours, await SqlStore.open(url, Leases("theirs", LEASE_S, clock)), clock)


@pytest.fixture(params=["sqlite", "postgres"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    here = f"sqlite+aiosqlite:///{tmp_path}/store.db"
    pair = await opened(here if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield pair
    for store in pair.both:
        await store.close()


def message(name: str, key: ConversationKey = KEY) -> Message:
    return Message(name, key, name, EPOCH)


async def write(store: SqlStore, count: int = 1, key: ConversationKey = KEY) -> None:
    """A turn with so many deliveries."""
    version = (await store.load(key, "")).state.version
    sent = [Delivery(f"{key}/{version}/{n}", key, ToCustomer(Reply(str(n)))) for n in range(count)]
    await store.commit(State(key, version=version), Turn(message(f"m{version}", key), None), sent)


async def due(store: SqlStore, near: frozenset[ConversationKey] | None = None) -> list[str]:
    found = await store.due(EPOCH, ["web"], is_near=lambda key: near is None or key in near)
    return [f"{delivery.key.user}{delivery.id.removeprefix(str(delivery.key))}" for delivery in found]


NOBODY: frozenset[ConversationKey] = frozenset()


# ---------------------------------------------------------------- the inbox


async def test_a_start_leaves_a_living_siblings_inbox_alone(pair: Pair) -> None:
    await pair.ours.accept(message("m1"))
    assert await pair.theirs.waiting() == []
    pair.clock.pass_seconds(LEASE_S - 1)
    await pair.ours.renew(["web"])
    pair.clock.pass_seconds(LEASE_S - 1)
    assert await pair.theirs.waiting() == []


async def test_what_the_dead_accepted_is_taken_once_and_in_order(pair: Pair) -> None:
    for name in ("m1", "m2", "m3"):
        await pair.ours.accept(message(name))
    pair.clock.pass_seconds(LEASE_S)
    assert [kept.id for kept in await pair.theirs.waiting()] == ["m1", "m2", "m3"]
    assert await pair.ours.waiting() == await pair.theirs.waiting() == []
    await pair.theirs.commit(State(KEY), Turn(message("m1"), None), [])
    pair.clock.pass_seconds(LEASE_S)
    assert [kept.id for kept in await pair.ours.waiting()] == ["m2", "m3"]


async def test_what_was_kept_without_a_word_is_taken_up_by_who_lives(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database went away after it had the message and before it could say so."""
    writer = type(pair.ours._writer)
    write = writer.write

    async def unheard(self: Any, work: Any) -> None:
        await write(self, work)
        raise StorageUnavailable("the connection was lost")

    with monkeypatch.context() as patched:
        patched.setattr(writer, "write", unheard)
        with pytest.raises(StorageUnavailable):
            await pair.ours.accept(message("m1"))
    assert not await pair.ours.accept(message("m1"))
    await pair.ours.accept(message("m2", OTHER))
    for _ in range(2):
        pair.clock.pass_seconds(LEASE_S - 1)
        await pair.ours.renew(["web"])
    assert [kept.id for kept in await pair.ours.waiting()] == ["m1"]
    assert await pair.theirs.waiting() == []


async def test_a_process_that_ends_lets_go_at_once(pair: Pair) -> None:
    await pair.ours.accept(message("m1"))
    await write(pair.ours, 1, OTHER)
    await pair.ours.close()
    assert [kept.id for kept in await pair.theirs.waiting()] == ["m1"]
    assert await due(pair.theirs) == ["ben/0/0"]


# ---------------------------------------------------------------- the outbox


async def test_deliveries_are_their_writers_until_the_lease_is_over(pair: Pair) -> None:
    await write(pair.ours, 2)
    assert await due(pair.theirs) == []
    assert await due(pair.ours) == ["ann/0/0", "ann/0/1"]
    pair.clock.pass_seconds(LEASE_S - 1)
    await pair.ours.renew(["web"])
    pair.clock.pass_seconds(LEASE_S - 1)
    assert await due(pair.theirs) == []
    pair.clock.pass_seconds(1)
    assert await due(pair.theirs) == ["ann/0/0", "ann/0/1"]
    assert await due(pair.ours) == []


async def test_what_is_for_a_door_that_its_writer_does_not_serve_goes_to_who_does(pair: Pair) -> None:
    await write(pair.ours)
    pair.clock.pass_seconds(LEASE_S - 1)
    await pair.ours.renew(["telegram"])
    pair.clock.pass_seconds(1)
    assert await due(pair.theirs) == ["ann/0/0"]


async def test_what_is_behind_a_siblings_delivery_waits_for_it(pair: Pair) -> None:
    await write(pair.ours)
    await write(pair.theirs)
    assert await due(pair.theirs) == []
    assert await due(pair.ours) == ["ann/0/0"]
    await pair.ours.delivered([f"{KEY}/0/0"])
    assert await due(pair.theirs) == ["ann/1/0"]


async def test_deliveries_go_to_the_process_that_the_receiver_is_connected_to(pair: Pair) -> None:
    await write(pair.ours, 2)
    assert await due(pair.ours, NOBODY) == [], "offered"
    assert await due(pair.ours, NOBODY) == await due(pair.theirs, NOBODY) == []
    assert await due(pair.theirs, frozenset({KEY})) == ["ann/0/0", "ann/0/1"]
    assert await due(pair.ours) == []


async def test_what_no_process_has_the_receiver_of_is_tried_by_one(pair: Pair) -> None:
    await write(pair.ours)
    assert await due(pair.ours, NOBODY) == []
    pair.clock.pass_seconds(LEASE_S)
    assert await due(pair.theirs, NOBODY) == ["ann/0/0"]
    assert await due(pair.ours, NOBODY) == []
    await pair.theirs.postpone(f"{KEY}/0/0", EPOCH + timedelta(hours=1), "not connected")
    assert await due(pair.ours) == []
    (again,) = await pair.ours.due(EPOCH + timedelta(hours=1), ["web"])
    assert again.attempt == 2


async def test_offers_to_others_hide_nothing_behind_them(pair: Pair) -> None:
    away = [ConversationKey("web", "", f"away{n}") for n in range(12)]
    for key in away:
        await write(pair.ours, 1, key)
    await write(pair.ours, 1, OTHER)
    found = await pair.ours.due(EPOCH, ["web"], limit=5, is_near=lambda key: key == OTHER)
    assert [delivery.key for delivery in found] == [OTHER]


async def test_who_lost_a_lease_does_not_postpone_for_who_has_it(pair: Pair) -> None:
    await write(pair.ours)
    pair.clock.pass_seconds(LEASE_S)
    assert await due(pair.theirs) == ["ann/0/0"]
    await pair.ours.postpone(f"{KEY}/0/0", EPOCH + timedelta(hours=1), "late")
    assert await due(pair.theirs) == ["ann/0/0"]


@pytest.mark.postgres
async def test_looking_at_the_same_moment_each_delivery_has_one_taker(postgres_url: str) -> None:
    pair = await opened(postgres_url)
    keys = [ConversationKey("web", "", f"p{n}") for n in range(20)]
    await asyncio.gather(*(write(pair.ours, 3, key) for key in keys))
    pair.clock.pass_seconds(LEASE_S)  # the writer is gone
    others = [await SqlStore.open(postgres_url, Leases(f"p{n}", LEASE_S, pair.clock)) for n in range(4)]
    try:
        taken = await asyncio.gather(*(store.due(EPOCH, ["web"]) for store in others for _ in range(2)))
        first = [delivery.id for part in taken[::2] for delivery in part]
        both = {(n // 2, delivery.id) for n, part in enumerate(taken) for delivery in part}
        assert len({name for _, name in both}) == len(both) == 60
        assert set(first) <= {name for _, name in both}
        for part in taken:  # whole conversations, from their first on
            for key in {delivery.key for delivery in part}:
                assert [d.id for d in part if d.key == key] == [f"{key}/0/{n}" for n in range(3)]
    finally:
        for store in (*others, *pair.both):
            await store.close()


@pytest.mark.postgres
async def test_while_another_claims_the_first_nobody_gets_what_is_behind_it(postgres_url: str) -> None:
    pair = await opened(postgres_url)
    await write(pair.ours, 2)
    pair.clock.pass_seconds(LEASE_S)
    async with pair.ours._engine.begin() as claiming:
        await claiming.execute(sa.text("SELECT id FROM outbox ORDER BY seq LIMIT 1 FOR UPDATE"))
        async with asyncio.timeout(5):  # nor does it wait
            assert await due(pair.theirs) == []
    assert await due(pair.theirs) == ["ann/0/0", "ann/0/1"]
    for store in pair.both:
        await store.close()


# What may happen on two processes: (who, what).
HAPPENINGS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["write", "send", "fail", "look away", "die", "wait"])), max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=HAPPENINGS)
def test_whatever_happens_each_delivery_arrives_in_order(
    happenings: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Takers that live renew; who dies keeps its leases until they are over. Two never have the same delivery."""
    asyncio.run(_live_through(happenings, f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('lease')}/store.db"))


async def _live_through(happenings: list[tuple[int, str]], url: str) -> None:
    pair = await opened(url)
    has: tuple[set[str], set[str]] = (set(), set())
    arrived: list[str] = []
    written, now = 0, EPOCH
    stores = list(pair.both)
    for who, what in [*happenings, *[(0, "wait"), (0, "send")] * 12]:
        store, other = stores[who], 1 - who
        match what:
            case "write":
                await write(store)
                written += 1
            case "wait":
                pair.clock.pass_seconds(LEASE_S)
                now += timedelta(seconds=LEASE_S)
                has[0].clear(), has[1].clear()
            case "die":
                has[who].clear()
                name = Leases(f"{who} after {len(arrived)}/{written}/{now}"[:128], LEASE_S, pair.clock)
                stores[who] = SqlStore(store._engine, name)
            case _:
                near = what != "look away"
                found = [d.id for d in await store.due(now, ["web"], is_near=lambda key, near=near: near)]
                assert not has[other] & set(found), "two have the same delivery"
                has[who].update(found)
                for name in found[:1] if what == "fail" else found if what == "send" else []:
                    has[who].discard(name)
                    if what == "fail":
                        await store.postpone(name, now + timedelta(seconds=1), "refused")
                    else:
                        await store.delivered([name])
                        arrived.append(name)
    assert arrived == [f"{KEY}/{n}/0" for n in range(written)]
    for store in pair.both:
        await store.close()
