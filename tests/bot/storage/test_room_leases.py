"""Which process has a room: one at a time, another when it is gone, and what it writes afterwards is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import StorageUnavailable
from bot.fakes import FakeClock
from bot.memory import ROOM_LEASE_S
from bot.storage.leases import Leases
from bot.storage.sql import SqlStore

Pair = tuple[SqlStore, SqlStore]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def pair(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Pair]:
    """The same database, as two processes have it."""
    sqlite = request.param == "sqlite"
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db" if sqlite else request.getfixturevalue("postgres_url")
    stores = [await SqlStore.open(url, Leases(name, 6.0, clock)) for name in ("ours", "theirs")]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


async def test_a_room_has_one_owner_and_another_once_its_lease_is_over(pair: Pair, clock: FakeClock) -> None:
    ours, theirs = (store.room_leases() for store in pair)
    assert await ours.hold(["main", "other"]) == {"main": 1, "other": 1}
    assert await theirs.hold(["main", "third"]) == {"third": 1}
    clock.pass_seconds(ROOM_LEASE_S - 1)
    assert await ours.hold(["main"]) == {"main": 1}
    clock.pass_seconds(ROOM_LEASE_S - 1)
    assert await theirs.hold(["main", "other"]) == {"other": 2}
    clock.pass_seconds(2)
    assert await theirs.hold(["main"]) == {"main": 2}
    assert await ours.hold(["main", "other"]) == {}
    assert await ours.hold([]) == {}


async def test_a_room_that_was_let_go_is_free_at_once(pair: Pair) -> None:
    ours, theirs = (store.room_leases() for store in pair)
    await ours.hold(["main"])
    await ours.let_go()
    assert await theirs.hold(["main"]) == {"main": 2}
    await ours.let_go()  # lets go of nothing that is another's
    assert await ours.hold(["main"]) == {}


async def test_whoever_has_the_room_no_more_overwrites_nothing(pair: Pair) -> None:
    ours, theirs = pair
    await ours.room_memory().keep("main", {"talk": "before anybody had it"})
    await theirs.room_leases().hold(["main"])
    await theirs.room_memory().keep("main", {"talk": "theirs"})
    with pytest.raises(StorageUnavailable, match="another process"):
        await ours.room_memory().keep("main", {"talk": "ours"})
    await ours.room_memory().keep("other", {"talk": "ours"})
    assert await ours.room_memory().recall("main") == {"talk": "theirs"}
