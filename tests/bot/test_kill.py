"""The service is killed at every step of a turn, and started again: no reply is lost or doubled, no order changed twice.

Each run is a process of its own that sends itself SIGKILL at its n-th step: before or after a call of a port, a statement of
SQL, or a commit. What happens outside the process, on the platform and in the shop, is written to files that survive it.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine as SqlEngine

from bot.clock import SystemClock
from bot.engine import Engine, Rooms
from bot.fakes import EPOCH, FakeDialogue, FakeKnowledge, FakePhotoReader, FakeRecommender, FakeResponding, FakeUnderstanding
from bot.locks import LocalLocks
from bot.outbox import Dispatcher
from bot.storage.leases import Leases
from bot.storage.sql import SqlStore
from bot.types import (
    AskKnowledge,
    Call,
    Command,
    ConversationKey,
    Delivery,
    Do,
    Message,
    Outcome,
    Say,
    State,
    Step,
    ToCustomer,
)
from tests.postgres import fresh_database

KEY = ConversationKey("web", "", "ann")
PUSHED = [Message(f"m{n}", KEY, f"cancel item {n}", EPOCH) for n in (1, 2)]
ASKED = Message("m3", KEY, "cancel item 3", EPOCH)
# No path is longer; a run that needs more steps than this goes in circles.
LIMIT = 500

StepDone = Callable[[], None]


class World:
    """What outlives the process: the platform that sends and receives, and the shop."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "platform.jsonl"
        self._shop = folder / "shop.db"

    def prepare(self) -> None:
        with sqlite3.connect(self._shop) as shop:
            shop.execute("CREATE TABLE effects (key TEXT PRIMARY KEY, item TEXT)")

    def note(self, kind: str, name: str, text: str = "") -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps([kind, name, text]) + "\n")

    def noted(self, kind: str) -> list[tuple[str, str]]:
        if not self._log.exists():
            return []
        rows = (json.loads(line) for line in self._log.read_text("utf-8").splitlines())
        return [(name, text) for noted, name, text in rows if noted == kind]

    def change_order(self, key: str, item: str) -> None:
        with sqlite3.connect(self._shop) as shop:
            shop.execute("INSERT OR IGNORE INTO effects VALUES (?, ?)", (key, item))

    def effects(self) -> list[str]:
        with sqlite3.connect(self._shop) as shop:
            return sorted(item for (item,) in shop.execute("SELECT item FROM effects"))


class Stepping:
    """A port whose calls count as steps, before and after."""

    def __init__(self, port: object, step: StepDone) -> None:
        self._port = port
        self._step = step

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._step()
            result = await method(*args, **kwargs)
            self._step()
            return result

        return call


class OrderActions:
    """An action that changes an order in the shop, once a key."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self, call: Call) -> Outcome:
        self._world.change_order(call.idempotency_key, str(call.arguments["item"]))
        return Outcome(call.action, ok=True)


class PlatformSender:
    """Delivers to the platform."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def send(self, delivery: Delivery) -> None:
        assert isinstance(delivery.body, ToCustomer)
        self._world.note("arrived", delivery.id, delivery.body.reply.text)


