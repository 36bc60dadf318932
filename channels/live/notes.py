"""What the host of a room should know beside its answers: what was hidden, what nobody could answer, and some numbers.

Bounded, and kept in memory alone. Time is given.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.live import EventKind, RoomEvent
from channels.live.triage import Comment, Question

# How much of each is kept for the host.
KEPT: Final = 50
MINUTE: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Hidden:
    """A comment that only its writer saw, and why. `token` is the writer's, `text` what they see of it."""

    comment: Comment
    token: str
    text: str
    why: str


@dataclass(slots=True)
class Unanswered:
    """A question that the shop knows no answer to. `question` has everybody who asked it, where that is known."""

    id: str
    text: str
    at: datetime
    question: Question | None = None

    @property
    def asked(self) -> int:
        """How many people asked."""
        return self.question.asked if self.question else 1


@dataclass(slots=True)
class Notes:
    """The notes of one room."""

    hidden: dict[str, Hidden] = field(default_factory=dict)
    unanswered: dict[str, Unanswered] = field(default_factory=dict)
    comments: int = 0
    hidden_in_all: int = 0
    events: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    _said: deque[datetime] = field(default_factory=deque)

    def said(self, at: datetime) -> None:
        """A comment came in."""
        self.comments += 1
        self._said.append(at)

    def happened(self, event: RoomEvent) -> None:
        """Something was done in the room: `count` of its kind, and what was paid for orders, in minor units by currency."""
        self.events[event.kind.value] += event.count if event.kind is not EventKind.ORDER_PAID else 1
        if event.kind is EventKind.ORDER_PAID and event.amount is not None:
            self.paid[event.amount.currency] += event.amount.minor

    def comments_a_minute(self, now: datetime) -> int:
        """Comments within the last minute."""
        while self._said and now - self._said[0] >= MINUTE:
            self._said.popleft()
        return len(self._said)

    def hide(self, hidden: Hidden) -> None:
        """A comment was hidden."""
        self.hidden_in_all += 1
        self.hidden[hidden.comment.id] = hidden
        _bound(self.hidden)

    def cannot_answer(self, unanswered: Unanswered) -> None:
        """Nobody knows; the same again changes nothing."""
        self.unanswered.setdefault(unanswered.id, unanswered)
        _bound(self.unanswered)


def _bound(kept: dict[str, Any]) -> None:
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
