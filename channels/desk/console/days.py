"""What became of messages and hand-offs, day by day. Pure: from counts of turns and the desk's events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self

from bot.desk import EventKind, TicketEvent
from bot.traces import Became
from channels.desk.numbers import SATISFIED, Rated, ratings

# How many days are shown, and what of the desk they are made of.
SHOWN = 30
KINDS = (EventKind.OPENED, EventKind.RESOLVED, EventKind.ASKED, EventKind.RATED)
QUARTER_S = 900


@dataclass(frozen=True, slots=True)
class Days:
    """`SHOWN` days of the shop's zone, the last of them not over yet. `since` is when the first begins."""

    first: date
    zone: tzinfo

    @classmethod
    def until(cls, now: datetime, zone: tzinfo) -> Self:
        """Those that end with today."""
        return cls(now.astimezone(zone).date() - timedelta(days=SHOWN - 1), zone)

    @property
    def since(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    def all(self) -> list[date]:
        """Each, the oldest first."""
        return [self.first + timedelta(days=number) for number in range(SHOWN)]

    def of(self, at: datetime) -> date:
        """The day of a moment."""
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Day:
    """One day: messages that were answered with a source, not answered, or served otherwise; hand-offs and how many
    were resolved; and of those that were resolved, how many were rated and how many of these 4 or 5."""

    day: str
    answered: int
    unanswered: int
    served: int
    handed_over: int
    resolved: int
    rated: int
    satisfied: int


def by_day(days: Days, counted: Mapping[tuple[int, Became], int], events: Sequence[TicketEvent]) -> list[Day]:
    """Every day, also those on which nothing was. `counted` as `Traces.counted`, `events` of `KINDS` in their order."""
    turns: Counter[tuple[date, Became]] = Counter()
    for (quarter, came_to), count in counted.items():
        turns[days.of(datetime.fromtimestamp(quarter * QUARTER_S, UTC)), came_to] += count
    done = Counter((days.of(event.at), event.kind) for event in events)
    rated = [one for one in ratings(events) if one.stars]
    return [_day(day, turns, done, [one for one in rated if days.of(one.at) == day]) for day in days.all()]


def _day(
    day: date, turns: Counter[tuple[date, Became]], done: Counter[tuple[date, EventKind]], rated: Sequence[Rated]
) -> Day:
    return Day(
        day=day.isoformat(),
        answered=turns[day, Became.ANSWERED],
        unanswered=turns[day, Became.UNANSWERED],
        served=turns[day, Became.SERVED],
        handed_over=done[day, EventKind.OPENED],
        resolved=done[day, EventKind.RESOLVED],
        rated=len(rated),
        satisfied=sum(one.stars >= SATISFIED for one in rated),
    )
