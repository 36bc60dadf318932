"""From committing a reply to its door, while others are stuck: `python -m evals.bench_outbox` prints a table.

`make bench` prints it, too. Replies are committed one after the other to conversations in turn, on SQLite, and each is timed
until its door has it, the commit included. Beside them nobody, somebody at the same door, or a whole other door takes what
is sent and never answers. What that adds to the replies of everybody else should be below 50 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from bot.fakes import EPOCH
from bot.outbox import Dispatcher
from bot.storage.sql import SqlStore
from bot.types import ConversationKey, Delivery, Message, Reply, State, ToCustomer, Turn
from evals.bench_load import percentile

# Replies that are timed, the conversations they are for, and the time between two of them.
REPLIES, PEOPLE, EVERY_S = 400, 20, 0.005
# Conversations of those who are stuck; what they have been sent waits for its answer for ever.
STUCK = 40
WEB, TELEGRAM = "web", "telegram"
# Who is stuck: what it is called, and at which door.
NOBODY, SOME, DOOR = "nobody", f"{STUCK} receivers of the same door", f"another door, {STUCK} conversations"
CASES = ((NOBODY, ""), (SOME, WEB), (DOOR, TELEGRAM))


@dataclass(frozen=True, slots=True)
class Delay:
    """One case: how many replies, and milliseconds from the begin of the commit to the door (p50, p99)."""

    stuck: str
    replies: int
    p50_ms: float
    p99_ms: float


@dataclass
class Doors:
    """`Sender` of every door: times what arrives, and never comes back from the stuck."""

    begun: dict[str, float] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)
    held: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, delivery: Delivery) -> None:
        """Note when it came, or keep it for ever."""
        if delivery.id in self.begun:
            self.took_ms.append((time.perf_counter() - self.begun[delivery.id]) * 1000)
            self.news.set()
            return
        self.held += 1
        self.news.set()
        await asyncio.Event().wait()

    async def until(self, *, held: int = 0, arrived: int = 0) -> None:
        """Wait until so many are held and so many have arrived."""
        while self.held < held or len(self.took_ms) < arrived:
            self.news.clear()
            await self.news.wait()


async def measure(stuck: str, door: str, folder: Path, replies: int = REPLIES, every_s: float = EVERY_S) -> Delay:
    """One case, in a database of its own. `door` is where those are who are stuck; none where it is empty."""
    store = await SqlStore.open(f"sqlite+aiosqlite:///{folder}/{door or 'free'}.db")
    doors = Doors()
    dispatcher = Dispatcher(store, {WEB: doors, TELEGRAM: doors}, SystemClock())
    running = asyncio.create_task(dispatcher.run())
    try:
        people = [ConversationKey(door, "", f"stuck{n}") for n in range(STUCK if door else 0)]
        for key in people:
            await _commit(store, key, 0)
        await doors.until(held=len(people))
        for n in range(replies):
            key = ConversationKey(WEB, "", f"u{n % PEOPLE}")
            doors.begun[_name(key, n // PEOPLE)] = time.perf_counter()
            await _commit(store, key, n // PEOPLE)
            dispatcher.ring(WEB)
            await asyncio.sleep(every_s)
        await doors.until(arrived=replies)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await store.close()
    return summary(stuck, doors.took_ms)


def summary(stuck: str, took_ms: Sequence[float]) -> Delay:
    """What the times of one case come to."""
    return Delay(stuck, len(took_ms), percentile(took_ms, 50), percentile(took_ms, 99))


def _name(key: ConversationKey, version: int) -> str:
    return f"{key}/m{version}/0"


async def _commit(store: SqlStore, key: ConversationKey, version: int) -> None:
    turn = Turn(Message(f"m{version}", key, "", EPOCH), None)
    await store.commit(State(key, version=version), turn, [Delivery(_name(key, version), key, ToCustomer(Reply("…")))])


def deliveries() -> list[Delay]:
    """All cases."""
    with TemporaryDirectory(prefix="streamdesk-bench-") as folder:
        return [asyncio.run(measure(stuck, door, Path(folder))) for stuck, door in CASES]


def rows(measured: Iterable[Delay]) -> list[tuple[str, ...]]:
    """One row a case; behind the first, what it adds to the first."""
    first, *others = measured
    table: list[tuple[str, ...]] = [
        (first.stuck, str(first.replies), f"{first.p50_ms:.1f}", f"{first.p99_ms:.1f}", "-", "-")
    ]
    for delay in others:
        added = (f"{delay.p50_ms - first.p50_ms:+.1f}", f"{delay.p99_ms - first.p99_ms:+.1f}")
        table.append((delay.stuck, str(delay.replies), f"{delay.p50_ms:.1f}", f"{delay.p99_ms:.1f}", *added))
    return table


def show(measured: Sequence[Delay], console: Console) -> None:
    """Print the table."""
    columns = ("stuck", "replies", "p50 ms", "p99 ms", "added p50 ms", "added p99 ms")
    table = Table(*columns, title="From the commit to the door", title_justify="left")
    for row in rows(measured):
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    show(deliveries(), Console())
