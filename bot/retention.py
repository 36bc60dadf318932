"""The clock's side of what is held: whatever is older than its period is thrown away, a little at a time.

A conversation's state goes under its lock, when the last word in it is older than `turns`; one whose ticket is open stays.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import StorageUnavailable
from bot.ports import Clock, Locks
from bot.types import ConversationKey

log = structlog.get_logger(__name__)

# How often the periods are looked at, and how long others may work between two portions, in seconds.
EVERY_S = 3600.0
PAUSE_S = 0.2
# Rows of a kind that one transaction deletes.
PORTION = 200


class Holdings(Protocol):
    """Where old things are. What each does: see bot/storage/holdings.py."""

    async def idle(self, before: datetime, limit: int) -> list[ConversationKey]:
        """Conversations without a word since then."""
        ...

    async def drop_idle(self, key: ConversationKey, before: datetime) -> bool:
        """Delete the state of a conversation whose lock is held, unless somebody has spoken in it since then."""
        ...

    async def drop_old(self, kind: str, before: datetime, limit: int) -> int:
        """Delete at most so many rows of a kind."""
        ...


class Retention:
    """Keeps to the periods: how long `turns`, `photos` and `tickets` are kept; a name without one is kept for ever."""

    def __init__(self, holdings: Holdings, locks: Locks, clock: Clock, periods: Mapping[str, timedelta]) -> None:
        self._holdings = holdings
        self._locks = locks
        self._clock = clock
        self._periods = periods

    async def run(self) -> None:
        """Keep to them until cancelled."""
        while True:
            try:
                gone = await self.keep()
            except StorageUnavailable as error:
                log.warning("retention.storage_unavailable", error=str(error))
            else:
                if gone:
                    log.info("retention.thrown_away", **gone)
            await asyncio.sleep(EVERY_S)

    async def keep(self, pause_s: float = PAUSE_S) -> Counter[str]:
        """Throw away everything that is too old now, in portions. Returns how much, by kind. Raises StorageUnavailable."""
        gone: Counter[str] = Counter()
        for kind, period in self._periods.items():
            before = self._clock.now() - period
            while portion := await self._portion(kind, before):
                gone += portion
                await asyncio.sleep(pause_s)
        return gone

    async def _portion(self, kind: str, before: datetime) -> Counter[str]:
        gone = Counter({kind: await self._holdings.drop_old(kind, before, PORTION)})
        idle = await self._holdings.idle(before, PORTION) if kind == "turns" else []
        for key in idle:
            async with self._locks.hold(key):
                gone["conversations"] += await self._holdings.drop_idle(key, before)
        return +gone
