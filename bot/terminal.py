"""Talking to the bot in a terminal: the same engine, asked line by line."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

from rich.console import Console

from bot.app import open_service
from bot.settings import Settings
from bot.types import ConversationKey, Message, Reply

CHANNEL = "terminal"


async def talk(settings: Settings, user: str, out: Console) -> None:
    """Read lines until an empty end of input, and print what the bot says to each."""
    key = ConversationKey(CHANNEL, "", user)
    async with open_service(settings) as service:
        out.print("Type a question; Ctrl-D ends. 直接打字提问，Ctrl-D 结束。", style="dim")
        while (line := await asyncio.to_thread(_line)) is not None:
            turn = await service.engine.handle(Message(uuid.uuid4().hex, key, line, datetime.now(UTC)))
            for reply in turn.replies:
                print_reply(reply, out)


def print_reply(reply: Reply, out: Console) -> None:
    """One reply: its text, its cards, where it comes from, and what may be answered."""
    out.print(f"{reply.agent + ': ' if reply.agent else ''}{reply.text}", highlight=False, markup=False, soft_wrap=True)
    for card in reply.cards:
        reason = f" ({card.reason})" if card.reason else ""
        out.print(f"  - {card.title} {card.price}{reason}", highlight=False, markup=False, soft_wrap=True)
    for citation in reply.citations:
        place = f" > {citation.location}" if citation.location else ""
        older = ", superseded" if citation.superseded else ""
        out.print(f"  [{citation.title}{place}{older}]", style="dim", highlight=False, markup=False, soft_wrap=True)
    if reply.buttons:
        choices = " | ".join(button.title for button in reply.buttons)
        out.print(f"  ( {choices} )", style="dim", highlight=False, markup=False, soft_wrap=True)


def _line() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None
