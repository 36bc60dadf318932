"""Offers waiting conversations to agents, and says how long others wait: what `routing` decides is read and written here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.desk import Accounts, EventKind, Role, Ticket, TicketEvent, Tickets, TicketState
from bot.errors import StreamdeskError, VersionConflict
from bot.ports import Clock
from bot.types import Language
from bot.waiting import comes_within
from channels.desk import routing, transitions
from channels.desk.routing import Agent

log = structlog.get_logger(__name__)

# How often offers are looked at when nothing happens, in seconds: they lapse, and pages fall asleep.
LOOK_S = 15.0
# How many that wait, and how many that are open, are looked at.
LOOKED_AT = 5000
# How far back handling times are measured.
MEASURED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Offering:
    """`here` names who is at the desk and not away; `changed` is told of every ticket that is offered."""

    tickets: Tickets
    accounts: Accounts
    clock: Clock
    here: Callable[[], Sequence[str]]
    changed: Callable[[Ticket], None]
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Something has changed: look now."""
        self._bell.set()

    async def run(self) -> None:
        """Offer whatever waits, until cancelled."""
        while True:
            try:
                await self.offer()
            except StreamdeskError as error:
                log.warning("desk.not_offered", error=str(error))
            if await comes_within(self._bell, LOOK_S):
                self._bell.clear()

    async def offer(self) -> None:
        """Make the offers that are to be made now. Raises StorageUnavailable."""
        agents = await self.agents()
        if not agents:
            return
        now = self.clock.now()
        waiting = await self.tickets.tickets([TicketState.WAITING], limit=LOOKED_AT)
        made = routing.offers(waiting, agents, now)
        for ticket in waiting:
            if ticket.id in made:
                await self._offer(ticket, made[ticket.id], now)

    async def minutes(self, position: int, language: Language, tags: Sequence[str]) -> int | None:
        """About how long whoever is at that position waits; None where nothing measured tells. Raises StorageUnavailable."""
        able = routing.able(language, tags, await self.agents())
        events = await self.tickets.happened((*routing.BEGINS, *routing.ENDS), self.clock.now() - MEASURED)
        return routing.wait_minutes(position, able, routing.handling_times(events))

    async def agents(self) -> list[Agent]:
        """Who can be offered something now, with what they have."""
        here = set(self.here())
        staff = [member for member in await self.accounts.staff() if member.name in here and member.role is not Role.HOST]
        claimed = await self.tickets.tickets([TicketState.CLAIMED], limit=LOOKED_AT)
        loads = Counter(ticket.assignee for ticket in claimed)
        return [Agent(one.name, one.work, loads[one.name]) for one in staff]

    async def _offer(self, ticket: Ticket, to: str, at: datetime) -> None:
        """Write an offer. A ticket that has changed meanwhile is looked at again in its turn."""
        event = TicketEvent(f"{ticket.id}/offered/{ticket.version}", ticket.id, EventKind.OFFERED, at, text=to)
        try:
            saved = await self.tickets.save(offered := transitions.offered(ticket, to, at), event)
        except VersionConflict:
            self.ring()
            return
        if saved:
            self.changed(replace(offered, version=offered.version + 1))
