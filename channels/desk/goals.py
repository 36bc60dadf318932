"""What is promised within a time, and what of it is near or missed. Pure: whoever asks says what time it is.

Time runs while the desk is open. The first answer counts from the hand-off until an agent writes, the resolution until it
is resolved, also while it is put off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import Due, Goal, Priority, Ticket, TicketState
from channels.desk.hours import OfficeHours

# A goal is near when this part of its time is over.
NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Goals:
    """How much open time each goal has, by priority; a goal that is not named is not promised."""

    spans: Mapping[Priority, Mapping[Goal, timedelta]]
    hours: OfficeHours

    def due(self, ticket: Ticket, now: datetime) -> Due | None:
        """The goal of a ticket that was missed or else is near; of two, the one that ends first. None where all is well."""
        found = [due for goal, span in self._open(ticket) if (due := self._due(goal, ticket.opened_at, span, now))]
        return min(found, key=lambda due: (not due.missed, due.at), default=None)

    def _open(self, ticket: Ticket) -> Iterator[tuple[Goal, timedelta]]:
        """What is still to be done for it, in how much time."""
        if ticket.state is TicketState.RESOLVED:
            return
        for goal, span in self.spans.get(ticket.priority, {}).items():
            if goal is Goal.RESOLUTION or ticket.answered_at is None:
                yield goal, span

    def _due(self, goal: Goal, since: datetime, span: timedelta, now: datetime) -> Due | None:
        near, end = self.hours.after(since, span * NEAR), self.hours.after(since, span)
        return Due(goal, end, end <= now) if near is not None and end is not None and near <= now else None


def urgency(due: Due | None) -> tuple[bool, bool, float]:
    """A key to sort by: what was missed first, then what is near, the longest ago first; then everything else."""
    return (due is None, due is not None and not due.missed, due.at.timestamp() if due else 0.0)
