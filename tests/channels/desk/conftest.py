"""A desk, a real engine and an outbox over fakes or SQLite, and people who use them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.channel import OpenChannel
from bot.desk import Alarms, Due, Goal, Priority, Role, Staff, Ticket, ticket_id
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
    MemoryDesk,
    MemoryLoads,
    MemorySignals,
    MemoryStore,
    MemoryWritten,
)
from bot.loads import KnownDocument
from bot.locks import LocalLocks
from bot.shows import Shows
from bot.types import (
    DESK,
    Answer,
    AskKnowledge,
    CancelFlow,
    Command,
    ConversationKey,
    Escalate,
    Expectation,
    Gap,
    Language,
    Message,
    Outcome,
    Photo,
    RequestHuman,
    State,
    Step,
)
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.desk import accounts
from channels.desk.accounts import Doorkeeper
from channels.desk.canned import DEFAULTS, read_canned
from channels.desk.console.routes import ConsoleDoor, console_router
from channels.desk.desk import Act, Desk, DeskParts
from channels.desk.floor import Floor
from channels.desk.goals import Goals
from channels.desk.hours import OfficeHours, office_hours
from channels.desk.offering import Offering
from channels.desk.pages import page_routes
from channels.desk.reminding import Reminding
from channels.desk.routes import DeskDoor, desk_router
from channels.desk.socket import socket_router
from tests.knowledge.shop import MemoryShop

ANN, BEN = ConversationKey("web", "", "ann"), ConversationKey("telegram", "", "42")
MIA, TOM, BOSS = Staff("mia", Role.AGENT, ""), Staff("tom", Role.AGENT, ""), Staff("boss", Role.OWNER, "")
PERSON = "a person, please"
SPANS = {Priority.NORMAL: {Goal.FIRST_ANSWER: timedelta(minutes=20), Goal.RESOLUTION: timedelta(hours=4)}}


def decide(state: State, commands: Sequence[Command] | None, outcomes: Sequence[Outcome]) -> Step:
    steps = {RequestHuman: lambda one: Escalate(one.reason), AskKnowledge: lambda one: Answer(one.text)}
    return Step(state, tuple(steps[type(one)](one) for one in commands or () if type(one) in steps), done=True)


@dataclass
class World:
    """Engine, desk and what stands between them; `flush` is the outbox, `present` whether an agent sits there."""

    hours: OfficeHours = field(default_factory=lambda: office_hours([], "Asia/Shanghai"))
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    kept: MemoryDesk = field(default_factory=MemoryDesk)
    present: bool = False
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    changed: list[Ticket] = field(default_factory=list)
    due: list[tuple[Ticket, Due]] = field(default_factory=list)
    alarms: Alarms = field(default_factory=Alarms)

    def __post_init__(self) -> None:
        table: dict[str, tuple[Command, ...]] = {PERSON: (RequestHuman("asked"),), "cancel": (CancelFlow(),)}
        rooms = Rooms(
            understanding=FakeUnderstanding(table),
            dialogue=FakeDialogue(decide),
            responding=FakeResponding(),
            knowledge=FakeKnowledge(),
            recommender=FakeRecommender(),
            photo_reader=FakePhotoReader(),
            actions=FakeActions(),
            store=self.store,
            photos=self.store,
            locks=LocalLocks(),
            clock=self.clock,
            signals=MemorySignals(),
        )
        self.goals = Goals(SPANS, self.hours)
        self.floor = Floor(self.clock, self.goals)
        self.reminding = Reminding(self.kept, self.goals, self.clock, self.alarms, self._due)
        self.engine = Engine(rooms, has_desk=True, expectation=self._expectation)
        self.offering = Offering(self.kept, self.kept, self.clock, self._here, self._changed)
        parts = DeskParts(
            self.kept,
            self.engine,
            self.store.history,
            self.engine.propose,
            self.clock,
            self.hours,
            present=lambda: self.present or self.floor.present(),
            minutes=self.offering.minutes,
            changed=self._changed,
        )
        self.desk = Desk(parts)

    def _due(self, ticket: Ticket, due: Due) -> None:
        self.due.append((ticket, due))
        self.floor.due(ticket, due)

    def _here(self) -> list[str]:
        return self.floor.here() or (["mia"] if self.present else [])

    async def _expectation(self, key: ConversationKey, language: Language) -> Expectation:
        return await self.desk.expectation(key, language)  # engine and desk know each other

    def _changed(self, ticket: Ticket) -> None:
        self.changed.append(ticket)
        self.floor.changed(ticket)

    async def says(self, text: str, key: ConversationKey = ANN, photos: tuple[Photo, ...] = ()) -> list[str]:
        """The customer writes; what the bot answers, once the desk has what is for it."""
        self.clock.pass_seconds(1)
        message = Message(f"m{next(self.numbers)}", key, text, self.clock.now(), photos)
        turn = await self.engine.handle(message)
        await self.flush()
        return [reply.text for reply in turn.replies]

    async def flush(self, times: int = 1) -> None:
        """Deliver what waits for the desk, each `times` times."""
        for delivery in await self.store.due(self.clock.now(), [DESK]):
            for _ in range(times):
                await self.desk.send(delivery)
            await self.store.delivered([delivery.id])

    async def heard(self, key: ConversationKey = ANN) -> list[tuple[str, str]]:
        """What was pushed to the customer since the last look, with whose words they are."""
        waiting = await self.store.undelivered(key)
        await self.store.delivered([delivery.id for delivery in waiting])
        return [(one.body.reply.agent, one.body.reply.text) for one in waiting if one.body.kind == "to_customer"]

    async def ticket(self, key: ConversationKey = ANN) -> Ticket:
        ticket = await self.kept.ticket(ticket_id(key))
        assert ticket is not None
        return ticket

    def act(self, by: Staff = MIA) -> Act:
        return Act(by, f"act{next(self.numbers)}")


@pytest.fixture
def world() -> World:
    return World()


@dataclass
class Site:
    """The desk as a web application."""

    world: World

    async def group(self, questions: Sequence[tuple[str, Language]]) -> list[Gap]:
        """Every question by itself."""
        return [Gap(language.value, 1, (text,)) for text, language in questions]

    async def documents(self) -> list[KnownDocument]:
        """Those that a test puts there."""
        return self.known

    def __post_init__(self) -> None:
        self.written = MemoryWritten()
        self.shop = MemoryShop()
        self.loads = MemoryLoads()
        self.known: list[KnownDocument] = []
        self.shows = Shows()
        self.keeper = Doorkeeper(self.world.kept, self.world.store, self.world.clock, timedelta(hours=12))
        door = DeskDoor(
            self.world.desk,
            self.world.kept,
            self.world.kept,
            self.keeper,
            self.world.store,
            self.world.clock,
            read_canned(DEFAULTS),
            secure=False,
            set_away=self.world.floor.set_away,
            goals=self.world.goals,
        )
        world = self.world
        console = console_router(
            ConsoleDoor(
                self.keeper,
                world.store.traces(),
                self.group,
                self.written,
                world.engine.propose,
                world.kept,
                self.shop,
                self.loads,
                self.documents,
                self.shows,
                world.clock,
                ZoneInfo("Asia/Shanghai"),
            )
        )
        routes = (desk_router(door), console, socket_router(self.keeper, self.world.floor), *page_routes())
        self.app = web_application([OpenChannel({DESK: self.world.desk}, routes)], {}, Metrics(), Keys({}))

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test")

    async def hires(self, name: str, role: Role = Role.AGENT, password: str = "a long password") -> None:
        await self.world.kept.put_member(accounts.member(name, role, password))


@pytest.fixture
async def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    return await staffed(world, monkeypatch)


async def staffed(world: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The desk with two agents, an owner and a host."""
    from argon2 import PasswordHasher
    from argon2.profiles import CHEAPEST

    monkeypatch.setattr(accounts, "_hasher", PasswordHasher.from_parameters(CHEAPEST))
    made = Site(world)
    for name, role in (("mia", Role.AGENT), ("tom", Role.AGENT), ("boss", Role.OWNER), ("hans", Role.HOST)):
        await made.hires(name, role)
    return made


@pytest.fixture
async def mia(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Mia's browser, logged in."""
    async with site.browser() as browser:
        assert (
            await browser.post("/desk/api/login", json={"name": "mia", "password": "a long password"})
        ).status_code == 200
        yield browser


@pytest.fixture
async def boss(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The owner's browser, logged in."""
    async with site.browser() as browser:
        await browser.post("/desk/api/login", json={"name": "boss", "password": "a long password"})
        yield browser
