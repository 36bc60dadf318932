"""`Audit` in SQL, beside the conversations. What each method promises: see the port in bot/audit.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.audit import BEGINNING, AuditEntry, AuditRow, chained
from bot.database import storage_errors
from bot.errors import StorageUnavailable
from bot.storage.codec import encode
from bot.storage.tables import room_audit
from bot.storage.writer import Batch, GroupWriter

# Rows that are read at once.
PAGE = 1000
# How often another process may be the first to add a row before this one gives up.
ATTEMPTS = 50
_COLUMNS = (room_audit.c.room, room_audit.c.previous, room_audit.c.digest, room_audit.c.entry)


class SqlAudit:
    """Rows that are only ever added. Of two that would follow the same row, the table takes one."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter) -> None:
        self._engine = engine
        self._writer = writer
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def append(self, room: str, entries: Sequence[AuditEntry]) -> None:
        async def write(batch: Batch) -> None:
            for entry in entries:
                await self._add(batch, room, encode(entry))

        await self._writer.write(write)

    async def _add(self, batch: Batch, room: str, entry: str) -> None:
        newest = sa.select(room_audit.c.digest).where(room_audit.c.room == room).order_by(room_audit.c.seq.desc()).limit(1)
        for _ in range(ATTEMPTS):
            previous = await batch.connection.scalar(newest) or BEGINNING
            row = {"room": room, "previous": previous, "digest": chained(previous, entry), "entry": entry}
            if (await batch.connection.execute(self._insert(room_audit).values(row).on_conflict_do_nothing())).rowcount:
                return
        raise StorageUnavailable(f"the audit of room {room!r} is being written by too many at once")

    async def rows(self) -> AsyncIterator[AuditRow]:
        after = 0
        while True:
            page = sa.select(room_audit.c.seq, *_COLUMNS).where(room_audit.c.seq > after).order_by(room_audit.c.seq)
            with storage_errors():
                async with self._engine.connect() as connection:
                    found = (await connection.execute(page.limit(PAGE))).all()
            for seq, *kept in found:
                after = seq
                yield AuditRow(*kept)
            if len(found) < PAGE:
                return
