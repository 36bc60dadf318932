"""The clock's side of a conversation: who leaves the bot's question unanswered is asked once more, then let go.

Only conversations whose replies are pushed are watched, and never in public: a reminder that has to be fetched reminds
nobody, and a room is no place for one. The watch is kept in memory: a process that ends forgets it, and nobody is reminded.
What it has handed in is a message like any other, with an id of its own, and therefore taken exactly once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.errors import StorageUnavailable
from bot.ports import Clock
from bot.types import Ask, Audience, Author, ConversationKey, Message, Mode, Turn, Wait

log = structlog.get_logger(__name__)

# How often the watch looks at the clock, in seconds.
POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message of the clock, and when it is due."""

    due: datetime
    message: Message


class SilenceWatch:
    """Remembers who owes an answer since when."""

    def __init__(self, clock: Clock, timeout: timedelta) -> None:
        """`timeout` is how long a question may stay open; zero watches nobody."""
        self._clock = clock
        self._timeout = timeout
        self._waiting: dict[ConversationKey, _Waiting] = {}

    def notice(self, turn: Turn) -> None:
        """A turn was committed: its question is waited for, or there is nothing to wait for any more."""
        message = turn.message
        self._waiting.pop(message.key, None)
        if self._timeout and _is_left_open(turn):
            asked = Message(
                id=f"{message.id}/silence",
                key=message.key,
                text="",
                sent_at=message.sent_at,
                author=Author.CLOCK,
                context=message.context,
            )
            self._waiting[message.key] = _Waiting(self._clock.now() + self._timeout, asked)

    async def run(self, accept: Callable[[Message], Awaitable[bool]]) -> None:
        """Hand in what is due until cancelled."""
        while True:
            await self.hand_in_due(accept)
            await asyncio.sleep(POLL_S)

    async def hand_in_due(self, accept: Callable[[Message], Awaitable[bool]]) -> int:
        """Hand in the messages that are due now. Returns how many; what cannot be kept is tried again."""
        now = self._clock.now()
        due = [waiting for waiting in self._waiting.values() if waiting.due <= now]
        for waiting in due:
            try:
                await accept(waiting.message)
            except StorageUnavailable as error:
                log.warning("silence.storage_unavailable", error=str(error))
                return 0
            if self._waiting.get(waiting.message.key) is waiting:
                del self._waiting[waiting.message.key]
        return len(due)


def _is_left_open(turn: Turn) -> bool:
    """Whether a turn ends with a question to the customer alone that the bot itself waits for."""
    ends_open = bool(turn.decisions) and isinstance(turn.decisions[-1], Ask | Wait)
    private = turn.message.context.audience is Audience.PRIVATE
    return ends_open and private and turn.mode is Mode.BOT and turn.error is None
