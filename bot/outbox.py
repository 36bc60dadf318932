"""Delivers what the engine committed: at least once, in order per conversation, with the delivery's own id each time.

Each door looks after its own deliveries (see lanes.py): one that is slow, stuck or flooded delays no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.lanes import CUT_OFF_S, LANES, Door, ended
from bot.ports import Clock, Sender, Store

# How long what is being sent may take to arrive and be noted when the service stops, in seconds.
FAREWELL_S = 3.0


class Dispatcher:
    """Moves deliveries from the outbox to the senders of their doors."""

    def __init__(self, store: Store, senders: Mapping[str, Sender], clock: Clock, *, lanes: int = LANES) -> None:
        """`senders` may grow until `run` is called. `lanes` bounds the conversations that a door serves at once."""
        self._store = store
        self._senders = senders
        self._clock = clock
        self._lanes = lanes
        self._doors: dict[str, Door] = {}

    def ring(self, *doors: str) -> None:
        """Something was committed for these doors, or for any: look at the outbox now."""
        for name in doors or self._doors:
            if door := self._doors.get(name):
                door.ring()

    async def run(self) -> None:
        """Deliver until cancelled. What is being sent then has FAREWELL_S to arrive."""
        self._doors = self._open()
        looking = [asyncio.create_task(door.run()) for door in self._doors.values()]
        try:
            await asyncio.gather(*looking)
        finally:
            for task in looking:
                task.cancel()
            farewells = (door.close(FAREWELL_S) for door in self._doors.values())
            await asyncio.gather(ended(looking, CUT_OFF_S), *farewells)

    async def deliver_due(self) -> bool:
        """Attempt everything that one look finds due, and wait for it. True when there was something. Not beside `run`."""
        doors = self._open().values()
        started = [await door.start_due() for door in doors]
        for door in doors:
            await door.idle()
        return any(started)

    def _open(self) -> dict[str, Door]:
        return {name: Door(name, sender, self._store, self._clock, self._lanes) for name, sender in self._senders.items()}
