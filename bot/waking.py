"""Wakes the doors of other processes for deliveries that are offered to them, which they would find a second later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.bus import Bus

TOPIC = "offered"


@dataclass(frozen=True, slots=True)
class Waking:
    """Between the outbox of this process and those of the others. `ring` has a door of this one look."""

    bus: Bus
    ring: Callable[[str], None]

    async def offered(self, doors: Sequence[str]) -> None:
        """What waits at these doors is for receivers of other processes."""
        await self.bus.publish(TOPIC, "\n".join(doors).encode())

    async def run(self) -> None:
        """Until cancelled."""
        async with self.bus.subscribe(TOPIC) as heard:
            async for doors in heard:
                for door in doors.decode().split("\n"):
                    self.ring(door)
