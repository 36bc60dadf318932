"""Reminds of goals that are near or missed: the open pages each time, other channels once a goal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from bot.desk import Alarm, Alarms, Due, EventKind, Ticket, TicketEvent, Tickets, TicketState
from bot.errors import StreamdeskError, Unavailable, VersionConflict
from bot.ports import Clock
from channels.desk.goals import Goals

log = structlog.get_logger(__name__)

LOOK_S = 15.0
# How many open tickets are looked at.
LOOKED_AT = 5000
OPEN = (TicketState.WAITING, TicketState.CLAIMED, TicketState.SNOOZED)


@dataclass(frozen=True, slots=True)
class Reminding:
    """`told` is called with a ticket and its goal, for the pages."""

    tickets: Tickets
    goals: Goals
    clock: Clock
    alarms: Alarms
    told: Callable[[Ticket, Due], None]
    _known: set[str] = field(default_factory=set)  # events that are kept already: it spares the database

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.remind()
            except StreamdeskError as error:
                log.warning("desk.not_reminded", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def remind(self) -> None:
        """Tell what is to be told now. Raises StorageUnavailable."""
        now, flagged = self.clock.now(), set[str]()
        for ticket in await self.tickets.tickets(OPEN, limit=LOOKED_AT):
            due = self.goals.due(ticket, now)
            if due is not None:
                flagged.add(name := _name(ticket, due))
                if name not in self._known:
                    await self._tell(ticket, due)
        self._known.intersection_update(flagged)

    async def _tell(self, ticket: Ticket, due: Due) -> None:
        """Tell of one; where another channel is away it is tried again at the next look."""
        name, near = _name(ticket, due), _name(ticket, replace(due, missed=False))
        kept = {event.id for event in await self.tickets.events(ticket.id)}
        if kept.isdisjoint({name, near}):
            try:
                await self.alarms.tell(Alarm(near, ticket, due))
            except Unavailable as error:
                log.warning("desk.alarm_waits", error=str(error))
                return
        if name in kept or await self._kept(ticket, due):
            self._known.add(name)

    async def _kept(self, ticket: Ticket, due: Due) -> bool:
        """Write it down. False for a ticket that went on meanwhile: it is looked at again."""
        text = f"{due.goal.value}.{'missed' if due.missed else 'near'}"
        event = TicketEvent(_name(ticket, due), ticket.id, EventKind.DUE, self.clock.now(), text=text)
        try:
            if await self.tickets.save(ticket, event):
                self.told(replace(ticket, version=ticket.version + 1), due)
        except VersionConflict:
            return False
        return True


def _name(ticket: Ticket, due: Due) -> str:
    """One a ticket, hand-off, goal and stage."""
    return f"{ticket.id}/due/{ticket.opened_at.timestamp()}/{due.goal.value}/{'missed' if due.missed else 'near'}"
