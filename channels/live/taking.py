"""What is asked of a room at any process, done by the one that has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import orjson
from pydantic import TypeAdapter

from bot.errors import ChannelUnavailable
from bot.live import Health, RoomEvent
from bot.ports import Clock
from channels.common.sockets import frame
from channels.live.inlet import RoomInlet
from channels.live.intake import Intake, Speaker, Spoken
from channels.live.owning import Handle
from channels.live.room import Room
from channels.live.rooms import Rooms
from channels.live.sharing import ASK_AGAIN_S, PATIENCE_S

# Whose events come from the shop itself, as sources have names.
SHOP = "shop"

_SPEAKER, _SPOKEN, _EVENT = TypeAdapter(Speaker), TypeAdapter(Spoken), TypeAdapter(RoomEvent)
Push = Callable[[str], None]


async def take_comment(intake: Intake, room: Room, speaker: Speaker, spoken: Spoken, push: Push) -> None:
    """Take a comment into a room that this process has, and push what became of it. Raises as `Intake.take` does."""
    taken = await intake.take(room, speaker, spoken)
    if taken is None:
        push(frame("accepted", id=spoken.id, repeat=True))
        return
    hidden = {"hidden": taken.hidden} if taken.hidden else {}
    push(frame("accepted", id=spoken.id, comment=taken.comment.id, fate=taken.verdict.fate, **hidden, repeat=False))
    taken.credit(room)


@dataclass(frozen=True, slots=True)
class Taking:
    """Does what is asked of a room here, or has its owner do it."""

    rooms: Rooms
    intake: Intake
    clock: Clock

    async def comment(self, name: str, speaker: Speaker, spoken: Spoken, push: Push) -> None:
        """Take a comment. Raises Unavailable: then it was not taken, or will be known as a repeat."""
        fields = {"of": spoken.id, "speaker": _plain(speaker), "spoken": _plain(spoken)}
        await self.have("comment", name, push, fields)

    async def event(self, name: str, event: RoomEvent) -> None:
        """Something happened elsewhere to a room. Raises Unavailable."""
        await self.have("event", name, _nobody, {"event": _plain(event)})

    async def have(self, kind: str, name: str, push: Push, fields: Mapping[str, Any]) -> None:
        """Have something done by whoever has the room, also while it is taken over. Raises ChannelUnavailable."""
        give_up = time.monotonic() + PATIENCE_S
        question = {"kind": kind, "id": uuid4().hex, **fields}
        while time.monotonic() < give_up:
            place = self.rooms.at(name)
            if isinstance(place, Room) and self.rooms.has(name):
                await self.handlers()[kind](place, fields, push)
                return
            if isinstance(place, Room):
                await asyncio.sleep(ASK_AGAIN_S)
            elif await self.rooms.ask(place, push, question):
                return
        raise ChannelUnavailable("the process that has the room does not answer; send it again")

    def handlers(self) -> dict[str, Handle]:
        """What can be asked, by its kind."""
        return {"comment": self._comment, "event": self._event}

    async def _comment(self, room: Room, asked: Mapping[str, Any], push: Push) -> None:
        speaker = _SPEAKER.validate_python(asked["speaker"])
        await take_comment(self.intake, room, speaker, _SPOKEN.validate_python(asked["spoken"]), push)

    async def _event(self, room: Room, asked: Mapping[str, Any], push: Push) -> None:
        await RoomInlet(SHOP, room, self.intake, self.clock, Health()).event(_EVENT.validate_python(asked["event"]))
        push(frame("accepted"))


def _plain(noun: Any) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(noun)))
    return plain


def _nobody(text: str) -> None:
    """Nobody waits for the answer."""
