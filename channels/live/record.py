"""What was done in a room, on its way into the audit."""

from __future__ import annotations

import asyncio

from bot.audit import Audit, AuditEntry


class Record:
    """Entries of one room. None is lost while the database is away."""

    def __init__(self, room: str, audit: Audit | None) -> None:
        """Without an `audit` nothing is kept."""
        self._room = room
        self._audit = audit
        self._done: list[AuditEntry] = []
        self._writing = asyncio.Lock()

    def note(self, *entries: AuditEntry) -> None:
        """This was done."""
        if self._audit is not None:
            self._done += entries

    async def write(self) -> None:
        """Return once everything that was noted is in the audit. Raises StorageUnavailable; then the next call tries it."""
        async with self._writing:
            writing = list(self._done)
            if self._audit is not None and writing:
                await self._audit.append(self._room, writing)
                del self._done[: len(writing)]
