"""`RoomMemory` in SQL, beside the conversations. What each method promises: see the port in bot/memory.py."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.sealing import Sealer
from bot.storage.tables import room_memory
from bot.storage.writer import Batch, GroupWriter


class SqlRoomMemory:
    """A row for each part of a room, sealed."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, sealer: Sealer) -> None:
        self._engine = engine
        self._writer = writer
        self._sealer = sealer
        insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(room_memory)
        self._upsert = insert.on_conflict_do_update(index_elements=["id"], set_={"body": insert.excluded.body})

    async def recall(self, room: str) -> Mapping[str, str]:
        of_room = sa.select(room_memory.c.part, room_memory.c.body).where(room_memory.c.room == room)
        with storage_errors():
            async with self._engine.connect() as connection:
                return {row.part: self._sealer.unseal(row.body) for row in await connection.execute(of_room)}

    async def keep(self, room: str, parts: Mapping[str, str]) -> None:
        rows = [
            {"id": f"{room}/{part}", "room": room, "part": part, "body": self._sealer.seal(body)}
            for part, body in parts.items()
        ]

        async def write(batch: Batch) -> None:
            for row in rows:
                await batch.connection.execute(self._upsert, row)

        await self._writer.write(write)
