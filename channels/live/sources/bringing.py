"""What sources that we open ourselves have in common: what they read, and how it gets into the room."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

import structlog

from bot.errors import BadInput, Unavailable
from bot.live import Inlet, RoomEvent, ViewerComment

log = structlog.get_logger(__name__)

Read = ViewerComment | RoomEvent

# Waits before storage is tried again, in seconds.
AGAIN_S: Final = 0.5
# The longest id that a room keeps, in characters.
_LONGEST: Final = 120


class Unreadable(ValueError):
    """A message of a known kind that lacks what it must have."""


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
