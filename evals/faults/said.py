"""What people said at a door and what they were shown for it: the record of a campaign, from which it is judged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

REST, CHAT, ROOM = "REST", "chat", "room"
DOORS = (REST, CHAT, ROOM)
# What customers ask that can be said before everybody: nothing in it is masked, and each is meant for the shop.
QUESTIONS = (
    "山脊冲锋衣防水吗？", "多久发货？", "羽绒服多少钱？", "满多少包邮？", "3号链接多少钱？", "七天无理由退货怎么退？",
    "哪个耳机续航最久？", "1号链接还有货吗？", "is the ridge shell jacket waterproof?", "how much is the down jacket?",
    "how much is shipping?", "what's the cheapest tent?", "can I pay with Alipay?", "how long does delivery take?",
)  # fmt: skip


@dataclass(slots=True)
class Said:
    """One message: its id, and when it was first sent, acknowledged and answered (of a steady clock; None: never).

    `fate` is what a room said that becomes of a comment.
    """

    id: str
    text: str
    sent: float
    accepted: float | None = None
    answered: float | None = None
    fate: str = ""


@dataclass(slots=True)
class Shown:
    """A reply or a comment as somebody saw it first: its id, its words, when; `repeats` of it on the same connection."""

    id: str
    text: str
    at: float
    repeats: int = 0
    answers: tuple[str, ...] = ()


@dataclass(slots=True)
class Person:
    """One person at one door: who they are there (`user`, `tag`), what they said, and what they saw, in its order."""

    door: str
    name: str = field(default_factory=lambda: uuid4().hex)
    user: str = ""
    tag: str = ""
    said: list[Said] = field(default_factory=list)
    shown: dict[str, Shown] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Load:
    """The load while it lasts. `over` is set when nobody begins anything any more."""

    port: int
    people: list[Person] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def somebody(self, door: str) -> Person:
        """One more person at a door."""
        person = Person(door)
        self.people.append(person)
        return person

    async def pause(self, seconds: float) -> None:
        """Wait between two messages, or until the load is over."""
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except TimeoutError:
            return


def questions(number: int) -> Iterator[str]:
    """What the person of this number asks, each question once: they do not all begin with the same."""
    return itertools.islice(itertools.cycle(QUESTIONS), number % len(QUESTIONS), number % len(QUESTIONS) + len(QUESTIONS))
