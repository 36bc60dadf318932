"""Group commit: turns of many conversations that are ready at the same moment share one transaction.

A database syncs and locks per transaction, so under load one transaction for eight turns costs little more than one for
one. Each turn still succeeds or fails by itself: its version check comes first, and nothing of it is written when that
fails. (The idea is DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.database import storage_errors
from bot.errors import StreamdeskError

# More writes than this in one transaction would make the first of them wait longer than it gains.
MAX_BATCH = 64


@dataclass(slots=True)
class Batch:
    """One transaction, as the writes in it see it."""

    connection: AsyncConnection
    _later: dict[Executable, list[dict[str, Any]]] = field(default_factory=dict)

    def later(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """Execute `statement` for these rows before the commit, together with the rows of the other writes."""
        if rows:
            self._later.setdefault(statement, []).extend(rows)

    async def finish(self) -> None:
        """Execute what was put off."""
        for statement, rows in self._later.items():
            await self.connection.execute(statement, rows)


Write = Callable[[Batch], Awaitable[None]]


@dataclass(slots=True)
class GroupWriter:
    """Runs writes in shared transactions, one transaction at a time, in the order they came."""

    engine: AsyncEngine
    _waiting: list[tuple[Write, asyncio.Future[None]]] = field(default_factory=list)
    _running: asyncio.Task[None] | None = None

    async def write(self, write: Write) -> None:
        """Run `write` and return once it is committed. What it refuses with is raised here, and nothing of it stands."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((write, done))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        await done

    async def close(self) -> None:
        """Wait until everything handed in is committed."""
        if self._running is not None:
            await self._running

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                await self._commit(batch)
        finally:
            self._running = None
            for _, done in self._waiting:  # only where this was cut off
                done.cancel()

    async def _commit(self, batch: list[tuple[Write, asyncio.Future[None]]]) -> None:
        refused: dict[int, StreamdeskError] = {}
        try:
            with storage_errors():
                async with self.engine.begin() as connection:
                    shared = Batch(connection)
                    for number, (write, _) in enumerate(batch):
                        try:
                            await write(shared)
                        except StreamdeskError as error:
                            refused[number] = error
                    await shared.finish()
        except asyncio.CancelledError:  # the store is closed; nobody waits for what it leaves
            for _, done in batch:
                done.cancel()
            raise
        except Exception as error:  # the transaction is lost, so nobody in it was written
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for number, (_, done) in enumerate(batch):
            if done.done():  # its caller was cancelled meanwhile; the write stands
                continue
            if number in refused:
                done.set_exception(refused[number])
            else:
                done.set_result(None)
