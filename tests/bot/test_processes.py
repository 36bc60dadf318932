"""Two engines over one PostgreSQL, as two processes have them: one truth, in order, nothing lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from bot.engine import Engine, Rooms
from bot.errors import StorageUnavailable
from bot.fakes import (
    FakeActions,
    FakeClock,
    FakeDialogue,
    FakeKnowledge,
    FakePhotoReader,
    FakeRecommender,
    FakeResponding,
    FakeUnderstanding,
)
from bot.storage.advisory import AdvisoryLocks
from bot.storage.sql import SqlStore
from bot.types import AskKnowledge, Command, ConversationKey, Do, Outcome, Say, State, Step
from tests.bot.conftest import KEY, message

pytestmark = pytest.mark.postgres

OTHER = ConversationKey("web", "", "ben")


@dataclass
class OneProcess:
    """What one process has of a service: its own store, locks and engine."""

    engine: Engine
    store: SqlStore
    locks: AdvisoryLocks
    actions: FakeActions = field(default_factory=FakeActions)


def cancellation(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
    """A flow in small: "cancel" asks, "no" leaves it, "yes" acts where something is open, anything else is counted."""
    if commands is None:
        return Step(state, (Say("utter_cancelled"),), done=True)
    (command,) = commands
    assert isinstance(command, AskKnowledge)
    is_open = bool(state.slots.get("open"))
    match command.text:
        case "cancel":
            return Step(replace(state, slots={"open": True}), (Say("utter_ask_confirm"),), done=True)
        case "no":
            return Step(replace(state, slots={}), (Say("utter_left"),), done=True)
        case "yes" if is_open:
            return Step(replace(state, slots={}), (Do("action_cancel", {}),), done=False)
        case "yes":
            return Step(state, (Say("utter_nothing_open"),), done=True)
    return Step(state, (Say("utter_counted", {"n": state.version}),), done=True)


@asynccontextmanager
async def process(url: str) -> AsyncIterator[OneProcess]:
    store, locks, actions = await SqlStore.open(url), AdvisoryLocks.open(url), FakeActions()
    rooms = Rooms(
        understanding=FakeUnderstanding(),
        dialogue=FakeDialogue(cancellation),
        responding=FakeResponding(),
        knowledge=FakeKnowledge(),
        recommender=FakeRecommender(),
        photo_reader=FakePhotoReader(),
        actions=actions,
        store=store,
        photos=store,
        locks=locks,
        clock=FakeClock(),
        signals=store.signals(),
    )
    engine = Engine(rooms, has_desk=False)
    try:
        yield OneProcess(engine, store, locks, actions)
    finally:
        await engine.drain()
        await locks.close()
        await store.close()


@pytest.fixture
async def pair(postgres_url: str) -> AsyncIterator[tuple[OneProcess, OneProcess]]:
    async with process(postgres_url) as ours, process(postgres_url) as theirs:
        yield ours, theirs


Pair = tuple[OneProcess, OneProcess]


async def test_a_yes_to_what_another_process_has_left_writes_nothing(pair: Pair) -> None:
    ours, theirs = pair
    assert (await ours.engine.handle(message("cancel", "m1"))).replies[0].text == "utter_ask_confirm"
    assert (await theirs.engine.handle(message("no", "m2"))).replies[0].text == "utter_left"
    assert (await ours.engine.handle(message("yes", "m3"))).replies[0].text == "utter_nothing_open"
    assert ours.actions.calls == theirs.actions.calls == []


async def test_a_yes_at_another_process_is_a_yes_once(pair: Pair) -> None:
    ours, theirs = pair
    await ours.engine.handle(message("cancel", "m1"))
    both = await asyncio.gather(ours.engine.handle(message("yes", "m2")), theirs.engine.handle(message("yes", "m2")))
    assert both[0] == both[1]
    assert len(ours.actions.calls + theirs.actions.calls) == 1


async def test_a_conversation_over_two_processes_keeps_its_order(pair: Pair) -> None:
    said = [message(f"word {n}", f"m{n}") for n in range(200)]
    for n, word in enumerate(said):
        assert await pair[n % 2].engine.accept(word)
    for one in pair:
        await one.engine.drain()
    turns = await pair[0].store.history(KEY, limit=500)
    assert [turn.message.id for turn in turns] == [word.id for word in said]
    assert [turn.replies[0].text for turn in turns] == [f"utter_counted n={n}" for n in range(200)]
    sent = await pair[1].store.undelivered(KEY)
    assert [delivery.id for delivery in sent] == [f"{KEY}/m{n}/0" for n in range(200)]
    assert await pair[0].store.earlier(message("x", "last")) == []


async def test_a_repeat_at_another_process_is_the_turn_made_before(pair: Pair) -> None:
    ours, theirs = pair
    assert await ours.engine.accept(message("word", "m1"))
    assert not await theirs.engine.accept(message("word", "m1"))
    await ours.engine.drain()
    assert (await theirs.engine.handle(message("word", "m1"))).replies[0].text == "utter_counted n=0"
    assert len(await ours.store.history(KEY)) == 1


async def test_what_was_accepted_earlier_elsewhere_is_taken_first(pair: Pair) -> None:
    ours, theirs = pair
    assert await theirs.store.accept(message("cancel", "m1"))  # and dies before its turn
    assert (await ours.engine.handle(message("no", "m2"))).replies[0].text == "utter_left"
    assert [turn.message.id for turn in await ours.store.history(KEY)] == ["m1", "m2"]


# ---------------------------------------------------------------- the locks themselves


async def test_a_lock_is_held_against_other_processes_and_other_conversations_go_on(pair: Pair) -> None:
    ours, theirs = pair
    order: list[str] = []

    async def wait() -> None:
        async with theirs.locks.hold(KEY):
            order.append("theirs")

    async with ours.locks.hold(KEY), theirs.locks.hold(OTHER):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.1)
        order.append("ours")
    await waiting
    assert order == ["ours", "theirs"]


async def test_a_lock_that_is_kept_for_too_long_is_said_to_be(pair: Pair, postgres_url: str) -> None:
    impatient = AdvisoryLocks.open(postgres_url, wait_s=0.05)
    async with pair[0].locks.hold(KEY):
        with pytest.raises(StorageUnavailable, match="held by another process"):
            async with impatient.hold(KEY):
                pass
    async with impatient.hold(KEY):
        pass
    await impatient.close()


async def test_a_process_that_is_gone_holds_nothing(pair: Pair, postgres_url: str) -> None:
    gone = AdvisoryLocks.open(postgres_url)
    holding = gone.hold(KEY)
    await holding.__aenter__()
    await gone.close()
    async with pair[0].locks.hold(KEY):
        pass
    await holding.__aexit__(None, None, None)  # lets go of nothing that is somebody else's
    await gone.close()


async def test_many_conversations_at_once_take_one_connection(pair: Pair, postgres_url: str) -> None:
    held = asyncio.Event()

    async def hold(n: int) -> None:
        async with pair[0].locks.hold(ConversationKey("web", "", str(n))):
            await held.wait()

    holding = [asyncio.create_task(hold(n)) for n in range(300)]
    async with asyncio.timeout(20):
        while await _count(postgres_url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") < 300:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await _count(postgres_url, "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory'") == 1
    held.set()
    await asyncio.gather(*holding)


async def test_whoever_is_cancelled_while_asking_holds_nothing(pair: Pair) -> None:
    ours, theirs = pair

    async def hold() -> None:
        async with ours.locks.hold(KEY):
            pass

    for turns in range(6):
        asking = asyncio.create_task(hold())
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(5), theirs.locks.hold(KEY):
            pass


async def _count(url: str, query: str) -> int:
    import asyncpg

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return int(
            await connection.fetchval(
                query + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    finally:
        await connection.close()
