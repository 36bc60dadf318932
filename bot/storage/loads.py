"""`Loads` in the SQL database: a row for each load, sealed like what people say, since it quotes the shop's files."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.loads import KEPT, Load, to_keep
from bot.storage.codec import Codec
from bot.storage.tables import loads
from bot.storage.writer import Batch, GroupWriter

_LAST = sa.select(loads.c.report).order_by(loads.c.seq.desc()).limit(KEPT)
_NEWEST = sa.select(loads.c.seq).order_by(loads.c.seq.desc()).limit(KEPT).scalar_subquery()


class SqlLoads:
    """See `Loads`."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, codec: Codec) -> None:
        self._engine = engine
        self._writer = writer
        self._codec = codec

    async def note(self, load: Load) -> None:
        """See `Loads`."""
        row = {"report": self._codec.write(to_keep(load))}

        async def write(batch: Batch) -> None:
            await batch.connection.execute(loads.insert(), row)
            await batch.connection.execute(loads.delete().where(loads.c.seq.not_in(_NEWEST)))

        await self._writer.write(write)

    async def last(self) -> list[Load]:
        """See `Loads`."""
        with storage_errors():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(_LAST)).all()
        return [self._codec.read(Load, row.report) for row in rows]
