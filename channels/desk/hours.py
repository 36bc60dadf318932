"""When the desk is open. Pure: whoever asks says what time it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)", re.IGNORECASE | re.ASCII)
# How far ahead an opening is looked for. A desk that is closed for longer than that does not say when it opens.
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Range:
    """Open on these weekdays (0 is Monday) from `start` to `end`; where `end` is not later, it is of the day after."""

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours of a desk in its time zone, and the days on which it stays closed. No ranges: always open."""

    ranges: tuple[Range, ...]
    zone: ZoneInfo
    closed: frozenset[date] = frozenset()

    def opens_at(self, at: datetime) -> datetime | None:
        """When the desk opens next, in its zone. None where it is open at `at`, or does not open in the next sixty days."""
        if not self.ranges:
            return None
        local = at.astimezone(self.zone)
        spans = list(self._spans(local.date() - timedelta(days=1), local.date() + AHEAD))
        if any(start <= local < end for start, end in spans):
            return None
        return min((start for start, _ in spans if start > local), default=None)

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at that moment."""
        local = at.astimezone(self.zone)
        day = timedelta(days=1)
        return not self.ranges or any(
            start <= local < end for start, end in self._spans(local.date() - day, local.date() + day)
        )

    def after(self, at: datetime, span: timedelta) -> datetime | None:
        """When the desk has been open for `span` since `at`, in UTC. None where that is not so in the next sixty days."""
        if not self.ranges:
            return at + span
        first = at.astimezone(self.zone).date()
        reached, left = at.astimezone(UTC), span
        for start, end in _in_utc(self._spans(first - timedelta(days=1), first + AHEAD)):
            begin = max(start, reached)  # ranges may overlap
            if end - begin >= left and end > begin:
                return begin + left
            left -= max(end - begin, timedelta())
            reached = max(reached, end)
        return None

    def _spans(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        """When it is open, by when it opens; a day's ranges begin on that day."""
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day in self.closed:
                continue
            for one in sorted(self.ranges, key=lambda one: one.start):
                if day.weekday() in one.days:
                    ends = day if one.end > one.start else day + timedelta(days=1)
                    yield datetime.combine(day, one.start, self.zone), datetime.combine(ends, one.end, self.zone)


def _in_utc(spans: Iterator[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """The same moments, whose differences are true where the clocks change."""
    return ((start.astimezone(UTC), end.astimezone(UTC)) for start, end in spans)


def parse_range(text: str) -> Range:
    """Read `Mon-Fri 09:00-18:00` or `Sat 10:00-16:00`; `Fri 22:00-02:00` ends on Saturday. Raises ValueError."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no range such as 'Mon-Fri 09:00-18:00'")
    first = _day(found[1])
    last = _day(found[2]) if found[2] else first
    days = frozenset((first + number) % 7 for number in range((last - first) % 7 + 1))
    return Range(days, _time(found[3], found[4]), _time(found[5], found[6]))


def office_hours(ranges: Sequence[str], zone: str, closed: Sequence[date] = ()) -> OfficeHours:
    """The hours that settings say. Raises ValueError."""
    return OfficeHours(tuple(map(parse_range, ranges)), ZoneInfo(zone), frozenset(closed))


def _day(name: str) -> int:
    if name.lower() not in _DAYS:
        raise ValueError(f"{name!r} is no weekday; write one of {', '.join(day.title() for day in _DAYS)}")
    return _DAYS.index(name.lower())


def _time(hour: str, minute: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time(0)
    return time(int(hour), int(minute))
