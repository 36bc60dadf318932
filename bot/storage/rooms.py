"""`RoomMemory` and `RoomLeases` in SQL, beside the conversations. What each method promises: see bot/memory.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.errors import StorageUnavailable
from bot.memory import ROOM_LEASE_S
from bot.sealing import Sealer
from bot.storage.leases import ALONE, NOBODY, Leases
from bot.storage.tables import room_memory, room_owners
from bot.storage.writer import Batch, GroupWriter

_ELSEWHERE = (
    sa.select(room_owners.c.owner)
    .where(room_owners.c.room == sa.bindparam("room"))
    .where(room_owners.c.owner != sa.bindparam("me"), room_owners.c.leased_until > sa.bindparam("now"))
)


class SqlRoomMemory:
    """A row for each part of a room, sealed."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, sealer: Sealer, leases: Leases = ALONE) -> None:
        self._leases = leases
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
            if self._leases.shared and await batch.connection.scalar(_ELSEWHERE, {"room": room, **self._leases.args()}):
                raise StorageUnavailable(f"room {room!r} is another process's by now")
            for row in rows:
                await batch.connection.execute(self._upsert, row)

        await self._writer.write(write)


class SqlRoomLeases:
    """A row for each room, leased as rows of the outbox are (leases.py), only for a shorter time."""

    def __init__(self, engine: AsyncEngine, leases: Leases) -> None:
        self._engine = engine
        self._leases = replace(leases, lasting_s=ROOM_LEASE_S)
        insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(room_owners)
        mine = room_owners.c.owner == insert.excluded.owner
        reign = sa.case((mine, room_owners.c.reign), else_=room_owners.c.reign + 1)
        new = {"owner": insert.excluded.owner, "leased_until": insert.excluded.leased_until, "reign": reign}
        free = room_owners.c.leased_until <= sa.bindparam("now")
        self._hold = insert.on_conflict_do_update(index_elements=["room"], set_=new, where=mine | free)

    async def hold(self, rooms: Collection[str]) -> Mapping[str, int]:
        if not rooms:
            return {}
        rows = [{"room": room, "reign": 1, **self._leases.terms()} for room in sorted(rooms)]
        taking = self._hold.values(rows).returning(room_owners.c.room, room_owners.c.reign)
        with storage_errors():
            async with self._engine.begin() as connection:
                held = (await connection.execute(taking, {"now": self._leases.args()["now"]})).all()
        return {row.room: row.reign for row in held}

    async def let_go(self) -> None:
        mine = room_owners.update().where(room_owners.c.owner == self._leases.owner)
        with storage_errors():
            async with self._engine.begin() as connection:
                await connection.execute(mine.values(NOBODY))
