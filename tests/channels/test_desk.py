"""A customer on Telegram asks for a person, an agent in Slack answers and gives the conversation back to the bot.

Engine, outbox, both doors and the database are the real ones, the platforms are servers on this machine. The service dies
behind every write and every delivery, and a new one goes on with what is stored.
"""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import lanes
from bot.clock import SystemClock
from bot.engine import Engine, Rooms
from bot.fakes import (
    FakeActions,
    FakeClock,
    FakeDialogue,
    FakeKnowledge,
    FakePhotoReader,
    FakeRecommender,
    FakeResponding,
    FakeUnderstanding,
    MemorySignals,
)
from bot.locks import LocalLocks
from bot.outbox import Dispatcher
from bot.ports import Sender
from bot.storage.sql import SqlStore
from bot.types import DESK, Answer, AskKnowledge, Command, Escalate, Outcome, RequestHuman, State, Step
from channels.slack import client, desk
from channels.slack.client import SlackApi
from channels.slack.desk import SlackDesk
from channels.telegram.door import TelegramDoor
from tests.channels.slack.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL, FakeSlack
from tests.channels.telegram.bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.conftest import until

# What is a step: everything that changes something, here or on a platform. The service dies behind each.
STEPS = {"accept", "commit", "delivered", "bind", "postpone", "send"}
# No life is longer; a run that needs more steps than this goes in circles.
LIMIT = 200
SAID_TO_CUSTOMER = [
    "utter_hand_off_queued",
    "utter_hand_off_joined agent=Mia Chen",
    "<b>Mia Chen</b> (support)\nHi, I am Mia",
    "utter_hand_off_back",
    "answer to thanks, bot",
]


@dataclass
class Life:
    """Counts the steps of one process, and stops it for good at step `die_at`. `busy` counts calls that are under way."""

    die_at: int
    taken: int = 0
    busy: int = 0
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self, *, counts: bool) -> None:
        self.taken += counts
        if counts and self.taken == self.die_at:
            self.dead.set()
        if self.dead.is_set():
            await asyncio.Event().wait()  # nothing more happens in this process


class Mortal:
    """A port of a process that may die behind its calls."""

    def __init__(self, port: object, life: Life) -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any) -> Any:
            await self._life.step(counts=False)
            with self._under_way():
                result = await method(*args)
            await self._life.step(counts=name in STEPS)
            return result

        return call

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        self._life.busy += 1
        try:
            yield
        finally:
            self._life.busy -= 1


class MortalSender(Mortal):
    """A sender of such a process: what it is about is left where it is."""

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        yield


class People:
    """The customer and the agent, who wait for each other and know nothing of the service's deaths."""

    def __init__(self, telegram: FakeBotApi, slack: FakeSlack) -> None:
        self.telegram = telegram
        self.slack = slack
        self._scene = 0
        self._scenes: list[tuple[Callable[[], object], Callable[[], Awaitable[object]]]] = [
            (lambda: True, lambda: self._write("a person, please")),
            (self.slack.roots, lambda: self._reply("Hi, I am Mia")),
            (lambda: self.read("Hi, I am Mia"), lambda: self._write("my parcel is lost")),
            (lambda: self.forwarded("my parcel is lost"), lambda: self._reply("back to the bot")),
            (lambda: self.read("utter_hand_off_back"), lambda: self._write("thanks, bot")),
        ]

    async def play(self) -> None:
        """Go on until everybody has said and got everything, and the platforms have nothing left to tell."""
        while self._scene < len(self._scenes):
            ready, act = self._scenes[self._scene]
            await until(ready)
            self._scene += 1
            await act()
        await until(lambda: all(map(self.read, SAID_TO_CUSTOMER)) and self.forwarded("The bot has the conversation"))
        await until(lambda: not self.telegram.updates and self.slack.pending == 0)

    async def _write(self, text: str) -> None:
        self.telegram.say(text=text)

    async def _reply(self, text: str) -> None:
        await self.slack.say(text, self.slack.roots()[0]["ts"])

    @property
    def shown(self) -> list[str]:
        return [call.values["text"] for call in self.telegram.sent("sendMessage")]

    def read(self, text: str) -> bool:
        return any(text in shown for shown in self.shown)

    def forwarded(self, text: str) -> list[dict[str, Any]]:
        return [message for message in self.slack.messages if text in message["text"] and "bot_id" in message]


