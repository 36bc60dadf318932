"""The desk itself: hand-offs in, agents' work on tickets, and what a waiting customer may expect. Knows no platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.desk import EventKind, History, Priority, Propose, Staff, Ticket, TicketEvent, Tickets, TicketState, ticket_id
from bot.errors import StreamdeskError, Undeliverable, VersionConflict
from bot.ports import Clock, Receiver
from bot.types import (
    Author,
    ConversationKey,
    Delivery,
    Expectation,
    Forward,
    HandOff,
    Language,
    Message,
    Rating,
    ToDesk,
    Turn,
)
from channels.desk import transitions
from channels.desk.drafting import suggestion
from channels.desk.hours import OfficeHours
from channels.desk.transitions import Refused

log = structlog.get_logger(__name__)

# How often what was put off is looked at, in seconds.
LOOK_S = 15.0
# Turns of a conversation that an agent sees.
SHOWN_TURNS = 200

Change = Callable[[Ticket], Ticket]
Minutes = Callable[[int, Language, Sequence[str]], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What a desk works with. `present` says whether an agent is at it, `changed` is told of every ticket that changed.

    `minutes` says about how long one waits at a position in the queue, in a language and with a ticket's tags.
    """

    tickets: Tickets
    receiver: Receiver
    history: History
    propose: Propose
    clock: Clock
    hours: OfficeHours
    present: Callable[[], bool]
    minutes: Minutes
    changed: Callable[[Ticket], None]


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, under which id of their own: the same again counts once."""

    by: Staff
    id: str


class Desk:
    """`Sender` of the desk, and what agents do there."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    # ------------------------------------------------------------ the customer's side

    async def send(self, delivery: Delivery) -> None:
        """Take what the engine tells the agents; a delivery that comes again is known by its id. Raises Undeliverable."""
        if not isinstance(delivery.body, ToDesk):
            raise Undeliverable("the desk is told about conversations only")
        key, at, body = delivery.key, self._parts.clock.now(), delivery.body
        if body.handoff is not None:
            await self._open(key, body.handoff, delivery.id, at)
        if body.forward is not None:
            await self._forwarded(key, body.forward, delivery.id, at)
        if body.rating is not None:
            await self._rated(ticket_id(key), body.rating, delivery.id, at)
        if body.handed_back and await self._parts.tickets.ticket(ticket_id(key)):
            event = TicketEvent(delivery.id, ticket_id(key), EventKind.RETURNED, at)
            await self._change(event, lambda ticket: transitions.returned(ticket, at))

    async def _open(self, key: ConversationKey, handoff: HandOff, name: str, at: datetime) -> None:
        event = TicketEvent(name, ticket_id(key), EventKind.OPENED, at, text=handoff.reason)
        while True:
            ticket = transitions.opened(await self._parts.tickets.ticket(event.ticket), key, handoff, at)
            try:
                saved = await self._parts.tickets.save(ticket, event)
            except VersionConflict:
                continue
            if saved:
                self._parts.changed(replace(ticket, version=ticket.version + 1))
            return

    async def _forwarded(self, key: ConversationKey, forward: Forward, name: str, at: datetime) -> None:
        """A message of the customer. Without a ticket it was handed over to another desk, which this one stands in for."""
        if await self._parts.tickets.ticket(ticket_id(key)) is None:
            await self._open(key, HandOff("", forward.text), name, at)
            return
        event = TicketEvent(name, ticket_id(key), EventKind.MESSAGE, at, text=forward.text[: transitions.SHOWN])
        await self._change(event, lambda ticket: transitions.written(ticket, forward.text, at))

    async def _rated(self, name: str, rating: Rating, delivery: str, at: datetime) -> None:
        """A rating that was asked for, or its comment. What nobody asked for was made up."""
        events = await self._parts.tickets.events(name)
        if not any(event.kind is EventKind.ASKED and event.text == rating.of for event in events):
            return
        kind = EventKind.RATED if rating.stars else EventKind.COMMENTED
        event = TicketEvent(delivery, name, kind, at, text=f"{rating.of} {rating.stars or rating.comment}")
        await self._change(event, partial(transitions.rated, rating=rating))

    async def expectation(self, key: ConversationKey, language: Language) -> Expectation:
        """What the customer of a conversation that waits, or is about to, may expect. Raises StorageUnavailable."""
        parts, now = self._parts, self._parts.clock.now()
        ticket = await parts.tickets.ticket(ticket_id(key))
        if ticket is not None and ticket.state in (TicketState.CLAIMED, TicketState.SNOOZED):
            return Expectation(agent=ticket.assignee, present=parts.present())
        since = ticket.opened_at if ticket is not None and ticket.state is TicketState.WAITING else now
        position = await parts.tickets.waiting_before(since) + 1
        if not parts.present():
            return Expectation(position, opens_at=parts.hours.opens_at(now))
        minutes = await parts.minutes(position, language, ticket.tags if ticket is not None else ())
        return Expectation(position, present=True, minutes=minutes)

    async def wake(self) -> None:
        """Go on with whatever is due, until cancelled."""
        while True:
            try:
                await self.wake_due()
            except StreamdeskError as error:
                log.warning("desk.not_woken", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def wake_due(self) -> None:
        """Go on with the tickets that were put off until now. Raises StorageUnavailable."""
        now = self._parts.clock.now()
        for ticket in await self._parts.tickets.tickets([TicketState.SNOOZED]):
            if ticket.snoozed_until is not None and ticket.snoozed_until <= now:
                event = TicketEvent(f"{ticket.id}/woken/{ticket.version}", ticket.id, EventKind.WOKEN, now)
                await self._change(event, lambda one: transitions.woken(one) if one.snoozed_until else one)

    # ------------------------------------------------------------ the agents' side

    async def claim(self, name: str, act: Act) -> Ticket:
        """Take the conversation. Of two who do, one is refused."""
        return await self._act(name, EventKind.CLAIMED, act, lambda ticket: transitions.claimed(ticket, act.by))

    async def release(self, name: str, act: Act) -> Ticket:
        """Back into the queue."""
        return await self._act(name, EventKind.RELEASED, act, lambda ticket: transitions.released(ticket, act.by))

    async def assign(self, name: str, act: Act, to: str) -> Ticket:
        """To a colleague, whose account is known to exist."""
        return await self._act(name, EventKind.ASSIGNED, act, lambda ticket: transitions.assigned(ticket, act.by, to), to)

    async def snooze(self, name: str, act: Act, until: datetime) -> Ticket:
        """Until then, or until the customer writes."""
        text = until.isoformat()
        return await self._act(name, EventKind.SNOOZED, act, lambda one: transitions.snoozed(one, act.by, until), text)

    async def tag(self, name: str, act: Act, tags: tuple[str, ...]) -> Ticket:
        """Give it these tags and no others."""
        return await self._act(name, EventKind.TAGGED, act, lambda one: transitions.tagged(one, tags), ", ".join(tags))

    async def prioritise(self, name: str, act: Act, priority: Priority) -> Ticket:
        """Answer it sooner or later than others."""
        change = partial(transitions.prioritised, priority=priority)
        return await self._act(name, EventKind.PRIORITY, act, change, priority.value)

    async def note(self, name: str, act: Act, text: str) -> Ticket:
        """A word among colleagues: it is kept beside the ticket and handed to nobody else."""
        return await self._act(name, EventKind.NOTE, act, lambda ticket: ticket, text)

    async def read(self, name: str, act: Act) -> Ticket:
        """An agent has looked."""
        return await self._act(name, EventKind.READ, act, transitions.read)

    async def reply(self, name: str, act: Act, text: str) -> Ticket:
        """Say something to the customer. Whoever answers has the conversation; the engine delivers it once, in order."""
        at = self._parts.clock.now()
        ticket = await self._act(
            name, EventKind.ANSWERED, act, lambda one: transitions.answered(one, act.by, text, at), silent=True
        )
        await self._parts.receiver.handle(self._message(ticket.key, act, text))
        self._parts.changed(ticket)
        return ticket

    async def resolve(self, name: str, act: Act) -> Ticket:
        """Done; the bot has the conversation again, and once a hand-off asks the customer what they thought of it."""
        return await self._give_back(name, EventKind.RESOLVED, act)

    async def _to_rate(self, ticket: Ticket, act: Act) -> str:
        """What the customer is to rate; empty where no agent answered, or it was asked before by another act."""
        of, mine = ticket.rating_name, f"{ticket.id}/asked/{act.by.name}/{act.id}"
        events = await self._parts.tickets.events(ticket.id)
        before = any(one.kind is EventKind.ASKED and one.text == of and one.id != mine for one in events)
        if ticket.answered_at is None or before:
            return ""
        event = TicketEvent(mine, ticket.id, EventKind.ASKED, self._parts.clock.now(), ticket.assignee, of)
        await self._change(event, lambda one: one, silent=True)
        return of

    async def give_back(self, name: str, act: Act) -> Ticket:
        """To the bot, which the customer is told."""
        return await self._give_back(name, EventKind.RETURNED, act)

    async def _give_back(self, name: str, kind: EventKind, act: Act) -> Ticket:
        at = self._parts.clock.now()
        ticket = await self._act(name, kind, act, lambda one: transitions.resolved(one, act.by, at), silent=True)
        rate = await self._to_rate(ticket, act) if kind is EventKind.RESOLVED else ""
        await self._parts.receiver.handle(self._message(ticket.key, act, "", hand_back=True, rate=rate))
        self._parts.changed(ticket)
        return ticket

    async def draft(self, name: str) -> dict[str, Any] | None:
        """What the bot would answer to what the customer said last. Raises Refused for no ticket, and Unavailable."""
        ticket = await self._found(name)
        return await suggestion(await self._parts.history(ticket.key, SHOWN_TURNS), self._parts.propose)

    async def conversation(self, name: str) -> tuple[Ticket, list[Turn], list[TicketEvent]]:
        """A ticket, what was said, and what was done. Raises Refused where there is none."""
        ticket = await self._found(name)
        return ticket, await self._parts.history(ticket.key, SHOWN_TURNS), await self._parts.tickets.events(name)

    # ------------------------------------------------------------ inside

    def _message(self, key: ConversationKey, act: Act, text: str, *, hand_back: bool = False, rate: str = "") -> Message:
        return Message(
            id=f"desk:{act.by.name}:{act.id}",
            key=key,
            text=text,
            sent_at=self._parts.clock.now(),
            author=Author.AGENT,
            author_name=act.by.name,
            hand_back=hand_back,
            rate=rate,
        )

    async def _act(
        self, name: str, kind: EventKind, act: Act, change: Change, text: str = "", *, silent: bool = False
    ) -> Ticket:
        at = self._parts.clock.now()
        event = TicketEvent(f"{name}/{act.by.name}/{act.id}", name, kind, at, act.by.name, text)
        return await self._change(event, change, silent=silent)

    async def _change(self, event: TicketEvent, change: Change, *, silent: bool = False) -> Ticket:
        """Change a ticket as it is at that moment. What came before under the same id is not done again."""
        while True:
            ticket = await self._found(event.ticket)
            try:
                changed = change(ticket)
                saved = await self._parts.tickets.save(changed, event)
            except VersionConflict:
                continue
            if not saved:
                return ticket
            now = replace(changed, version=changed.version + 1)
            if not silent:
                self._parts.changed(now)
            return now

    async def _found(self, name: str) -> Ticket:
        ticket = await self._parts.tickets.ticket(name)
        if ticket is None:
            raise Refused("unknown", f"there is no ticket {name!r}.", "Look for it in the inbox.")
        return ticket
