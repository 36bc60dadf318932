"""`Tickets` and `Accounts` in SQL, beside the conversations. What each method promises: see the ports in bot/desk.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.desk import EventKind, Role, Staff, Ticket, TicketEvent, TicketState, Work
from bot.errors import VersionConflict
from bot.storage.codec import Codec, decode, encode
from bot.storage.tables import staff, staff_sessions, ticket_events, tickets
from bot.storage.writer import Batch, GroupWriter

# How many of the tickets that were spoken in last are searched for words, and how many at once.
SEARCHED = 5000
SEARCHED_AT_ONCE = 250


class SqlDesk:
    """Tickets, staff and their sessions. It writes through the store's own writer: one transaction at a time."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, codec: Codec) -> None:
        self._engine = engine
        self._codec = codec
        self._writer = writer
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    # ------------------------------------------------------------ tickets

    async def ticket(self, name: str) -> Ticket | None:
        rows = await self._fetch(sa.select(tickets.c.ticket).where(tickets.c.id == name))
        return self._codec.read(Ticket, rows[0].ticket) if rows else None

    async def save(self, ticket: Ticket, event: TicketEvent) -> bool:
        advanced = replace(ticket, version=ticket.version + 1)
        saved = False

        async def write(batch: Batch) -> None:
            nonlocal saved
            known = sa.select(ticket_events.c.seq).where(ticket_events.c.id == event.id)
            saved = await batch.connection.scalar(known) is None
            if not saved:
                return
            if (await batch.connection.execute(self._put(advanced, ticket.version))).rowcount != 1:
                raise VersionConflict(f"ticket {ticket.id} went on since version {ticket.version} was loaded")
            await batch.connection.execute(sa.insert(ticket_events).values(self._event_row(event)))

        await self._writer.write(write)
        return saved

    def _put(self, ticket: Ticket, loaded: int) -> sa.Executable:
        row = self._ticket_row(ticket)
        if loaded == 0:
            return self._insert(tickets).values(row).on_conflict_do_nothing()
        return tickets.update().where(tickets.c.id == ticket.id, tickets.c.version == loaded).values(row)

    async def tickets(
        self, states: Sequence[TicketState], *, assignee: str = "", words: str = "", limit: int = 200
    ) -> list[Ticket]:
        query = sa.select(tickets.c.ticket).where(tickets.c.state.in_([state.value for state in states]))
        if assignee:
            query = query.where(tickets.c.assignee == assignee)
        newest = query.order_by(tickets.c.last_at.desc(), tickets.c.id)
        if words:
            return await self._with_words(words, newest, limit)
        return [self._codec.read(Ticket, row.ticket) for row in await self._fetch(newest.limit(limit))]

    async def _with_words(self, words: str, newest: sa.Select[Any], limit: int) -> list[Ticket]:
        """Those of the newest that have the words. What is sealed is opened to be searched, so only so many are."""
        found: list[Ticket] = []
        for offset in range(0, SEARCHED, SEARCHED_AT_ONCE):
            rows = await self._fetch(newest.offset(offset).limit(SEARCHED_AT_ONCE))
            page = [self._codec.read(Ticket, row.ticket) for row in rows]
            notes = await self._notes([ticket.id for ticket in page])
            found += [ticket for ticket in page if _has(ticket, notes.get(ticket.id, ()), words)]
            if len(found) >= limit or len(rows) < SEARCHED_AT_ONCE:
                break
        return found[:limit]

    async def _notes(self, names: Sequence[str]) -> dict[str, list[str]]:
        noted = ticket_events.c.ticket.in_(names) & (ticket_events.c.kind == EventKind.NOTE.value)
        notes: dict[str, list[str]] = {}
        for row in await self._fetch(sa.select(ticket_events.c.ticket, ticket_events.c.text).where(noted)):
            notes.setdefault(row.ticket, []).append(self._codec.sealer.unseal(row.text))
        return notes

    async def count(self, states: Sequence[TicketState], *, assignee: str = "", unread: bool = False) -> int:
        query = sa.select(sa.func.count().label("tickets")).where(tickets.c.state.in_([state.value for state in states]))
        if assignee:
            query = query.where(tickets.c.assignee == assignee)
        rows = await self._fetch(query.where(tickets.c.unread > 0) if unread else query)
        return int(rows[0].tickets)

    async def waiting_before(self, at: datetime) -> int:
        waiting = (tickets.c.state == TicketState.WAITING.value) & (tickets.c.opened_at < at.timestamp())
        rows = await self._fetch(sa.select(sa.func.count().label("waiting")).select_from(tickets).where(waiting))
        return int(rows[0].waiting)

    async def events(self, name: str) -> list[TicketEvent]:
        rows = await self._fetch(
            sa.select(ticket_events).where(ticket_events.c.ticket == name).order_by(ticket_events.c.seq)
        )
        return [self._event(row) for row in rows]

    async def happened(self, kinds: Sequence[EventKind], since: datetime) -> list[TicketEvent]:
        meant = ticket_events.c.kind.in_([kind.value for kind in kinds]) & (ticket_events.c.at >= since.timestamp())
        query = sa.select(ticket_events).where(meant).order_by(ticket_events.c.seq)
        return [self._event(row) for row in await self._fetch(query)]

    # ------------------------------------------------------------ accounts

    async def staff(self) -> list[Staff]:
        return [_member(row) for row in await self._fetch(sa.select(staff).order_by(staff.c.name))]

    async def member(self, name: str) -> Staff | None:
        rows = await self._fetch(sa.select(staff).where(staff.c.name == name))
        return _member(rows[0]) if rows else None

    async def put_member(self, member: Staff) -> None:
        row = {"name": member.name, "role": member.role.value, "password": member.password}
        row["work"] = encode(member.work)
        put = self._insert(staff).values(row).on_conflict_do_update(index_elements=["name"], set_=row)
        await self._write(put, staff_sessions.delete().where(staff_sessions.c.name == member.name))

    async def set_work(self, name: str, work: Work) -> bool:
        return await self._write(staff.update().where(staff.c.name == name).values(work=encode(work))) > 0

    async def remove_member(self, name: str) -> bool:
        sessions = staff_sessions.delete().where(staff_sessions.c.name == name)
        return await self._write(sessions, staff.delete().where(staff.c.name == name)) > 0

    async def open_session(self, digest: str, name: str, until: datetime) -> None:
        await self._write(sa.insert(staff_sessions).values(digest=digest, name=name, until=until.timestamp()))

    async def session(self, digest: str, now: datetime) -> Staff | None:
        held = (staff_sessions.c.digest == digest) & (staff_sessions.c.until > now.timestamp())
        rows = await self._fetch(sa.select(staff).join(staff_sessions, staff.c.name == staff_sessions.c.name).where(held))
        return _member(rows[0]) if rows else None

    async def close_session(self, digest: str) -> None:
        await self._write(staff_sessions.delete().where(staff_sessions.c.digest == digest))

    # ------------------------------------------------------------ inside

    async def _fetch(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with storage_errors():
            async with self._engine.connect() as connection:
                rows: Sequence[sa.Row[Any]] = (await connection.execute(query)).all()
                return rows

    async def _write(self, *statements: sa.Executable) -> int:
        """Run these together. Returns how many rows the last one met."""
        met = 0

        async def write(batch: Batch) -> None:
            nonlocal met
            for statement in statements:
                met = (await batch.connection.execute(statement)).rowcount

        await self._writer.write(write)
        return met

    def _ticket_row(self, ticket: Ticket) -> dict[str, Any]:
        return {
            "id": ticket.id,
            "key": str(ticket.key),
            "version": ticket.version,
            "state": ticket.state.value,
            "assignee": ticket.assignee,
            "opened_at": ticket.opened_at.timestamp(),
            "last_at": ticket.last_at.timestamp(),
            "unread": ticket.unread,
            "ticket": self._codec.write(ticket),
        }

    def _event_row(self, event: TicketEvent) -> dict[str, Any]:
        return {
            "id": event.id,
            "ticket": event.ticket,
            "kind": event.kind.value,
            "at": event.at.timestamp(),
            "actor": event.actor,
            "text": self._codec.sealer.seal(event.text),
        }

    def _event(self, row: sa.Row[Any]) -> TicketEvent:
        at, text = datetime.fromtimestamp(row.at, UTC), self._codec.sealer.unseal(row.text)
        return TicketEvent(row.id, row.ticket, EventKind(row.kind), at, row.actor, text)


def _has(ticket: Ticket, notes: Sequence[str], words: str) -> bool:
    texts = (ticket.customer, ticket.last_words, ticket.reason, *ticket.tags, *notes)
    return any(words.lower() in text.lower() for text in texts)


def _member(row: sa.Row[Any]) -> Staff:
    return Staff(row.name, Role(row.role), row.password, decode(Work, row.work) if row.work else Work())
