"""What every Audit must do, over memory, SQLite and (where it is installed) PostgreSQL; and that no change goes unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot import cli
from bot.audit import BEGINNING, Audit, AuditEntry, AuditRow, Chain, chained, followed, verified
from bot.fakes import EPOCH, MemoryAudit
from bot.storage.sql import SqlStore


def entry(number: int, text: str = "是的，防水 👋") -> AuditEntry:
    return AuditEntry(EPOCH + timedelta(seconds=number), "told", f"a{number}", "room", text, ("/sources/a.md",))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def audit(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Audit]:
    if request.param == "memory":
        yield MemoryAudit()
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = await SqlStore.open(url)
    yield store.audit()
    await store.close()


async def test_rooms_have_chains_of_their_own(audit: Audit) -> None:
    await audit.append("main", [entry(1), entry(2)])
    await audit.append("side", [entry(1)])
    await audit.append("main", [entry(3)])
    chains = await verified(audit)
    assert {room: (chain.length, chain.broken) for room, chain in chains.items()} == {"main": (3, None), "side": (1, None)}
    rows = [row async for row in audit.rows() if row.room == "main"]
    assert rows[0].previous == BEGINNING
    assert "防水" in rows[0].entry


async def test_many_at_once_make_one_chain(audit: Audit) -> None:
    await asyncio.gather(*(audit.append("main", [entry(number), entry(number)]) for number in range(40)))
    assert (await verified(audit))["main"].length == 80


async def test_two_processes_make_one_chain(tmp_path: Path, postgres_url: str) -> None:
    one, two = await SqlStore.open(postgres_url), await SqlStore.open(postgres_url)
    try:
        await asyncio.gather(*(store.audit().append("main", [entry(n)]) for n in range(20) for store in (one, two)))
        assert (await verified(one.audit()))["main"] == replace((await verified(two.audit()))["main"])
        assert (await verified(one.audit()))["main"].length == 40
    finally:
        await one.close()
        await two.close()


def rows(texts: list[str]) -> list[AuditRow]:
    made, previous = [], BEGINNING
    for text in texts:
        made.append(AuditRow("main", previous, digest := chained(previous, text), text))
        previous = digest
    return made


def whole(of: list[AuditRow]) -> Chain:
    chain = Chain()
    for row in of:
        chain = followed(chain, row)
    return chain


@given(st.lists(st.text(max_size=8), min_size=2, max_size=8, unique=True), st.data())
def test_what_is_changed_taken_out_or_moved_breaks_the_chain_there(texts: list[str], data: st.DataObject) -> None:
    kept = rows(texts)
    assert whole(kept) == Chain(len(kept), kept[-1].digest)
    at = data.draw(st.integers(0, len(kept) - 2))
    changed = [*kept[:at], replace(kept[at], entry=kept[at].entry + "!"), *kept[at + 1 :]]
    rehashed = [*kept[:at], rows([*texts[:at], texts[at] + "!"])[-1], *kept[at + 1 :]]
    swapped = [*kept[:at], kept[at + 1], kept[at], *kept[at + 2 :]]
    assert whole(changed).broken == at + 1
    assert whole(rehashed).broken == at + 2
    assert whole([*kept[:at], *kept[at + 1 :]]).broken == at + 1
    assert whole(swapped).broken == at + 1


async def _write(url: str, *, tamper: bool) -> None:
    store = await SqlStore.open(url)
    if not tamper:
        await store.audit().append("main", [entry(1), entry(2), entry(3)])
    await store.close()
    if tamper:
        engine = sa.create_engine(url.replace("+aiosqlite", ""))
        with engine.begin() as connection:
            connection.execute(sa.text("update room_audit set entry = replace(entry, '防水', '不防水') where seq = 2"))
        engine.dispose()


def test_the_command_says_what_holds_and_fails_where_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    (tmp_path / "config.yml").write_text("{}")
    monkeypatch.setenv("STREAMDESK_CONFIG", str(tmp_path / "config.yml"))
    monkeypatch.setenv("STREAMDESK_STORAGE__URL", url)
    asyncio.run(_write(url, tamper=False))
    held = CliRunner().invoke(cli.app, ["audit", "verify"])
    assert (held.exit_code, "main: 3 rows hold" in held.output) == (0, True)
    asyncio.run(_write(url, tamper=True))
    broken = CliRunner().invoke(cli.app, ["audit", "verify"])
    assert (broken.exit_code, "main: row 2 was changed" in broken.output) == (1, True)
