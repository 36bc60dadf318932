"""Builds the turns and the audit of a show by hand, for the tests of reports."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.audit import AuditEntry
from bot.fakes import EPOCH
from bot.types import (
    Answer,
    Audience,
    Card,
    Citation,
    Claim,
    Context,
    ConversationKey,
    Language,
    Message,
    Passage,
    Reply,
    Turn,
)
from channels.live.frames import digest, public_id

DELIVERY = Citation("配送", "时效", "/sources/shipping.zh.md#s1", "48 小时内发货")


@dataclass
class Show:
    """Turns and audit entries; times are seconds after EPOCH."""

    room: str = "main"
    turns: list[Turn] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)

    def ask(
        self,
        viewer: str,
        text: str,
        at: float = 0,
        *,
        topic: str = "faq",
        answer: str = "48 小时内发货",
        cited: bool = True,
        told_after: float | None = None,
        by: str = "room",
        acts: tuple[str, ...] = (),
        products: tuple[str, ...] = (),
        on_screen: str | None = None,
        claims: tuple[Claim, ...] = (),
        cards: tuple[Card, ...] = (),
        language: Language = Language.ZH,
        audience: Audience = Audience.PUBLIC,
        aside: bool = False,
        passages: tuple[Passage, ...] = (),
        told: str = "",
    ) -> str:
        """A question with its answer; `acts` are done with it, one a second, then it is told. Returns its comment's id."""
        key = ConversationKey("live", self.room, f"token-{viewer}")
        name = f"c{len(self.turns)}"
        context = Context(audience=Audience.PUBLIC, on_screen=on_screen)
        message = Message(name, key, text, moment(at), author_name=viewer, context=context)
        citations = (DELIVERY,) if cited else ()
        reply = Reply(answer, citations, cards, audience=audience, language=language, claims=claims, aside=aside)
        self.turns.append(Turn(message, None, (Answer(text, topic, products),), passages=passages, replies=(reply,)))
        subject = digest(f"{key}/{name}/0")
        for second, act in enumerate(acts, 1):
            who = "host" if act in ("vetoed", "edited") else "room"
            self.entries.append(AuditEntry(moment(at + second), act, subject, who, told or answer))
        if told_after is not None:
            self.entries.append(AuditEntry(moment(at + told_after), "told", subject, by, told or answer))
        return public_id(key.user, name)

    def then(self, kind: str, at: float, subject: str = "", text: str = "") -> None:
        """Something else was done."""
        self.entries.append(AuditEntry(moment(at), kind, subject, "room", text))

    def tally(self, at: float, comments: int, viewers: int = 1, **events: Any) -> None:
        """A minute that was counted."""
        paid = events.pop("paid", {})
        self.then("tally", at, text=json.dumps({"comments": comments, "viewers": viewers, "events": events, "paid": paid}))

    def subject(self, number: int) -> str:
        """The audit's name of the answer to a turn."""
        message = self.turns[number].message
        return digest(f"{message.key}/{message.id}/0")

    async def read(self, channel: str, room: str, since: datetime, until: datetime) -> list[Turn]:
        """The turns of a room, as the store reads them."""
        return [
            turn
            for turn in self.turns
            if (turn.message.key.channel, turn.message.key.room) == (channel, room)
            and since <= turn.message.sent_at <= until
        ]


def moment(seconds: float) -> datetime:
    """So long after EPOCH."""
    return EPOCH + timedelta(seconds=seconds)
