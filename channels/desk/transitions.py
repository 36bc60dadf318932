"""What becomes of a ticket. Pure: from a ticket to the next, or a refusal; who saves first wins (`bot.desk.Tickets`).

waiting  -> claimed -> resolved
   ^          |  ^        |
   |          v  |        |
   +------- snoozed       |
   +----------------------+  the customer writes again, or asks for a person again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.desk import Priority, Role, Staff, Ticket, TicketState
from bot.errors import BadInput
from bot.types import ConversationKey, HandOff, Rating

# How much of what was said last is shown in the inbox, in characters.
SHOWN = 200
MAX_TAGS = 8
NOT_OFFERED: Mapping[str, Any] = {"offered_to": "", "offered_at": None}


class Refused(BadInput):
    """What an agent wants of a ticket is not theirs to do now. `code` is for programs, the words are for people."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        self.code = code
        super().__init__(what, where=code, remedy=remedy)


# ---------------------------------------------------------------- the customer's side


def opened(ticket: Ticket | None, key: ConversationKey, handoff: HandOff, at: datetime) -> Ticket:
    """A hand-off: a new ticket, or the conversation's own once more, at the end of the queue."""
    asked = handoff.recent[-1].asked if handoff.recent else handoff.summary
    before = ticket or Ticket(key, at, at)
    return replace(
        before,
        opened_at=at,
        last_at=at,
        state=TicketState.WAITING,
        customer=handoff.customer or before.customer,
        language=handoff.language,
        reason=handoff.reason,
        assignee="",
        last_words=asked[:SHOWN],
        unread=before.unread + 1,
        snoozed_until=None,
        resolved_at=None,
        answered_at=None,
        stars=0,
        comment="",
        **NOT_OFFERED,
    )


def written(ticket: Ticket, text: str, at: datetime) -> Ticket:
    """The customer wrote. What was put off goes on; what was resolved waits again."""
    told = replace(ticket, last_at=at, last_words=text[:SHOWN], unread=ticket.unread + 1)
    if ticket.state is TicketState.SNOOZED:
        return woken(told)
    if ticket.state is TicketState.RESOLVED:
        return replace(told, state=TicketState.WAITING, assignee="", opened_at=at, answered_at=None, stars=0, comment="")
    return told


def rated(ticket: Ticket, rating: Rating) -> Ticket:
    """The customer rated or commented on this hand-off: it takes the place of what they said before. Nothing opens."""
    if rating.of != ticket.rating_name:
        return ticket
    return replace(ticket, stars=rating.stars or ticket.stars, comment=rating.comment or ticket.comment)


def returned(ticket: Ticket, at: datetime) -> Ticket:
    """The bot has the conversation again.

    What the customer wrote after an agent had resolved it, and before the bot came back, nobody has answered: that waits on.
    """
    if ticket.state is TicketState.WAITING and ticket.resolved_at is not None:
        return ticket
    return replace(
        ticket, state=TicketState.RESOLVED, unread=0, snoozed_until=None, resolved_at=ticket.resolved_at or at, **NOT_OFFERED
    )


# ---------------------------------------------------------------- the agents' side


def claimed(ticket: Ticket, by: Staff) -> Ticket:
    """`by` has it now. Refused where somebody else has; done over again it is the same."""
    _unless_others(ticket, by.name)
    return _held(ticket, by.name)


def answered(ticket: Ticket, by: Staff, text: str, at: datetime) -> Ticket:
    """`by` wrote to the customer, and with that has it."""
    first = ticket.answered_at or at
    return replace(claimed(ticket, by), last_at=at, last_words=text[:SHOWN], unread=0, answered_at=first)


def assigned(ticket: Ticket, by: Staff, to: str) -> Ticket:
    """`to` has it now: the owner says so, or whoever has it, or anybody where nobody has."""
    _unless_others(ticket, by.name, by.role)
    return _held(ticket, to)


def released(ticket: Ticket, by: Staff) -> Ticket:
    """Back into the queue, at its old place."""
    _unless_others(ticket, by.name, by.role)
    _unless_resolved(ticket)
    return replace(ticket, state=TicketState.WAITING, assignee="", snoozed_until=None)


def snoozed(ticket: Ticket, by: Staff, until: datetime) -> Ticket:
    """Put off until then, or until the customer writes; `by` has it afterwards."""
    _unless_others(ticket, by.name)
    _unless_resolved(ticket)
    return replace(ticket, state=TicketState.SNOOZED, assignee=by.name, snoozed_until=until, **NOT_OFFERED)


def woken(ticket: Ticket) -> Ticket:
    """What was put off is due."""
    state = TicketState.CLAIMED if ticket.assignee else TicketState.WAITING
    return replace(ticket, state=state, snoozed_until=None)


def resolved(ticket: Ticket, by: Staff, at: datetime) -> Ticket:
    """Done. It stays with whoever had it, for the numbers."""
    _unless_others(ticket, by.name, by.role)
    return replace(
        ticket,
        state=TicketState.RESOLVED,
        assignee=ticket.assignee or by.name,
        unread=0,
        snoozed_until=None,
        resolved_at=at,
        **NOT_OFFERED,
    )


def offered(ticket: Ticket, to: str, at: datetime) -> Ticket:
    """`to` is asked to take it; anybody still may. What no longer waits is offered to nobody."""
    return replace(ticket, offered_to=to, offered_at=at) if ticket.state is TicketState.WAITING else ticket


def tagged(ticket: Ticket, tags: tuple[str, ...]) -> Ticket:
    """With these tags, each once, and no others."""
    return replace(ticket, tags=tuple(dict.fromkeys(tags))[:MAX_TAGS])


def prioritised(ticket: Ticket, priority: Priority) -> Ticket:
    """To be answered that soon, counted from its hand-off."""
    return replace(ticket, priority=priority)


def read(ticket: Ticket) -> Ticket:
    """An agent has looked at what the customer wrote."""
    return replace(ticket, unread=0)


def _held(ticket: Ticket, agent: str) -> Ticket:
    return replace(ticket, state=TicketState.CLAIMED, assignee=agent, snoozed_until=None, resolved_at=None, **NOT_OFFERED)


def _unless_others(ticket: Ticket, agent: str, role: Role = Role.AGENT) -> None:
    held = ticket.state in (TicketState.CLAIMED, TicketState.SNOOZED)
    if held and ticket.assignee not in ("", agent) and role is not Role.OWNER:
        remedy = "Ask them to release it, or the owner to assign it."
        raise Refused("held_by_other", f"{ticket.assignee} has this conversation.", remedy)


def _unless_resolved(ticket: Ticket) -> None:
    if ticket.state is TicketState.RESOLVED:
        raise Refused("resolved", "this conversation is resolved.", "Claim it to open it again.")
