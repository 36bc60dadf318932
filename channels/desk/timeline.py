"""What an agent sees of a conversation: what was said and what was done, by time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.desk import RATES, Due, EventKind, Ticket, TicketEvent
from bot.types import Author, Photo, Turn
from channels.common.rendering import reply_body

# What happened but is seen elsewhere: in what was said itself, or nowhere.
_UNSEEN = frozenset({EventKind.MESSAGE, EventKind.ANSWERED, EventKind.READ, EventKind.ASKED, EventKind.OFFERED})
# Their words begin with the name of what is rated.
_NAMED = frozenset({EventKind.RATED, EventKind.COMMENTED})


def ticket_body(ticket: Ticket, due: Due | None) -> dict[str, Any]:
    """A ticket as JSON, with its goal that is near or missed; times in ISO 8601."""
    return {
        "id": ticket.id,
        "channel": ticket.key.channel,
        "room": ticket.key.room,
        "state": ticket.state.value,
        "customer": ticket.customer,
        "language": ticket.language.value,
        "reason": ticket.reason,
        "assignee": ticket.assignee,
        "offered_to": ticket.offered_to,
        "priority": ticket.priority.value,
        "stars": ticket.stars,
        "comment": ticket.comment,
        "due": {"goal": due.goal.value, "at": due.at.isoformat(), "missed": due.missed} if due else None,
        "last_words": ticket.last_words,
        "unread": ticket.unread,
        "tags": list(ticket.tags),
        "opened_at": ticket.opened_at.isoformat(),
        "last_at": ticket.last_at.isoformat(),
        "snoozed_until": ticket.snoozed_until.isoformat() if ticket.snoozed_until else None,
        "version": ticket.version,
    }


def timeline(turns: Sequence[Turn], events: Sequence[TicketEvent]) -> list[dict[str, Any]]:
    """Entries by time, each with `kind` (customer, bot, agent, note, event). What was said comes before what was done."""
    said = [entry for turn in turns for entry in _said(turn)]
    done = [_done(event) for event in events if event.kind not in _UNSEEN]
    return sorted([*said, *done], key=lambda entry: str(entry["at"]))


def _said(turn: Turn) -> Iterator[dict[str, Any]]:
    message, at = turn.message, turn.message.sent_at.isoformat()
    if message.author is Author.CUSTOMER and not message.text.startswith(RATES):
        photos = [_photo(photo) for photo in message.photos]
        yield {"kind": "customer", "at": at, "name": message.author_name, "text": message.text, "photos": photos}
    for reply in turn.replies:
        yield {"kind": "agent" if reply.agent else "bot", "at": at, "name": reply.agent, **reply_body(reply)}


def _photo(photo: Photo) -> dict[str, str]:
    return {"digest": photo.digest, "media_type": photo.media_type}


def _done(event: TicketEvent) -> dict[str, Any]:
    text = event.text.partition(" ")[2] if event.kind in _NAMED else event.text
    kind = "note" if event.kind is EventKind.NOTE else "event"
    body = {"kind": kind, "at": event.at.isoformat(), "name": event.actor, "text": text}
    return body if kind == "note" else {**body, "event": event.kind.value}
