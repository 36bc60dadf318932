"""`Audit` in SQL, beside the conversations. What each method promises: see the port in bot/audit.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.audit import BEGINNING, REDACTED, AuditEntry, AuditRow, chained
from bot.database import storage_errors
from bot.errors import StorageUnavailable
from bot.storage.codec import Codec, decode, encode
from bot.storage.tables import room_audit
from bot.storage.writer import Batch, GroupWriter

# Rows that are read at once.
PAGE = 1000
# How often another process may be the first to add a row before this one gives up.
ATTEMPTS = 50
_COLUMNS = (room_audit.c.room, room_audit.c.previous, room_audit.c.digest, room_audit.c.entry)


class SqlAudit:
    """Rows that are only ever added; words may be taken out. Of two that would follow the same row, the table takes one."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, codec: Codec) -> None:
        self._engine = engine
        self._sealer = codec.sealer
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
            row = {"room": room, "previous": previous, "digest": chained(previous, entry)}
            added = self._insert(room_audit).values(**row, entry=self._sealer.seal(entry)).on_conflict_do_nothing()
            if (await batch.connection.execute(added)).rowcount:
                return
        raise StorageUnavailable(f"the audit of room {room!r} is being written by too many at once")

    async def rows(self) -> AsyncIterator[AuditRow]:
        after = 0
        while True:
            page = sa.select(room_audit.c.seq, *_COLUMNS).where(room_audit.c.seq > after).order_by(room_audit.c.seq)
            with storage_errors():
                async with self._engine.connect() as connection:
                    found = (await connection.execute(page.limit(PAGE))).all()
            for seq, room, previous, digest, entry in found:
                after = seq
                yield AuditRow(room, previous, digest, self._sealer.unseal(entry))
            if len(found) < PAGE:
                return

    async def redact(self, room: str, subjects: Collection[str], at: datetime) -> int:
        """Take the words and the evidence out of what was done with these subjects. Returns of how many rows.

        Their digests stay, and the chain says which rows these are (see bot/audit.py). Raises StorageUnavailable.
        """
        found = [(row, decode(AuditEntry, row.entry)) async for row in self.rows() if row.room == room]
        chosen = [(row, entry) for row, entry in found if entry.subject in subjects and (entry.text or entry.evidence)]

        async def write(batch: Batch) -> None:
            for row, entry in chosen:
                bare = self._sealer.seal(encode(replace(entry, text="", evidence=())))
                here = (room_audit.c.room == room) & (room_audit.c.digest == row.digest)
                await batch.connection.execute(room_audit.update().where(here).values(entry=bare))
                await self._add(batch, room, encode(AuditEntry(at, REDACTED, row.digest, "privacy")))

        await self._writer.write(write)
        return len(chosen)