@asynccontextmanager
async def service(url: str, people: People, life: Life) -> AsyncIterator[None]:
    """One process: take up what is left, then serve. At the end it is killed wherever it is."""
    others = asyncio.all_tasks()
    store = await SqlStore.open(url)
    mortal: Any = Mortal(store, life)
    senders: dict[str, Sender] = {}
    dispatcher = Dispatcher(mortal, senders, SystemClock())
    rooms = Rooms(
        understanding=FakeUnderstanding({"a person, please": (RequestHuman("asked"),)}),
        dialogue=FakeDialogue(decide),
        responding=FakeResponding(),
        knowledge=FakeKnowledge(),
        recommender=FakeRecommender(),
        photo_reader=FakePhotoReader(),
        actions=FakeActions(),
        store=mortal,
        photos=store,
        locks=LocalLocks(),
        clock=SystemClock(),
        signals=MemorySignals(),
    )
    engine = Engine(rooms, has_desk=True, on_commit=lambda turn: dispatcher.ring())
    door = TelegramDoor(TOKEN, engine, store, SystemClock(), api_url=people.telegram.url)
    api = SlackApi(BOT_TOKEN, APP_TOKEN, people.slack.url)
    agents = SlackDesk(api, engine, FakeClock(), channel=CHANNEL, bindings=mortal, photos=store)
    senders |= {"telegram": MortalSender(door, life), DESK: MortalSender(agents, life)}  # type: ignore[dict-item]
    connections = people.slack.connections
    try:
        await engine.recover()
        loops = [asyncio.create_task(work()) for work in (dispatcher.run, door.run, agents.run)]
        await until(lambda: people.slack.connections > connections or any(loop.done() for loop in loops))
        await people.slack.repeat()
        yield
    finally:
        life.dead.set()
        await until(lambda: life.busy == 0)  # a statement that the database has got is carried out
        orphans = [task for task in asyncio.all_tasks() - others if task is not asyncio.current_task()]
        for task in orphans:
            task.cancel()
        await asyncio.gather(*orphans, return_exceptions=True)
        await door.aclose()
        await api.close()
        await store.close()


def decide(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
    (command,) = commands or ()
    if isinstance(command, RequestHuman):
        return Step(state, (Escalate(command.reason),), done=True)
    assert isinstance(command, AskKnowledge)
    return Step(state, (Answer(command.text),), done=True)


async def live(url: str, people: People, die_at: int) -> bool:
    """One life of the service among the people. True when it lived to the end of the story."""
    life = Life(die_at)
    async with service(url, people, life):
        story, death = asyncio.create_task(people.play()), asyncio.create_task(life.dead.wait())
        await asyncio.wait({story, death}, return_when=asyncio.FIRST_COMPLETED)
        if life.dead.is_set():
            return False
        await story
    return True


def check(people: People, died: bool, where: str) -> None:
    """Everybody got everything; the agents got it once, the customer twice at the most, where the service died."""
    (root,) = people.slack.roots()
    thread = [message["text"] for message in people.slack.thread(root["ts"])]
    assert len(thread) == 4 and thread.index("Hi, I am Mia") == 0, where
    assert [len(people.forwarded(text)) for text in ("A customer asks", "my parcel is lost", "The bot has")] == [1, 1, 1], (
        where
    )
    shown = Counter(people.shown)
    assert set(shown) == set(SAID_TO_CUSTOMER), where
    assert sum(shown.values()) <= len(SAID_TO_CUSTOMER) + died, where


@pytest.mark.long
async def test_from_the_customer_to_the_agent_and_back_at_every_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "POLL_S", 0.02)
    monkeypatch.setattr(lanes, "FIRST_RETRY_S", 0.02)
    monkeypatch.setattr(desk, "RETRY_S", 0.02)
    monkeypatch.setattr(client, "PING_S", 0.05)
    template = tmp_path / "template.db"
    await (await SqlStore.open(f"sqlite+aiosqlite:///{template}")).close()
    for die_at in range(1, LIMIT):
        database = tmp_path / f"{die_at}.db"
        shutil.copy(template, database)
        telegram, slack = FakeBotApi(), FakeSlack()
        async with telegram.serving(), slack.serving():
            people = People(telegram, slack)
            url = f"sqlite+aiosqlite:///{database}"
            finished = await live(url, people, die_at)
            if not finished:
                assert await live(url, people, 0), f"killed at step {die_at}"
            check(people, not finished, f"killed at step {die_at}")
        if finished:
            assert die_at > 25
            return
    raise AssertionError(f"more than {LIMIT} steps")
