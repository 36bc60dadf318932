"""What is held of people in the bot's database: found, told, erased, thrown away when its time is over, and sealed anew."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.desk import TicketState, ticket_id
from bot.errors import StorageUnavailable
from bot.storage.codec import Codec
from bot.storage.tables import (
    bindings,
    carts,
    codes,
    conversations,
    dead_letters,
    failed_attempts,
    inbox,
    loads,
    outbox,
    photo_uses,
    photos,
    proven,
    purchases,
    room_audit,
    room_memory,
    signals,
    ticket_events,
    tickets,
    turns,
)
from bot.storage.writer import Batch, GroupWriter
from bot.types import ConversationKey, Message

# What belongs to one conversation and goes with it, by name in exports.
_OF_A_CONVERSATION = {
    "conversations": conversations,
    "turns": turns,
    "inbox": inbox,
    "outbox": outbox,
    "dead_letters": dead_letters,
    "tickets": tickets,
    "bindings": bindings,
    "proofs": proven,
    "photo_uses": photo_uses,
    "carts": carts,
    "purchases": purchases,
}
# Columns that are sealed: texts, and of photos bytes.
_SEALED = (
    conversations.c.state,
    turns.c.turn,
    inbox.c.message,
    outbox.c.body,
    dead_letters.c.body,
    tickets.c.ticket,
    ticket_events.c.text,
    room_audit.c.entry,
    photos.c.data,
    room_memory.c.body,
    carts.c.cart,
    purchases.c.purchase,
    loads.c.report,
)
# Rows that are sealed anew in one transaction.
_PAGE = 200


class SqlHoldings:
    """By conversations: of a sender at a door, or in which something was proven. Raises StorageUnavailable."""

    def __init__(
        self, engine: AsyncEngine, writer: GroupWriter, codec: Codec, forget: Callable[[ConversationKey], None]
    ) -> None:
        """`forget` is told the conversations whose state is no longer what the store remembers."""
        self._engine = engine
        self._writer = writer
        self._codec = codec
        self._forget = forget

    # ------------------------------------------------------------ finding and telling

    async def of_sender(self, channel: str, user: str) -> list[ConversationKey]:
        """The conversations of one sender at one channel, in whatever room or thread."""
        ours, theirs = quote(channel, safe=""), quote(user, safe="")
        found: set[ConversationKey] = set()
        for table in _OF_A_CONVERSATION.values():
            likely = table.c.key.startswith(f"{ours}/", autoescape=True) & table.c.key.contains(
                f"/{theirs}/", autoescape=True
            )
            found |= {ConversationKey.parse(row.key) for row in await self._fetch(sa.select(table.c.key).where(likely))}
        return sorted((key for key in found if (key.channel, key.user) == (channel, user)), key=str)

    async def of_proofs(self, proofs: Collection[str]) -> list[ConversationKey]:
        """The conversations in which one of these was ever proven."""
        rows = await self._fetch(sa.select(proven.c.key).where(proven.c.proof.in_(proofs)).distinct())
        return sorted((ConversationKey.parse(row.key) for row in rows), key=str)

    async def export(self, key: ConversationKey) -> dict[str, Any]:
        """Everything that is held of a conversation, as JSON has it; photos by their names."""
        rows = {name: await self._told(table, table.c.key == str(key)) for name, table in _OF_A_CONVERSATION.items()}
        events = await self._told(ticket_events, ticket_events.c.ticket == ticket_id(key))
        sent = photos.c.digest.in_([row["digest"] for row in rows.pop("photo_uses")])
        columns = (photos.c.digest, photos.c.media_type, photos.c.at)
        kept = [dict(row._mapping) for row in await self._fetch(sa.select(*columns).where(sent))]
        return {"conversation": str(key), **rows, "ticket_events": events, "photos": kept}

    async def _told(self, table: sa.Table, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        rows = await self._fetch(sa.select(table).where(where))
        return [{name: self._opened(table.c[name], value) for name, value in row._mapping.items()} for row in rows]

    def _opened(self, column: sa.Column[Any], value: Any) -> Any:
        if column not in _SEALED:
            return value
        text = self._codec.sealer.unseal(value)
        return text if column is ticket_events.c.text else json.loads(text)

    async def photo(self, digest: str) -> bytes:
        """The bytes of a photo that is held."""
        (row,) = await self._fetch(sa.select(photos.c.data).where(photos.c.digest == digest))
        return self._codec.sealer.unseal_bytes(bytes(row.data))

    # ------------------------------------------------------------ erasing

    async def is_handled(self, key: ConversationKey, now: datetime) -> bool:
        """Whether a process has a message of this conversation in hand."""
        held = (inbox.c.key == str(key)) & (inbox.c.leased_until > now.timestamp())
        return bool(await self._fetch(sa.select(inbox.c.seq).where(held).limit(1)))

    async def erase(self, key: ConversationKey) -> Counter[str]:
        """Delete a conversation, whose lock is held, and photos that nobody else sent. Returns rows by table."""
        accepted = await self._fetch(sa.select(inbox.c.message).where(inbox.c.key == str(key)))
        waiting = [self._codec.read(Message, row.message) for row in accepted]
        unused = {photo.digest for message in waiting for photo in message.photos}
        gone: Counter[str] = Counter()

        async def write(batch: Batch) -> None:
            gone.clear()
            sent = sa.select(photo_uses.c.digest).where(photo_uses.c.key == str(key))
            theirs = unused | set((await batch.connection.scalars(sent)).all())
            gone["ticket_events"] = await _delete(batch, ticket_events, ticket_events.c.ticket == ticket_id(key))
            for name, table in _OF_A_CONVERSATION.items():
                gone[name] = await _delete(batch, table, table.c.key == str(key))
            shared = sa.exists().where(photo_uses.c.digest == photos.c.digest)
            gone["photos"] = await _delete(batch, photos, photos.c.digest.in_(theirs) & ~shared)
            guessed = failed_attempts.c.subject.in_((f"conversation:{key}", f"code:conversation:{key}"))
            # what a room shows to newcomers holds the words of many: it begins anew
            gone["room_memory"] = await _delete(batch, room_memory, room_memory.c.room == key.room) if key.room else 0
            gone["failed_attempts"] = await _delete(batch, failed_attempts, guessed)

        await self._writer.write(write)
        self._forget(key)
        return +gone

    # ------------------------------------------------------------ periods

    async def idle(self, before: datetime, limit: int) -> list[ConversationKey]:
        """Conversations without a word since then, longest first; not those whose ticket is still open."""
        old = sa.select(conversations.c.key).where(_is_idle(before)).order_by(conversations.c.said_at)
        return [ConversationKey.parse(row.key) for row in await self._fetch(old.limit(limit))]

    async def drop_idle(self, key: ConversationKey, before: datetime) -> bool:
        """Delete state and cart of a conversation, whose lock the caller holds, and what binds it to threads of a platform.

        False where somebody has spoken in it since then.
        """
        gone = 0

        async def write(batch: Batch) -> None:
            nonlocal gone
            gone = await _delete(batch, conversations, (conversations.c.key == str(key)) & _is_idle(before))
            if gone:
                for table in (bindings, carts):
                    await _delete(batch, table, table.c.key == str(key))

        await self._writer.write(write)
        self._forget(key)
        return gone > 0

    async def drop_old(self, kind: str, before: datetime, limit: int) -> int:
        """Delete at most `limit` rows of a kind that are older than `before`: turns, photos or tickets. Returns how many.

        With turns go deliveries, codes, signals and purchases of that time; with tickets, of which only resolved ones go,
        what happened to them.
        """
        gone = 0

        async def write(batch: Batch) -> None:
            nonlocal gone
            gone = 0
            for table, older in _OLD[kind]:
                ident = _identity(table)
                chosen = sa.select(ident).where(older(before.timestamp())).limit(limit)
                gone += await _delete(batch, table, ident.in_(chosen.scalar_subquery()))
            for table, condition in _ORPHANS if gone else ():
                await _delete(batch, table, condition)

        await self._writer.write(write)
        return gone

    # ------------------------------------------------------------ keys

    async def seal_anew(self) -> int:
        """Seal everything with the newest key, also what was readable so far; while others write. Returns how many rows."""
        changed = 0
        for column in _SEALED:
            after = None
            ident = _identity(column.table)
            while True:
                page = sa.select(ident, column).order_by(ident).limit(_PAGE)
                rows = await self._fetch(page if after is None else page.where(ident > after))
                changed += await self._seal_rows(column, ident, rows)
                if len(rows) < _PAGE:
                    break
                after = rows[-1][0]
        return changed

    async def _seal_rows(self, column: sa.Column[Any], ident: sa.Column[Any], rows: Sequence[Any]) -> int:
        sealer = self._codec.sealer
        seal: Callable[[Any], Any] = sealer.reseal_bytes if column is photos.c.data else sealer.reseal
        sealed = await asyncio.to_thread(lambda: [(row[0], row[1], seal(row[1])) for row in rows])
        changed = [(name, old, new) for name, old, new in sealed if new != old]

        async def write(batch: Batch) -> None:
            for name, old, new in changed:  # a row that somebody wrote meanwhile is sealed with the newest key already
                same = (ident == name) & (column == old)
                await batch.connection.execute(sa.update(column.table).where(same).values({column: new}))

        if changed:
            await self._writer.write(write)
        return len(changed)

    async def scrub(self) -> None:
        """Leave nothing of what was deleted in the file of an embedded database: it is written anew, its log emptied.

        PostgreSQL does so by itself in time (autovacuum). Raises StorageUnavailable where somebody is in the middle of
        something.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with storage_errors():
            async with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                await connection.execute(sa.text("VACUUM"))
                left = await connection.scalar(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        if left:
            raise StorageUnavailable("the database's log is being read, and could not be emptied; run this again")

    async def _fetch(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with storage_errors():
            async with self._engine.connect() as connection:
                rows: Sequence[sa.Row[Any]] = (await connection.execute(query)).all()
                return rows


def _identity(table: Any) -> sa.Column[Any]:
    """The column that tells the rows of a table apart."""
    (column,) = table.primary_key.columns
    return column  # type: ignore[no-any-return]


def _is_idle(before: datetime) -> sa.ColumnElement[bool]:
    is_open = sa.exists().where(tickets.c.key == conversations.c.key, tickets.c.state != TicketState.RESOLVED.value)
    return sa.and_(conversations.c.said_at < before.timestamp(), ~is_open)


async def _delete(batch: Batch, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    return (await batch.connection.execute(table.delete().where(where))).rowcount


_Old = Callable[[float], sa.ColumnElement[bool]]
_OLD: Mapping[str, Sequence[tuple[sa.Table, _Old]]] = {
    "turns": (
        (turns, lambda before: turns.c.said_at < before),
        (outbox, lambda before: outbox.c.said_at < before),
        (dead_letters, lambda before: dead_letters.c.at < before),
        (codes, lambda before: codes.c.at < before),
        (signals, lambda before: signals.c.at < before),
        (purchases, lambda before: purchases.c.begun_at < before),
    ),
    "photos": ((photos, lambda before: photos.c.at < before),),
    "tickets": ((tickets, lambda before: (tickets.c.last_at < before) & (tickets.c.state == TicketState.RESOLVED.value)),),
}
# What is of use to nobody without the rows that it belongs to.
_ORPHANS = (
    (photo_uses, ~sa.exists().where(photos.c.digest == photo_uses.c.digest)),
    (ticket_events, ~sa.exists().where(tickets.c.id == ticket_events.c.ticket)),
    (proven, sa.and_(*(~sa.exists().where(of.c.key == proven.c.key) for of in (conversations, tickets, photo_uses)))),
)
