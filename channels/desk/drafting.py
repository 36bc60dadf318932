"""What the bot would answer, for an agent to use or to edit. It is made of what was said alone, and sent by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.desk import RATES, Propose
from bot.types import Author, Do, Message, StartFlow, Turn
from channels.common.rendering import reply_body

# How many of the latest messages the bot is asked about.
LOOKED_AT = 3


async def suggestion(turns: Sequence[Turn], propose: Propose) -> dict[str, Any] | None:
    """The draft of an answer to the latest that the bot has something to say or do to, as JSON. Raises Unavailable.

    To "a person, please" it has nothing; what was asked before that is what waits. None where the customer said nothing.
    """
    shown = None
    for message in said(turns)[:LOOKED_AT]:
        draft = suggested(await propose(message))
        shown = shown or draft
        if draft["text"] or draft["verb"]:
            return draft
    return shown


def said(turns: Sequence[Turn]) -> list[Message]:
    """The customer's messages, the latest first, under names of their own: they are asked about, not taken once more."""
    messages = [turn.message for turn in reversed(turns) if turn.message.author is Author.CUSTOMER]
    return [replace(one, id=f"draft:{one.id}") for one in messages if _tells(one)]


def _tells(message: Message) -> bool:
    return bool(message.text.strip() or message.photos) and not message.text.startswith(RATES)


def suggested(turn: Turn) -> dict[str, Any]:
    """What is shown of a proposal: `asked`, `text`, `citations`, `cards`, and the `verb` it would come to."""
    bodies = [reply_body(reply) for reply in turn.replies]
    return {
        "asked": turn.message.text,
        "text": "\n".join(filter(None, (reply.text for reply in turn.replies))),
        "citations": [citation for body in bodies for citation in body.get("citations", ())],
        "cards": [card for body in bodies for card in body.get("cards", ())],
        "verb": _verb(turn),
    }


def _verb(turn: Turn) -> str:
    """What it would carry out: the action it has come to, or the business that it begins to ask about; empty for nothing."""
    actions = [decision.action for decision in turn.decisions if isinstance(decision, Do)]
    begun = [command.flow for command in (turn.parse.commands if turn.parse else ()) if isinstance(command, StartFlow)]
    return next(iter((*actions, *begun)), "")
