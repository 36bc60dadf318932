"""What customers thought of agents' work, by agent and period. Pure: from the desk's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk import EventKind, TicketEvent

# What numbers are made of (`bot.desk.Tickets.happened`).
KINDS = (EventKind.ASKED, EventKind.RATED)
# From how many stars on a customer counts as satisfied; the share of these is the usual score (CSAT).
SATISFIED = 4


@dataclass(frozen=True, slots=True)
class Rated:
    """One hand-off that was to be rated, at the time it was resolved. `stars` is the last rating, 0 for none."""

    agent: str
    at: datetime
    stars: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many were asked and rated, the mean of their stars, and which part gave 4 or 5. None where nobody rated."""

    asked: int
    count: int
    mean: float | None
    satisfied: float | None


def numbers(events: Iterable[TicketEvent], since: datetime, until: datetime) -> Mapping[str, Numbers]:
    """By agent, and under the empty name for all, of what was resolved from `since` to before `until`.

    `events` of `KINDS` in their order, up to now: a rating that comes after the period counts for when it was asked for.
    """
    found = [one for one in ratings(events) if since <= one.at < until]
    names = ["", *sorted({one.agent for one in found})]
    return {name: _summed([one for one in found if name in ("", one.agent)]) for name in names}


def ratings(events: Iterable[TicketEvent]) -> list[Rated]:
    """What was asked for, with its last rating."""
    asked: dict[tuple[str, str], Rated] = {}
    for event in events:
        of, _, stars = event.text.partition(" ")
        one = asked.get((event.ticket, of))
        if event.kind is EventKind.ASKED and one is None:
            asked[event.ticket, of] = Rated(event.actor, event.at)
        elif event.kind is EventKind.RATED and one is not None:
            asked[event.ticket, of] = Rated(one.agent, one.at, int(stars))
    return list(asked.values())


def _summed(found: Sequence[Rated]) -> Numbers:
    stars = [one.stars for one in found if one.stars]
    if not stars:
        return Numbers(len(found), 0, None, None)
    return Numbers(len(found), len(stars), sum(stars) / len(stars), sum(one >= SATISFIED for one in stars) / len(stars))
