"""What tests of platforms share: a room on fakes with an inlet, and nouns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.commerce import Money
from bot.fakes import EPOCH
from bot.live import EventKind, Health, PublicLine, RoomEvent, ViewerComment
from channels.live.inlet import RoomInlet
from channels.live.links import Link
from channels.live.outgoing import Outgoing
from channels.live.room import Room
from tests.channels.live.conftest import Live


def said(name: str, text: str, author: str = "u1", at: datetime = EPOCH, **more: Any) -> ViewerComment:
    return ViewerComment(name, author, more.pop("called", author), text, at, **more)


def paid(name: str, author: str = "u1", amount: str = "399") -> RoomEvent:
    return RoomEvent(name, EventKind.ORDER_PAID, author, author, EPOCH, amount=Money.of(amount))


async def joined(live: Live, name: str = "other", **outgoing: Any) -> tuple[Room, RoomInlet, Outgoing]:
    """The room `main`, joined to a platform of this name."""
    room = await live.rooms.opened("main")
    health, out = Health(), Outgoing(name, **outgoing)
    room.link(Link(name, health, outgoing=out))
    return room, RoomInlet(name, room, live.intake, live.clock, health), out


class Lines:
    """`LiveOutlet` that keeps what it is told. `errors` are raised first, one at a time."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.told: list[PublicLine] = []

    async def tell(self, line: PublicLine) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.told.append(line)
