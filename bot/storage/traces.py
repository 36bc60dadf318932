"""`Traces` in the SQL database: the turns as they are stored, with a column that says what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.storage.codec import Codec
from bot.storage.tables import conversations, turns
from bot.traces import Became, Talk, became, has_words
from bot.types import Turn

# Turns that a search for words opens at most, and how many at once.
LOOKED_THROUGH = 3_000
_PAGE = 200
QUARTER_S = 900
# A row of before this column was there.
_UNKNOWN = ""


class SqlTraces:
    """Reads; whoever deletes a turn deletes its trace."""

    def __init__(self, engine: AsyncEngine, codec: Codec) -> None:
        self._engine = engine
        self._codec = codec

    async def talks(
        self, *, words: str = "", came_to: Became | None = None, before: datetime | None = None, limit: int = 50
    ) -> Sequence[Talk]:
        """See `Traces`."""
        if words or came_to is not None:
            keys = await self._keys_with(words, came_to, before, limit)
        else:
            query = sa.select(conversations.c.key).order_by(conversations.c.said_at.desc()).limit(limit)
            older = query if before is None else query.where(conversations.c.said_at < before.timestamp())
            keys = [row.key for row in await self._fetch(older)]
        return await self._listed(keys)

    async def talk(self, name: str, limit: int = 200) -> Sequence[Turn]:
        """See `Traces`."""
        if not (name.isascii() and name.isdecimal() and len(name) < 19):
            return []
        key = sa.select(turns.c.key).where(turns.c.seq == int(name)).scalar_subquery()
        query = sa.select(turns.c.turn).where(turns.c.key == key).order_by(turns.c.seq.desc()).limit(limit)
        return await self._opened(row.turn for row in reversed(await self._fetch(query)))

    async def unanswered(self, limit: int) -> Sequence[Turn]:
        """See `Traces`."""
        likely = turns.c.became.in_((Became.UNANSWERED.value, _UNKNOWN))
        query = sa.select(turns.c.turn).where(likely).order_by(turns.c.seq.desc()).limit(limit)
        found = await self._opened(row.turn for row in reversed(await self._fetch(query)))
        return [turn for turn in found if became(turn) is Became.UNANSWERED]

    async def counted(self, since: datetime) -> Mapping[tuple[int, Became], int]:
        """See `Traces`."""
        quarter = sa.cast(sa.func.floor(turns.c.said_at / QUARTER_S), sa.BigInteger).label("quarter")
        known = (turns.c.said_at >= since.timestamp()) & (turns.c.became != _UNKNOWN)
        query = sa.select(quarter, turns.c.became, sa.func.count().label("count")).where(known)
        rows = await self._fetch(query.group_by(quarter, turns.c.became))
        return {(int(row.quarter), Became(row.became)): int(row._mapping["count"]) for row in rows}

    async def _keys_with(self, words: str, came_to: Became | None, before: datetime | None, limit: int) -> list[str]:
        """The conversations with such a turn, that of the last one first."""
        keys: dict[str, None] = {}
        conditions = [] if came_to is None else [turns.c.became == came_to.value]
        if before is not None:
            later = sa.select(conversations.c.key).where(conversations.c.said_at >= before.timestamp())
            conditions.append(turns.c.key.not_in(later))
        last: int | None = None
        for _ in range(0, LOOKED_THROUGH, _PAGE):
            behind = [] if last is None else [turns.c.seq < last]
            query = sa.select(turns.c.seq, turns.c.key, turns.c.turn).where(*conditions, *behind)
            rows = await self._fetch(query.order_by(turns.c.seq.desc()).limit(_PAGE))
            keys |= dict.fromkeys(await self._with_words(rows, words) if words else [row.key for row in rows])
            if len(rows) < _PAGE or len(keys) >= limit:
                break
            last = rows[-1].seq
        return list(keys)[:limit]

    async def _with_words(self, rows: Sequence[sa.Row[Any]], words: str) -> list[str]:
        opened = await self._opened(row.turn for row in rows)
        return [row.key for row, turn in zip(rows, opened, strict=True) if has_words(turn, words)]

    async def _listed(self, keys: Sequence[str]) -> list[Talk]:
        """These conversations in their order; one whose turns are gone has nothing to show."""
        first, last = sa.func.min(turns.c.seq).label("first"), sa.func.max(turns.c.seq).label("last")
        ends = sa.select(first, last, sa.func.count().label("many")).where(turns.c.key.in_(keys)).group_by(turns.c.key)
        of = ends.subquery()
        query = sa.select(of.c.first, of.c.many, turns.c.key, turns.c.turn).join(turns, turns.c.seq == of.c.last)
        rows = await self._fetch(query)
        opened = await self._opened(row.turn for row in rows)
        found = {row.key: Talk(str(row.first), row.many, turn) for row, turn in zip(rows, opened, strict=True)}
        return [found[key] for key in keys if key in found]

    async def _opened(self, stored: Iterable[str]) -> list[Turn]:
        texts = list(stored)
        return await asyncio.to_thread(lambda: [self._codec.read(Turn, text) for text in texts])

    async def _fetch(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with storage_errors():
            async with self._engine.connect() as connection:
                rows: Sequence[sa.Row[Any]] = (await connection.execute(query)).all()
                return rows
