"""The way of every comment into a room, from wherever it comes: repeat, mask, judge, triage, and on to the engine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.errors import Unavailable
from bot.ports import Clock, Receiver
from bot.types import Audience, Context, ConversationKey, Message
from channels.common.masking import OrderNumbers, masked, no_orders
from channels.live.frames import digest, public_id, source_of
from channels.live.gate import FOR_SHOP, IN_TALK, SURELY, Judge, Judgement, Said
from channels.live.meaning import Meanings
from channels.live.room import Room
from channels.live.rooms import CHANNEL
from channels.live.triage import Comment, Fate, Verdict, is_noise, normalised, stands_alone

# The longest comment and name, in characters.
MAX_COMMENT: Final = 500
MAX_NAME: Final = 24
# How far a viewer's picture may lag behind the show, in seconds.
MAX_BEHIND_S: Final = 120.0
# Comments that use everything that is loaded on first use.
FIRST: Final = ("1号链接多少钱", "how much is number 1?")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `token` is theirs alone, `name` is fit to be shown, `address` is where they are, where that is known."""

    token: str
    name: str
    locale: str | None = None
    customer_token: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What they say: `id` is theirs, and the same when it comes again; `at` is when they said it."""

    id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a comment. `hidden`: why only its writer sees it."""

    comment: Comment
    verdict: Verdict
    hidden: Said | None = None

    def credit(self, room: Room) -> None:
        """Count a later asker among those of the question. After they know what became of their comment."""
        if self.verdict.fate is Fate.JOIN and self.verdict.question:
            room.credit(self.verdict.question, self.comment)


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes comments in. `orders` finds the shop's order numbers, which are masked with everything else that is personal."""

    receiver: Receiver
    orders: OrderNumbers = no_orders
    judge: Judge | None = None
    meanings: Meanings | None = None

    async def take(self, room: Room, speaker: Speaker, spoken: Spoken) -> Taken | None:
        """Take a comment into a room, where it is shown as far as it may be; None for a repeat.

        Raises Unavailable where a part of the service does not answer: then it was not taken, and may be sent again.
        """
        if room.known.repeated(speaker.token, spoken.id):
            return None
        room.known.remember(speaker.token, spoken.id)
        try:
            return await self._taken(room, speaker, spoken)
        except BaseException:  # also where the service stops meanwhile
            room.known.forget(speaker.token, spoken.id)
            raise

    async def warm(self, room: str, clock: Clock) -> None:
        """Have loaded what the first comment would wait for: a room that is taken over is not to wait for it."""
        for text in FIRST:
            with contextlib.suppress(Unavailable):  # then the first comment waits
                await self._judged(text)
                if self.meanings is not None:
                    await self.meanings.of(Comment(text, "", "", text, clock.now()), room)

    def masked(self, text: str) -> str:
        """A text without what is personal in it."""
        return masked(text, self.orders)

    async def fit_to_show(self, name: str, guest: str) -> str:
        """A viewer's name, or `guest` for one that has none, or none for everybody's eyes."""
        judged = await self._judged(name) if name else None
        return guest if not name or (judged is not None and judged.hidden) else name

    async def _taken(self, room: Room, speaker: Speaker, spoken: Spoken) -> Taken | None:
        shown = self.masked(spoken.text)
        on_screen = await room.on_screen(spoken.at)
        judged = await self._judged(spoken.text)
        own = judged is not None and judged.said is Said.PRIVATE
        comment = Comment(
            public_id(speaker.token, spoken.id),
            digest(speaker.token),
            speaker.name,
            shown,
            spoken.at,
            on_screen,
            personal=own or shown != spoken.text,
            source=source_of(speaker.token),
        )
        if judged is not None and judged.hidden is not None:
            room.hide(comment, speaker.token, spoken.text, judged.hidden)
            return Taken(comment, Verdict(Fate.DROP), judged.hidden)
        chance = 1.0 if judged is None or shown != spoken.text else judged.for_shop
        verdict = await self._verdict(room, comment, speaker, spoken, chance)
        if verdict is None:
            return None
        room.say(comment, speaker.token, spoken.text)
        return Taken(comment, verdict)

    async def _judged(self, text: str) -> Judgement | None:
        """What a comment is; None where nobody judges, and of what says nothing but "I am here"."""
        if self.judge is None or is_noise(normalised(text)):
            return None
        return await self.judge.judge(text)

    async def _verdict(
        self, room: Room, comment: Comment, speaker: Speaker, spoken: Spoken, chance: float
    ) -> Verdict | None:
        """What becomes of a comment that is said to the shop with this probability; None where the inbox had it before."""
        in_talk = room.known.in_talk(speaker.token, comment.at)
        if in_talk and not stands_alone(normalised(comment.text)):
            chance = 1.0  # it answers the shop
        if chance < (IN_TALK if in_talk else FOR_SHOP):
            return Verdict(Fate.DROP)
        sense, topic = "", ""
        if self.meanings and not in_talk:
            sense, topic = await self.meanings.of(comment, room.name)
        verdict = room.triage.take(comment, sense, topic)
        if verdict.fate is not Fate.ASK or verdict.question is None:
            return verdict
        new = False
        try:
            addressed = in_talk or chance >= SURELY
            new = await self.receiver.accept(_message(room, comment, speaker, spoken, addressed=addressed))
        finally:
            if not new:
                room.triage.withdraw(verdict.question)
        return verdict if new else None


def _message(room: Room, comment: Comment, speaker: Speaker, spoken: Spoken, *, addressed: bool) -> Message:
    context = Context(
        audience=Audience.PUBLIC,
        on_screen=comment.on_screen,
        customer_token=speaker.customer_token,
        addressed=addressed,
        origin=speaker.address,
    )
    key = ConversationKey(CHANNEL, room.name, speaker.token)
    return Message(spoken.id, key, spoken.text, comment.at, locale=speaker.locale, author_name=speaker.name, context=context)


def guest_name(tag: str, locale: str | None) -> str:
    """What somebody without a name is called, by their public tag."""
    return f"{'Guest' if (locale or '').startswith('en') else '观众'} {tag[:4]}"
