"""What a room keeps for after a restart, in four parts: its talk, questions with what they were told, the
host's notes, and what it knows of platforms.

Each part is bounded and written as a whole, some times a second at most and only when it has changed: a comment costs
no more than its place in a list. What the service had no time to write when it was killed, the room has forgotten; nobody's
question is lost by that, since these are in the inbox and the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError

from bot.live import PublicLine
from channels.live.answers import Mode
from channels.live.corrections import Told
from channels.live.notes import Hidden, Unanswered
from channels.live.room import Room
from channels.live.triage import Question

log = structlog.get_logger(__name__)

# Questions that are kept, the last ones, and comments of each.
QUESTIONS: Final = 200
COMMENTS: Final = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a room: what was told, and may be put right, and all that can be joined."""

    told: list[Told] = field(default_factory=list)
    open: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HostNotes:
    """What the host sees, and the mode of the room where the host has changed it."""

    hidden: list[Hidden] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    comments: int = 0
    hidden_in_all: int = 0
    mode: Mode | None = None
    events: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfPlatforms:
    """What was taken of platforms, by public ids, and the lines that wait for each, by the name of its link."""

    taken: list[str] = field(default_factory=list)
    unsent: dict[str, list[PublicLine]] = field(default_factory=dict)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def parts_of(room: Room, now: datetime) -> dict[str, str]:
    """A room as it is to be kept."""
    told = [replace(one, question=_shortened(one.question)) for one in room.corrections.watched(now).values()]
    known = {one.question.first.id for one in told}
    asked = [_shortened(one) for one in room.triage.questions()[-QUESTIONS:] if one.first.id not in known]
    notes = HostNotes(
        list(room.notes.hidden.values()),
        [replace(one, question=None) for one in room.notes.unanswered.values()],
        room.notes.comments,
        room.notes.hidden_in_all,
        room.answers.rules.mode if room.answers.mode_set else None,
        dict(room.notes.events),
        dict(room.notes.paid),
    )
    waiting = {link.name: link.outgoing.waiting() for link in room.links if link.outgoing is not None}
    platforms = OfPlatforms(room.known.of_platforms(), room.unsent | waiting)
    return {
        "talk": orjson.dumps(list(room.history)).decode(),
        "questions": _adapter(Asked).dump_json(Asked(told, asked)).decode(),
        "notes": _adapter(HostNotes).dump_json(notes).decode(),
        "platforms": _adapter(OfPlatforms).dump_json(platforms).decode(),
    }


def recall(room: Room, parts: Mapping[str, str]) -> None:
    """A room as it was kept. A part that another version has written is left out."""
    try:
        lines = orjson.loads(parts.get("talk", "[]"))
        asked: Asked = _adapter(Asked).validate_json(parts.get("questions", "{}"))
        notes: HostNotes = _adapter(HostNotes).validate_json(parts.get("notes", "{}"))
        platforms: OfPlatforms = _adapter(OfPlatforms).validate_json(parts.get("platforms", "{}"))
    except (ValidationError, orjson.JSONDecodeError) as error:
        log.warning("live.not_recalled", room=room.name, error=type(error).__name__)
        return
    room.history.extend(lines)
    for line in lines:
        if line["type"] == "comment":
            room.known.seen(line["id"])
    room.known.restore(platforms.taken)
    room.unsent = dict(platforms.unsent)
    room.corrections.restore(asked.told)
    for question in (*asked.open, *(one.question for one in asked.told if not one.void)):
        room.triage.restore(question, question.sense)
    _recall_notes(room, notes)


def _recall_notes(room: Room, notes: HostNotes) -> None:
    room.notes.hidden = {one.comment.id: one for one in notes.hidden}
    for hidden in notes.hidden:
        room.known.seen(hidden.comment.id)
    room.notes.unanswered = {one.id: replace(one, question=room.triage.question(one.id)) for one in notes.unanswered}
    room.notes.comments, room.notes.hidden_in_all = notes.comments, notes.hidden_in_all
    room.notes.events.update(notes.events)
    room.notes.paid.update(notes.paid)
    if notes.mode is not None:
        room.answers.restore_mode(notes.mode)


def _shortened(question: Question) -> Question:
    return replace(question, comments=question.comments[:COMMENTS])
