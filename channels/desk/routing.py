"""Who is offered which conversation, and how long one waits. Pure: from tickets, agents and the time.

A ticket is offered to an agent who is at the desk and not away, has room, answers in its language, and has a skill that it
needs; of those, to whoever has least to do. Tickets go in the order in which they were opened; what finds nobody waits. An
offer that is not taken in `LAPSES` goes to somebody else, where there is somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from statistics import fmean

from bot.desk import EventKind, Ticket, TicketEvent, Work
from bot.types import Language

LAPSES = timedelta(minutes=2)
# Fewer conversations than this tell nothing of how long the next one takes.
FEWEST_MEASURED = 5
# Longer waits are not given in minutes: nobody stays at the screen for them, and they are far from certain.
LONGEST_MINUTES = 120
BEGINS = (EventKind.CLAIMED, EventKind.ASSIGNED, EventKind.ANSWERED)
ENDS = (EventKind.RESOLVED, EventKind.RETURNED, EventKind.RELEASED, EventKind.SNOOZED)
_CHINESE = frozenset({Language.ZH, Language.ZH_HANT})


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody at the desk who is not away, and how many open conversations and offers they have."""

    name: str
    work: Work
    load: int

    @property
    def room(self) -> int:
        """How many more conversations they take."""
        return max(0, self.work.most - self.load)


def offers(waiting: Iterable[Ticket], agents: Sequence[Agent], now: datetime) -> Mapping[str, str]:
    """Which tickets are to be offered to whom now: ids of tickets to names of agents.

    `waiting` are those that nobody has; the loads of `agents` count what they have claimed. Offers that stand are left
    out, and those that lapsed with the only one who fits: there is nothing new to say.
    """
    queue = sorted(waiting, key=lambda ticket: (ticket.opened_at, ticket.id))
    desk = {agent.name: agent for agent in agents}
    standing = {ticket.id: ticket.offered_to for ticket in queue if _stands(ticket, desk, now)}
    for name in standing.values():
        _burden(desk, name)
    made: dict[str, str] = {}
    for ticket in queue:
        if not any(agent.room for agent in desk.values()):
            break
        if ticket.id in standing:
            continue
        chosen = chosen_for(ticket, list(desk.values()))
        if chosen and chosen != ticket.offered_to:
            made[ticket.id] = chosen
        if chosen:
            _burden(desk, chosen)
    return made


def chosen_for(ticket: Ticket, agents: Sequence[Agent]) -> str:
    """Who is to have it, or nobody (empty): of those who fit, one to whom it was not offered last, with the least load."""
    fitting = [agent for agent in able(ticket.language, ticket.tags, agents) if agent.room]
    ranked = sorted(fitting, key=lambda agent: (agent.name == ticket.offered_to, agent.load, agent.name))
    return ranked[0].name if ranked else ""


def able(language: Language, tags: Iterable[str], agents: Sequence[Agent]) -> list[Agent]:
    """Who could answer a ticket, with room or without: in its language, with the skills that it is tagged with."""
    skills = {skill for agent in agents for skill in agent.work.skills} & set(tags)
    return [agent for agent in agents if speaks(agent.work, language) and skills <= set(agent.work.skills)]


def speaks(work: Work, language: Language) -> bool:
    """Whether they answer in that language; who writes one Chinese script is read in both."""
    return (
        not work.languages
        or language in work.languages
        or (language in _CHINESE and not _CHINESE.isdisjoint(work.languages))
    )


def handling_times(events: Iterable[TicketEvent]) -> list[timedelta]:
    """How long agents had conversations, from claim to end, oldest end first; what is still open is not measured.

    `events` in their order, of `BEGINS` and `ENDS`. A colleague who takes over goes on with it. What was put off or given
    back to the queue counts as ended: it needs nobody's room.
    """
    begun: dict[str, datetime] = {}
    times: list[timedelta] = []
    for event in events:
        if event.kind in BEGINS:
            begun.setdefault(event.ticket, event.at)
        elif event.kind in ENDS and (at := begun.pop(event.ticket, None)) is not None:
            times.append(event.at - at)
    return times


def wait_minutes(position: int, able_agents: Sequence[Agent], times: Sequence[timedelta]) -> int | None:
    """About how many minutes somebody waits who is at `position` (from 1), or None where nothing measured tells.

    While all are busy, `c` conversations of mean duration S end once in S/c, so that the k-th in the queue waits k S/c: the
    queue M/M/c (Kleinrock, Queueing Systems I, 1975, 3.5). Who has room takes the first at once; no number is needed then.
    """
    places = sum(agent.work.most for agent in able_agents)
    ahead = position - sum(agent.room for agent in able_agents)
    if len(times) < FEWEST_MEASURED or places == 0 or ahead <= 0:
        return None
    minutes = max(1, ceil(ahead * fmean(time.total_seconds() for time in times) / places / 60))
    rounded = minutes if minutes <= 10 else 5 * ceil(minutes / 5)
    return rounded if rounded <= LONGEST_MINUTES else None


def _stands(ticket: Ticket, desk: Mapping[str, Agent], now: datetime) -> bool:
    """Whether an offer still holds: whoever it was made to is there, and has had less than `LAPSES`."""
    return ticket.offered_to in desk and ticket.offered_at is not None and now - ticket.offered_at < LAPSES


def _burden(desk: dict[str, Agent], name: str) -> None:
    desk[name] = replace(desk[name], load=desk[name].load + 1)
