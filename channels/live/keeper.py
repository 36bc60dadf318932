"""Writes down what the rooms keep, off the way of comments and answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from bot.errors import StreamdeskError
from bot.memory import RoomMemory
from bot.ports import Clock
from channels.live.keeping import parts_of
from channels.live.room import Room
from channels.live.rooms import Rooms

log = structlog.get_logger(__name__)

# How often the rooms are kept, in seconds.
KEEP_S = 0.5


@dataclass(slots=True)
class Keeper:
    """Keeps what has changed in all rooms."""

    rooms: Rooms
    memory: RoomMemory
    clock: Clock
    _kept: dict[str, dict[str, str]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Until cancelled, and then once more, whatever goes wrong meanwhile."""
        try:
            while True:
                await asyncio.sleep(KEEP_S)
                await self.tick()
        finally:
            await self.tick()

    async def tick(self) -> None:
        """Once. What could not be written is written the next time."""
        async with self._turn:
            for room in [room for room in self.rooms.all() if room.touched]:
                room.touched = False
                try:
                    await self._keep(room)
                except StreamdeskError as error:
                    room.touched = True
                    log.warning("live.not_kept", room=room.name, error=str(error))

    async def _keep(self, room: Room) -> None:
        parts = parts_of(room, self.clock.now())
        before = self._kept.get(room.name, {})
        changed = {name: text for name, text in parts.items() if before.get(name) != text}
        if changed:
            await self.memory.keep(room.name, changed)
            self._kept[room.name] = parts
