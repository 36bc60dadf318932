"""`Locks` between processes: advisory locks of PostgreSQL, all held on one connection of their own.

Whoever waits in this process queues here first, in order; only the first of a conversation asks the database. One session
can hold any number of advisory locks, so that a process needs one connection for all its turns, however many there are and
however long they take. A session that ends, for whatever reason, lets go of all of them. (PostgreSQL manual, 13.3.5.)

A lock that another process holds is asked for again and again rather than waited for, since waiting would keep the
connection from everybody else. That happens only where one conversation is at two processes at the same moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.backoff import backoff
from bot.database import open_engine, storage_errors
from bot.errors import StorageUnavailable
from bot.locks import LocalLocks
from bot.types import ConversationKey

# How long a conversation may be held by another process before the turn is given up for now, in seconds. A turn with a
# language model that is tried again takes less.
WAIT_S = 90.0
# Waits before a lock that another process holds is asked for again, in seconds: doubling from the first to the last.
FIRST_ASK_S = 0.002
LAST_ASK_S = 0.05

_NUMBERS = sa.bindparam("numbers", type_=ARRAY(sa.BigInteger))
_number = sa.func.unnest(_NUMBERS).column_valued("number")
_TRY = sa.select(sa.func.pg_try_advisory_lock(_number).label("held"))
_RELEASE = sa.select(sa.func.pg_advisory_unlock(_number))


def lock_number(key: ConversationKey) -> int:
    """The number that stands for a conversation: 64 bits, signed. Two that share one only wait for each other."""
    return int.from_bytes(hashlib.blake2b(str(key).encode(), digest_size=8).digest(), "big", signed=True)


@dataclass(slots=True)
class _Session:
    """The connection that holds this process's locks. What is asked for at the same moment shares a round trip.

    It works in a task of its own: a caller that is cancelled in the middle of a query would take the connection, and with
    it everybody's locks, down.
    """

    engine: AsyncEngine
    _connection: AsyncConnection | None = None
    _asked: list[tuple[int, asyncio.Future[AsyncConnection | None]]] = field(default_factory=list)
    _released: list[tuple[int, AsyncConnection]] = field(default_factory=list)
    _running: asyncio.Task[None] | None = None

    async def ask(self, number: int) -> AsyncConnection | None:
        """The connection that holds lock `number` from now on, or None where another process holds it."""
        answer: asyncio.Future[AsyncConnection | None] = asyncio.get_running_loop().create_future()
        self._asked.append((number, answer))
        self._run()
        return await answer

    def release(self, number: int, connection: AsyncConnection) -> None:
        """Let go of a lock that `connection` holds; where that is gone, its locks are, too."""
        self._released.append((number, connection))
        self._run()

    async def close(self) -> None:
        """Let go of everything."""
        if self._running is not None:
            await self._running
        await self._leave()
        await self.engine.dispose()

    def _run(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._asked or self._released:
                asked, self._asked = self._asked, []
                released, self._released = self._released, []
                await self._exchange(asked, [number for number, holder in released if holder is self._connection])
        finally:
            self._running = None

    async def _exchange(self, asked: list[tuple[int, asyncio.Future[AsyncConnection | None]]], released: list[int]) -> None:
        try:
            with storage_errors():
                connection = await self._connected()
                if released:
                    await connection.execute(_RELEASE, {"numbers": released})
                numbers = [number for number, _ in asked]
                rows = (await connection.execute(_TRY, {"numbers": numbers})).all() if numbers else ()
        except Exception as error:
            await self._leave()
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (number, answer), row in zip(asked, rows, strict=True):
            if not answer.done():
                answer.set_result(connection if row.held else None)
            elif row.held:  # who asked was cancelled meanwhile
                self._released.append((number, connection))

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self.engine.connect()
        return self._connection

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it may be gone already, and its locks with it
                await connection.invalidate()


class AdvisoryLocks:
    """`Locks` that every process on the same database respects."""

    def __init__(self, engine: AsyncEngine, *, wait_s: float = WAIT_S) -> None:
        """`engine` commits by itself. `wait_s` bounds the wait for another process."""
        self._local = LocalLocks()
        self._session = _Session(engine)
        self._wait_s = wait_s

    @classmethod
    def open(cls, url: str, *, wait_s: float = WAIT_S) -> Self:
        """Locks in the PostgreSQL database at `url`. The connection is made when the first is taken."""
        return cls(open_engine(url).execution_options(isolation_level="AUTOCOMMIT"), wait_s=wait_s)

    async def close(self) -> None:
        """Let go of everything."""
        await self._session.close()

    @asynccontextmanager
    async def hold(self, key: ConversationKey) -> AsyncIterator[None]:
        """Hold the conversation's lock. Raises StorageUnavailable when another process keeps it for too long."""
        async with self._local.hold(key):
            number = lock_number(key)
            holder = await self._take(number, key)
            try:
                yield
            finally:
                self._session.release(number, holder)

    async def _take(self, number: int, key: ConversationKey) -> AsyncConnection:
        give_up = time.monotonic() + self._wait_s
        for asked in itertools.count(1):
            if (holder := await self._session.ask(number)) is not None:
                return holder
            if time.monotonic() >= give_up:
                break
            await asyncio.sleep(backoff(asked, FIRST_ASK_S, LAST_ASK_S))
        raise StorageUnavailable(f"conversation {key} is held by another process; send the message again")
