"""When the shows of a room were. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import BadInput

# A room in which nothing is done for so long is between two shows.
SILENCE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Span:
    """A time, both ends included."""

    since: datetime
    until: datetime

    def has(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        return self.since <= at <= self.until


def shows(moments: Iterable[datetime], silence: timedelta = SILENCE) -> list[Span]:
    """The shows of a room by the moments at which something was done in it, the first one first."""
    found: list[Span] = []
    for at in sorted(moments):
        if found and at - found[-1].until <= silence:
            found[-1] = Span(found[-1].since, at)
        else:
            found.append(Span(at, at))
    return found


def span_of(since: str, until: str) -> Span:
    """A span given by hand, in ISO 8601 with zones. Raises BadInput for what is none, or ends before it begins."""
    try:
        span = Span(datetime.fromisoformat(since), datetime.fromisoformat(until))
    except ValueError as error:
        raise _no_span(since, until) from error
    if span.since.tzinfo is None or span.until.tzinfo is None or span.until < span.since:
        raise _no_span(since, until)
    return span


def _no_span(since: str, until: str) -> BadInput:
    remedy = "Give since and until such as 2026-06-18T19:00:00+08:00, with a zone and the earlier one first."
    return BadInput(f"{since!r} to {until!r} is no span of time.", where="since", remedy=remedy)
