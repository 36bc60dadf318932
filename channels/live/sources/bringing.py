"""What sources that we open ourselves have in common: what they read, and how it gets into the room."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

import structlog

from bot.backoff import backoff
from bot.errors import BadInput, Unavailable
from bot.live import Health, Inlet, RoomEvent, ViewerComment

log = structlog.get_logger(__name__)

Read = ViewerComment | RoomEvent

# Waits before storage is tried again, in seconds.
AGAIN_S: Final = 0.5
# The longest id that a room keeps, in characters.
_LONGEST: Final = 120


class Unreadable(ValueError):
    """A message of a known kind that lacks what it must have."""


class Breaks:
    """How often in a row a platform's line broke, as its health and the log are told, and how long to wait for the next."""

    def __init__(self, platform: str, health: Health, first_wait: float, last_wait: float) -> None:
        """`platform` is what the log calls it; waits in seconds, doubling from the first to the last."""
        self._platform = platform
        self._health = health
        self._waits = first_wait, last_wait
        self._failures = 0

    def broke(self, error: str) -> None:
        """It does not answer, or is gone."""
        self._health.broke(error)
        self._failures += 1
        log.warning(f"{self._platform}.away", error=error, failures=self._failures)

    def held(self) -> None:
        """Something came: a line that lets us in and says nothing proves nothing."""
        self._failures = 0

    def wait_s(self) -> float:
        """Seconds until it is tried again."""
        return backoff(self._failures, *self._waits)


def described(error: Exception) -> str:
    """What broke a line, in one sentence: some errors have no words of their own."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


async def bring(one: Read, inlet: Inlet) -> None:
    """Into the room, as soon as that can be stored: these platforms send nothing twice. What is refused is left."""
    while True:
        try:
            await (inlet.comment(one) if isinstance(one, ViewerComment) else inlet.event(one))
        except BadInput as error:
            log.info("live.refused", error=str(error)[:200])
            return
        except Unavailable:
            await asyncio.sleep(AGAIN_S)
            continue
        return


def short_id(name: str) -> str:
    """A platform's id as a room can keep it: the same for the same one, at most 120 characters."""
    return name if len(name) <= _LONGEST else hashlib.sha256(name.encode()).hexdigest()
