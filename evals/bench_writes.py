"""Turns with writes: verbs through `ShopActions` at 1, 8 and 32 conversations at once, on SQLite and PostgreSQL.

`python -m evals.bench_writes` prints a table; `make bench` prints it, too. A turn is one call of a verb, as the engine makes
it: each conversation changes the address of an order of its own, quote and write by turns, so that every second turn writes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from actions.policy import Identity, load_policy
from actions.registry import ShopActions
from actions.shop import tables
from actions.shop.importers.choosing import load_shop
from actions.shop.sql import SqlShop
from bot.fakes import MemoryStore
from bot.types import Audience, Call, ConversationKey, Language

CONVERSATIONS = (1, 8, 32)
# Turns of each level; half of them write.
TURNS = 320
SHOP = Path("demo/shop")


@dataclass(frozen=True, slots=True)
class Writes:
    """One level: turns a second, and milliseconds of a turn (p50, p99)."""

    database: str
    conversations: int
    turns_per_s: float
    p50_ms: float
    p99_ms: float


async def measure(name: str, url: str, turns: int = TURNS) -> list[Writes]:
    """All levels on a database that is filled with the demo shop first."""
    shop = await SqlShop.open(url)
    try:
        now = datetime.now(UTC)
        await load_shop(SHOP, shop, now.date(), replace=True)
        numbers = await _pending(shop, max(CONVERSATIONS))
        policy = load_policy()
        assert policy.change_address is not None  # noqa: S101 - ours has it
        # an address may be changed at every turn, and the digits are proof enough: what is measured are the writes
        as_often = policy.change_address.model_copy(update={"times": None})
        often = policy.model_copy(update={"change_address": as_often, "identity": Identity(change="digits")})
        actions = ShopActions(shop, MemoryStore(), policy=often)
        return [await _level(name, actions, numbers[:level], turns, now) for level in CONVERSATIONS]
    finally:
        await shop.close()


async def _level(name: str, actions: ShopActions, numbers: Sequence[str], turns: int, now: datetime) -> Writes:
    took: list[float] = []

    async def turn(number: str, action: str, key: str, **arguments: object) -> str:
        conversation = ConversationKey("bench", "", number)
        given = {"order_number": number, **arguments}
        call = Call(action, given, conversation, Language.ZH, Audience.PRIVATE, key, now, (f"order:{number}",))
        started = time.perf_counter()
        outcome = await actions.run(call)
        took.append((time.perf_counter() - started) * 1000)
        if not outcome.ok:
            raise RuntimeError(f"{action} of {number} was refused: {outcome.refusal}")
        return str(outcome.slots.get("quote"))

    async def conversation(number: str) -> None:
        for n in range(turns // len(numbers) // 2):
            line = f"人民路 {n} 号 {len(numbers)}"
            quote = await turn(number, "action_quote_address", "", line=line)
            key = f"{number}/{len(numbers)}/{n}"
            await turn(number, "action_change_address", key, line=line, quote=quote, confirmed=True)

    started = time.perf_counter()
    await asyncio.gather(*(conversation(number) for number in numbers))
    seconds = time.perf_counter() - started
    took.sort()
    return Writes(name, len(numbers), len(took) / seconds, took[len(took) // 2], took[int(len(took) * 0.99)])


async def _pending(shop: SqlShop, count: int) -> list[str]:
    import sqlalchemy as sa

    async with shop.transaction() as connection:
        query = sa.select(tables.orders.c.id).where(tables.orders.c.status == "pending").order_by(tables.orders.c.id)
        return [row.id for row in (await connection.execute(query.limit(count))).all()]


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a PostgreSQL server of our own, with the durability that it has by default; None where there is none."""
    found = shutil.which("initdb") or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if found is None:
        yield None
        return
    binaries = Path(found).parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="streamdesk-bench-") as folder:
        if user:
            shutil.chown(folder, user)
        data = f"{folder}/data"

        def run(*command: str) -> None:
            quiet = subprocess.DEVNULL
            subprocess.run(command, check=True, stdout=quiet, stderr=quiet, cwd=folder, user=user)  # noqa: S603

        run(str(binaries / "initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
        run(str(binaries / "pg_ctl"), "-D", data, "-o", options, "-w", "start")
        try:
            yield f"postgresql+asyncpg://bench@127.0.0.1:{port}/postgres"
        finally:
            run(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "stop")


def writes(turns: int = TURNS) -> list[Writes]:
    """All levels on both databases; only SQLite where PostgreSQL is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure("SQLite", f"sqlite+aiosqlite:///{folder}/shop.db", turns))
    with postgres() as url:
        return measured + (asyncio.run(measure("PostgreSQL", url, turns)) if url else [])


def show(measured: Sequence[Writes], console: Console) -> None:
    """Print the table, and say what was left out."""
    table = Table(
        "database", "conversations", "turns/s", "p50 ms", "p99 ms", title="Turns with writes", title_justify="left"
    )
    for row in measured:
        figures = (f"{row.turns_per_s:.0f}", f"{row.p50_ms:.1f}", f"{row.p99_ms:.1f}")
        table.add_row(row.database, str(row.conversations), *figures)
    console.print(table)
    if all(row.database == "SQLite" for row in measured):
        console.print("PostgreSQL is not installed here (Debian: apt-get install postgresql): not measured.")


if __name__ == "__main__":
    show(writes(), Console())
