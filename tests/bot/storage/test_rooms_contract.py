"""What every RoomMemory must do, over memory, SQLite and (where it is installed) PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.fakes import MemoryRooms
from bot.memory import RoomMemory
from bot.storage.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RoomMemory]:
    if request.param == "memory":
        yield MemoryRooms()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = await SqlStore.open(url)
    yield store.room_memory()
    await store.close()


async def test_a_part_is_replaced_and_the_others_stay(memory: RoomMemory) -> None:
    assert await memory.recall("main") == {}
    await memory.keep("main", {"talk": "好 👋", "notes": "a"})
    await memory.keep("side", {"talk": "other"})
    await memory.keep("main", {"talk": "x" * 300_000})
    assert await memory.recall("main") == {"talk": "x" * 300_000, "notes": "a"}
    assert await memory.recall("side") == {"talk": "other"}


async def test_many_at_once_keep_whole_parts(memory: RoomMemory) -> None:
    await asyncio.gather(*(memory.keep("main", {"talk": str(n), "notes": str(n)}) for n in range(40)))
    parts = await memory.recall("main")
    assert parts["talk"] == parts["notes"]
