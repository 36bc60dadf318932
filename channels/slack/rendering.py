"""What the desk is told, as messages in Slack's Block Kit. Pure.

What people wrote is shown as plain text, which Slack does not read as markup: nobody outside can call the whole channel or
dress a link up as something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk import Alarm, Goal
from bot.types import ConversationKey, Exchange, Forward, HandOff, Language, Photo, ToDesk
from channels.slack.wording import Words, words_in

HAND_BACK_ACTION = "hand_back"
# Slack's limit of a section, in characters; a notification's is ours.
MAX_SECTION = 3_000
MAX_NOTICE = 200
# How much of a hand-off is shown: the latest of what was said, and of each side of an exchange.
MAX_SUMMARY = 1_000
MAX_SIDE = 500
MAX_FIELD = 200
MAX_PRODUCTS = 5

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """A message. `notice` is what a notification shows."""

    notice: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the customer, to be uploaded."""

    photo: Photo


Part = Post | Picture


def render(body: ToDesk, key: ConversationKey) -> tuple[Part, ...]:
    """The messages that tell the desk, in order. The first of a hand-off opens the thread, all others go into it."""
    if body.handoff is not None:
        words = words_in(body.handoff.language)
        talk = _talk(body.handoff.recent, words)
        return (_opening(body.handoff, key, words), *([talk] if talk else []))
    if body.forward is not None:
        return _forwarded(body.forward)
    if body.rating is not None:  # asked for by a desk that Slack has taken the place of
        given = f"⭐ {body.rating.stars}/5" if body.rating.stars else f"💬 {body.rating.comment}"
        return (Post(_notice(given), (_section(_cut(given, MAX_SECTION)),)),)
    handed_back = words_in(body.language).handed_back
    return (Post(f"🤖 {handed_back}", (_context(f"🤖 {handed_back}"),)),)


def render_alarm(alarm: Alarm, zone: ZoneInfo, address: str) -> Post:
    """The reminder of a goal that is near or missed: whose, until when, who has it, and where to answer."""
    words, ticket = words_in(alarm.ticket.language), alarm.ticket
    goal = words.first_answer if alarm.due.goal is Goal.FIRST_ANSWER else words.resolution
    space = " " if ticket.language is Language.EN else ""
    said = f"⏰ {goal}{space}{words.missed if alarm.due.missed else words.near}"
    customer = _cut(ticket.customer or words.customer, MAX_FIELD)
    until = f"{words.until} {alarm.due.at.astimezone(zone):%m-%d %H:%M}"
    facts = (f"👤 {customer} #{code(ticket.key)}", ticket.assignee or words.nobody, until, address)
    last = [_section(_cut(ticket.last_words, MAX_SIDE))] if ticket.last_words else []
    blocks = (_section(said), _context("  ·  ".join(filter(None, facts))), *last)
    return Post(_notice(f"{said}{words.colon}{customer}"), blocks)


def code(key: ConversationKey) -> str:
    """A short name for the customer of a conversation. The key itself may hold what only they should know."""
    return hashlib.sha256(str(key).encode()).hexdigest()[:6]


# ---------------------------------------------------------------- hand-offs


def _opening(handoff: HandOff, key: ConversationKey, words: Words) -> Post:
    customer = _cut(handoff.customer or words.customer, MAX_FIELD)
    products = list(dict.fromkeys(product for exchange in reversed(handoff.recent) for product in exchange.product_ids))
    facts = (f"👤 {customer} #{code(key)}", _place(key, words), words.language, *products[:MAX_PRODUCTS])
    asked = _latest(handoff.summary, MAX_SUMMARY)
    blocks = [
        {"type": "header", "text": _plain(f"🙋 {words.wanted}")},
        _context("  ·  ".join(facts)),
        *([_section(f"{words.reason}{words.colon}{_cut(handoff.reason, MAX_FIELD)}")] if handoff.reason else []),
        *([_section(f"{words.said}{words.colon}\n{asked}")] if asked else []),
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": HAND_BACK_ACTION, "text": _plain(f"🤖 {words.back}")}],
        },
        _context(words.how_to),
    ]
    return Post(_notice(f"🙋 {words.wanted}{words.colon}{customer}"), tuple(blocks))


def _talk(recent: Sequence[Exchange], words: Words) -> Post | None:
    """The last exchanges with both sides; None where the bot has said nothing yet, for then the opening says it all."""
    if not any(exchange.answered for exchange in recent):
        return None
    sides = [line for exchange in recent for line in (("👤", exchange.asked), ("🤖", exchange.answered)) if line[1]]
    blocks = [_section(f"{who} {_cut(text, MAX_SIDE)}") for who, text in sides]
    return Post(words.talk, (_context(words.talk), *blocks))


def _place(key: ConversationKey, words: Words) -> str:
    names = {"telegram": "Telegram", "web": words.web, "live": words.live}
    return " ".join(filter(None, (names.get(key.channel, key.channel), key.room)))


# ---------------------------------------------------------------- later messages


def _forwarded(forward: Forward) -> tuple[Part, ...]:
    """The customer's words and pictures. Pictures come after a message of ours: only messages carry a delivery's name."""
    pictures = f"🖼️ ×{len(forward.photos)}" if forward.photos else ""
    said = "👤 " + "\n".join(filter(None, (forward.text, pictures)))
    posts = (Post(_notice(piece), (_section(piece),)) for piece in _pieces(said, MAX_SECTION))
    return (*posts, *(Picture(photo) for photo in forward.photos))


# ---------------------------------------------------------------- blocks and lengths


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text)]}


def _notice(text: str) -> str:
    """Notifications are markup, unlike our blocks."""
    return _cut(text, MAX_NOTICE).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _latest(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"…{text[-(limit - 1) :].lstrip()}"


def _pieces(text: str, limit: int) -> list[str]:
    return [text[start : start + limit] for start in range(0, len(text), limit)]
