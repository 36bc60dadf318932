"""A turn as an owner reads it: what was read, found, decided and done, and what was said for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from bot.traces import Talk, became
from bot.types import Author, Outcome, Parse, Passage, Turn
from channels.common.rendering import reply_body

# What is shown of one text or value, in characters, and of what was found, in passages.
MOST_TEXT = 300
MOST_FOUND = 8
# How sure of another intent the reading must be for it to be shown.
LEAST_SURE = 0.01

Json = dict[str, Any]


def talk_body(talk: Talk) -> Json:
    """A conversation in the list, with the last words of both sides."""
    message = talk.last.message
    return {
        "id": talk.name,
        "channel": message.key.channel,
        "room": message.key.room,
        "customer": message.author_name,
        "turns": talk.turns,
        "last_at": message.sent_at.isoformat(),
        "asked": _cut(message.text),
        "answered": _cut(talk.last.replies[-1].text) if talk.last.replies else "",
        "became": became(talk.last).value,
    }


def turn_body(turn: Turn) -> Json:
    """A turn with its trace; times in ISO 8601, durations in milliseconds."""
    message = turn.message
    return {
        "author": message.author.value,
        "at": message.sent_at.isoformat(),
        "name": message.author_name if message.author is Author.CUSTOMER else "",
        "text": message.text,
        "photos": [{"digest": photo.digest, "media_type": photo.media_type} for photo in message.photos],
        "became": became(turn).value,
        "mode": turn.mode.value,
        "read": _read(turn.parse) if turn.parse else None,
        "found": [_found(passage) for passage in turn.passages[:MOST_FOUND]],
        "decided": [told(decision) for decision in turn.decisions],
        "done": [_done(outcome) for outcome in turn.outcomes],
        "said": [reply_body(reply) for reply in turn.replies],
        "timings": dict(turn.timings),
        "error": turn.error or "",
    }


def _read(parse: Parse) -> Json:
    return {
        "language": parse.language.value,
        "intent": parse.intent,
        "confidence": round(parse.confidence, 3),
        "stage": parse.stage,
        "ranking": [
            {"intent": intent, "confidence": round(sure, 3)} for intent, sure in parse.ranking[:3] if sure >= LEAST_SURE
        ],
        "commands": [told(command) for command in parse.commands],
        "values": [{"kind": one.kind, "value": _cut(one.value), "text": _cut(one.text)} for one in parse.entities],
    }


def _found(passage: Passage) -> Json:
    return {
        "title": passage.title or passage.source,
        "location": passage.location,
        "source": passage.source,
        "url": passage.url,
        "score": round(passage.score, 3),
        "live": passage.live,
        "text": _cut(passage.text),
    }


def _done(outcome: Outcome) -> Json:
    return {"action": outcome.action, "ok": outcome.ok, "refusal": outcome.refusal, "data": _values(outcome.data)}


def told(noun: Any) -> Json:
    """A command or decision: its `kind`, and whatever else it has to say."""
    return {"kind": noun.kind, "values": _values(_said_of(noun))}


def _said_of(noun: Any) -> Mapping[str, Any]:
    """What a noun says beside its kind; what is empty says nothing."""
    rest = {field.name: getattr(noun, field.name) for field in fields(noun) if field.name != "kind"}
    return {name: value for name, value in rest.items() if _tells(value)}


def _values(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _cut(value) for name, value in values.items() if _tells(value)}


def _tells(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", (), {})  # zero tells something


def _cut(value: Any) -> str:
    text = _written(value)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _written(value: Any) -> str:
    if is_dataclass(value):  # a noun inside another, such as the words for a flow
        return _written(_said_of(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_written(one)}" for name, one in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(_written(one) for one in value)
    return str(value)