def cancel_then_say(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
    if commands is None:
        return Step(state, (Say("utter_cancelled", {"number": state.version}),), done=True)
    (command,) = commands
    assert isinstance(command, AskKnowledge)
    return Step(state, (Do("action_cancel", {"item": command.text}),), done=False)


async def serve(url: str, world: World, step: StepDone) -> None:
    """One life of the process: take up what is left, take what the platform still has to send, deliver, stop."""
    # on PostgreSQL what a life had is free at once: how long its leases last is tested in storage/test_leases.py
    store = await SqlStore.open(url, Leases("life", 0) if url.startswith("postgresql") else None)
    stepping: Any = Stepping(store, step)
    rooms = Rooms(
        understanding=Stepping(FakeUnderstanding(), step),  # type: ignore[arg-type]
        dialogue=FakeDialogue(cancel_then_say),
        responding=FakeResponding(),
        knowledge=FakeKnowledge(),
        recommender=FakeRecommender(),
        photo_reader=FakePhotoReader(),
        actions=Stepping(OrderActions(world), step),  # type: ignore[arg-type]
        store=stepping,
        photos=store,
        locks=LocalLocks(),
        clock=SystemClock(),
        signals=store.signals(),
    )
    engine = Engine(rooms, has_desk=False)
    senders: Any = {"web": Stepping(PlatformSender(world), step)}
    dispatcher = Dispatcher(stepping, senders, SystemClock())
    await engine.recover()
    await engine.drain()
    acknowledged = {name for name, _ in world.noted("acknowledged")}
    for message in PUSHED:  # a platform sends again until it is told that the message is kept
        if message.id not in acknowledged:
            await engine.accept(message)
            world.note("acknowledged", message.id)
            step()
            await engine.drain()
    if not world.noted("answered"):  # a client asks again until it has its answer
        turn = await engine.handle(ASKED)
        step()
        world.note("answered", ASKED.id, turn.replies[0].text)
    while await dispatcher.deliver_due():
        step()
    await store.close()


def live(url: str, world: World, die_at: int) -> bool:
    """Run one life in a child process that kills itself at step `die_at`. True when it came to its end before."""
    child = os.fork()
    if child == 0:
        taken = 0

        def step(*_: Any) -> None:
            nonlocal taken
            taken += 1
            if taken == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            sa.event.listen(SqlEngine, "before_cursor_execute", step)
            sa.event.listen(SqlEngine, "after_cursor_execute", step)
            sa.event.listen(SqlEngine, "commit", step)
            asyncio.run(serve(url, world, step))
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, f"the life killed at step {die_at} failed by itself"
    return True


def check(world: World, die_at: int) -> None:
    """Every message was answered once, whatever was repeated on the way, and every order changed once."""
    where = f"killed at step {die_at}"
    arrived = world.noted("arrived")
    assert sorted(text for _, text in dict(arrived).items()) == [
        "utter_cancelled number=0",
        "utter_cancelled number=1",
    ], where
    assert len(set(arrived)) == len(dict(arrived)), f"{where}: a repeat said something else"
    assert max(Counter(name for name, _ in arrived).values()) <= 2, where
    assert {text for _, text in world.noted("answered")} == {"utter_cancelled number=2"}, where
    assert world.effects() == ["cancel item 1", "cancel item 2", "cancel item 3"], where


def kill_everywhere(folder: Path, fresh_url: Callable[[Path], str], every: int = 1) -> int:
    """Die at every `every`-th step of a fresh world each, live again, and check. Returns the step that was died at last."""

    def fresh(name: str) -> tuple[Path, World, str]:
        here = folder / name
        here.mkdir()
        world = World(here)
        world.prepare()
        return here, world, fresh_url(here)

    # One life here: what it loads and compiles, which is half of what a life takes, its children have from the beginning.
    _, world, url = fresh("at-home")
    asyncio.run(serve(url, world, lambda: None))
    for die_at in range(1, LIMIT, every):
        here, world, url = fresh(str(die_at))
        finished = live(url, world, die_at)
        if not finished:
            assert live(url, world, 0)
        check(world, die_at)
        shutil.rmtree(here)
        if finished:
            return die_at - every
    raise AssertionError(f"more than {LIMIT} steps")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables: laying them out at every death would take most of the time."""
    path = tmp_path_factory.mktemp("kill") / "template.db"

    async def lay_out() -> None:
        await (await SqlStore.open(f"sqlite+aiosqlite:///{path}")).close()

    asyncio.run(lay_out())
    return path


def test_killed_at_every_step_nothing_is_lost_or_doubled(tmp_path: Path, migrated: Path) -> None:
    def fresh(folder: Path) -> str:
        shutil.copy(migrated, folder / "bot.db")
        return f"sqlite+aiosqlite:///{folder / 'bot.db'}"

    assert kill_everywhere(tmp_path, fresh) > 60


@pytest.mark.long
@pytest.mark.postgres
def test_killed_at_every_step_on_postgres(tmp_path: Path, postgres_server: str) -> None:
    urls: dict[Path, str] = {}

    def fresh(folder: Path) -> str:
        return urls.setdefault(folder, fresh_database(postgres_server))

    assert kill_everywhere(tmp_path, fresh, every=5) > 60
