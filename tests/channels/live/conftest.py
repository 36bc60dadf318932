"""A room `main` on fakes, and viewers that come in."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI

from bot.errors import ChannelUnavailable
from bot.fakes import FakeClock, FakeLimits, FakeOrderNumbers, FakeReceiver, MemoryAudit, MemoryRooms
from bot.stage import Stages
from bot.types import Answer, Audience, ConversationKey, Message, Reply, Turn
from channels.common.problems import install_problems
from channels.live.answers import Rules
from channels.live.correcting import Corrector
from channels.live.gate import Judge
from channels.live.host import host_router
from channels.live.intake import Intake
from channels.live.keeper import Keeper
from channels.live.rooms import LiveSender, Rooms
from channels.live.sharing import Sharing
from channels.live.socket import LiveDoor, live_router
from channels.live.telling import Teller
from tests.channels.asgi import AsgiSocket
from tests.channels.live.shop import RoomShop


@dataclass
class Live:
    """The live rooms and the fakes behind them."""

    secret: str = "s3cret"
    open_host: bool = False
    rules: Rules = field(default_factory=Rules)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    memory: MemoryRooms = field(default_factory=MemoryRooms)
    shop: RoomShop = field(default_factory=RoomShop)
    clock: FakeClock = field(default_factory=FakeClock)
    stages: Stages = field(default_factory=Stages)
    receiver: FakeReceiver = field(
        default_factory=lambda: FakeReceiver(reply=lambda message: (Reply(f"re: {message.text}", audience=Audience.PUBLIC),))
    )

    limits: FakeLimits = field(default_factory=FakeLimits)
    sharing: Sharing | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The service begins anew: what it had in memory is gone, the outbox is as it was."""
        self.rooms = Rooms(
            self.shop,  # type: ignore[arg-type]
            self.clock,
            merge_window_s=20,
            history=10,
            rules=lambda room: self.rules,
            audit=self.audit,
            memory=self.memory,
            stages=self.stages,
            sharing=self.sharing,
        )
        self.keeper = Keeper(self.rooms, self.memory, self.clock)
        self.corrector = Corrector(self.rooms, self.shop, self.clock)  # type: ignore[arg-type]
        self.sender = LiveSender(self.rooms, self._history)
        self.teller = Teller(self.rooms, self.receiver, self.sender)
        self.judge(None)

    def judge(self, judge: Judge | None) -> None:
        """Whoever comes in from now on is judged by `judge`."""
        self.app = FastAPI()
        install_problems(self.app)
        numbers = FakeOrderNumbers().forms.private
        self.intake = Intake(self.receiver, numbers, judge)
        door = self.door = LiveDoor(
            self.receiver,
            self.intake,
            self.rooms,
            self.clock,
            self.limits,
            self.secret,
            open_host=self.open_host,
        )
        self.app.include_router(live_router(door))
        self.app.include_router(host_router(door))

    async def _history(self, key: ConversationKey, most: int) -> list[Turn]:
        asked = [message for message in self.asked if message.key == key]
        return [Turn(one, None, (Answer(one.text),), replies=self.receiver.reply(one)) for one in asked[-most:]]

    def viewer(self, room: str = "main") -> AsgiSocket:
        return AsgiSocket(self.app, f"/live/{room}/ws")

    def host(self, room: str = "main", **headers: str) -> AsgiSocket:
        return AsgiSocket(self.app, f"/live/{room}/host", **headers)

    async def deliver(self) -> None:
        """What the outbox does: everything that waits, once. What is held goes on waiting."""
        for delivery in list(self.receiver.waiting):
            with contextlib.suppress(ChannelUnavailable):
                await self.sender.send(delivery)
                await self.receiver.delivered([delivery])

    @property
    def asked(self) -> list[Message]:
        return list(self.receiver.messages.values())


@pytest.fixture
def live() -> Live:
    return Live()


async def enter(socket: AsgiSocket, name: str = "Ann", **hello: Any) -> dict[str, Any]:
    await socket.send(type="hello", name=name, **hello)
    return await socket.receive("welcome")
