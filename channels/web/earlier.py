"""What was said earlier, for a page that has nothing of it: the last turns as the page would have kept them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.types import Author, Turn
from channels.common.rendering import reply_body

# How many turns a page is handed.
TURNS = 50


def said_earlier(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns, oldest first, as the items that the page draws. Replies have the ids of their deliveries (bot/turn.py)."""
    return [item for turn in turns for item in _items(turn)]


def _items(turn: Turn) -> Iterator[dict[str, Any]]:
    message = turn.message
    if message.author is Author.CUSTOMER:
        yield {"id": message.id, "mine": True, "text": message.text, "photos": [], "sent": True}
    for number, reply in enumerate(turn.replies):
        yield {"id": f"{message.key}/{message.id}/{number}", **reply_body(reply)}
