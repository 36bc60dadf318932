"""What every Loads must do, over memory, SQLite and (where it is installed) PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.fakes import EPOCH, MemoryLoads
from bot.loads import KEPT, MOST_COMPLAINTS, Complaint, Load, LoadedFile, Loads
from bot.sealing import Sealer, new_key
from bot.storage.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def loads(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Loads]:
    if request.param == "memory":
        yield MemoryLoads()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/l.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = await SqlStore.open(url)
    yield store.loads()
    await store.close()


async def test_the_last_ones_are_kept_the_newest_first(loads: Loads) -> None:
    assert list(await loads.last()) == []
    for number in range(KEPT + 2):
        await loads.note(Load(EPOCH + timedelta(days=number), f"shop{number}", (LoadedFile("products.csv", 2),)))
    kept = await loads.last()
    assert [one.folder for one in kept] == [f"shop{number}" for number in range(KEPT + 1, 1, -1)]
    assert kept[0].files == (LoadedFile("products.csv", 2),) and kept[0].at == EPOCH + timedelta(days=KEPT + 1)


async def test_what_may_be_somebodys_is_not_kept_nor_more_than_can_be_read(loads: Loads) -> None:
    phone = Complaint("customers.csv", "must not be empty", 2, "phone", "13800001111", private=True)
    price = Complaint("variants.csv", "must be an amount like 199.00", 3, "price", "cheap")
    await loads.note(Load(EPOCH, "shop", complaints=(phone, price, *[price] * MOST_COMPLAINTS)))
    (kept,) = await loads.last()
    assert [one.value for one in kept.complaints[:2]] == ["", "cheap"]
    assert (len(kept.complaints), kept.more) == (MOST_COMPLAINTS, 2)


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_another_process_sees_it_sealed(tmp_path: Path) -> None:
    url, sealer = f"sqlite+aiosqlite:///{tmp_path}/l.db", Sealer.of(new_key())
    here, there = await SqlStore.open(url, sealer=sealer), await SqlStore.open(url, sealer=sealer)
    await there.loads().note(Load(EPOCH, "a-folder"))
    await there.close()
    assert [one.folder for one in await here.loads().last()] == ["a-folder"]
    await here.close()
    assert b"a-folder" not in on_disk(tmp_path)
