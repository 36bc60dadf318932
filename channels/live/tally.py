"""What of a show is only counted, written into the audit once a minute: comments, viewers, later askers, events, payments.

Words are in the turns and in the audit; these numbers are nowhere else. A kill loses those of the minute that was begun.
Pure but for what it remembers; time is given.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from bot.audit import AuditEntry
from bot.live import EventKind, RoomEvent

MINUTE: Final = timedelta(minutes=1)
# The kinds of audit entries that are written here. `joined` has the id of a question's first comment as its subject.
TALLY, JOINED = "tally", "joined"


class Tally:
    """The numbers of one room in the minute that was begun."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._comments = self._viewers = 0
        self._events: Counter[str] = Counter()
        self._paid: Counter[str] = Counter()
        self._joined: Counter[str] = Counter()

    def said(self, viewers: int, at: datetime) -> None:
        """A comment was written while so many were watching; it may have taken a moment to be read."""
        self._begin(at)
        self._comments += 1
        self._viewers = max(self._viewers, viewers)

    def hear(self, event: RoomEvent, now: datetime) -> None:
        """Something was done on a platform; what was paid is counted in minor units by currency."""
        self._begin(now)
        paid = event.kind is EventKind.ORDER_PAID
        self._events[event.kind.value] += 1 if paid else event.count
        if paid and event.amount is not None:
            self._paid[event.amount.currency] += event.amount.minor

    def join(self, comment_id: str, now: datetime) -> None:
        """One more asked the question that began with this comment."""
        self._begin(now)
        self._joined[comment_id] += 1

    def due(self, now: datetime) -> list[AuditEntry]:
        """The entries of a minute that is over; count on with a new tally then. Their time is when the minute began."""
        if self._since is None or now - self._since < MINUTE:
            return []
        numbers = {"comments": self._comments, "viewers": self._viewers, "events": self._events, "paid": self._paid}
        joined = [AuditEntry(self._since, JOINED, name, "room", str(times)) for name, times in self._joined.items()]
        return [AuditEntry(self._since, TALLY, "", "room", json.dumps(numbers)), *joined]

    def _begin(self, at: datetime) -> None:
        self._since = min(self._since or at, at)
