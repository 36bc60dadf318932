"""`Store`, `Photos` and `Bindings` in one SQL database (SQLite or PostgreSQL). What each method promises: see the ports."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import migrate, open_engine, storage_errors
from bot.errors import BadInput, VersionConflict
from bot.ports import Loaded
from bot.proofs import at_rest
from bot.storage.codec import decode, decode_body, encode
from bot.storage.dead_letters import DeadLetter, burying, dead_letter, newest, reviving
from bot.storage.desk import SqlDesk
from bot.storage.tables import bindings, codes, conversations, failed_attempts, inbox, outbox, photos, turns
from bot.storage.writer import Batch, GroupWriter
from bot.types import ConversationKey, Delivery, Message, Photo, State, Turn

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
PENDING, DELIVERED = "pending", "delivered"
# How long a database may take to finish what is being written when it is closed, in seconds.
CLOSE_S = 5.0

# States of the conversations that this process committed last. Another process may have gone on with one of them; the
# version check finds that at the commit, and the turn is taken again on the state it left.
REMEMBERED_STATES = 10_000

# Statements of the hot path, built once: building one costs more than running it.
_PENDING = sa.select(outbox.c.id, outbox.c.key, outbox.c.door, outbox.c.body, outbox.c.attempt).where(
    outbox.c.status == PENDING
)
_earlier = outbox.alias()
_HELD_BACK = sa.exists().where(
    _earlier.c.status == PENDING,
    _earlier.c.key == outbox.c.key,
    _earlier.c.door == outbox.c.door,
    _earlier.c.seq < outbox.c.seq,
    _earlier.c.due_at > sa.bindparam("at"),
)
_DUE = (
    _PENDING.where(outbox.c.door.in_(sa.bindparam("doors", expanding=True)), outbox.c.due_at <= sa.bindparam("at"))
    .where(outbox.c.key.not_in(sa.bindparam("apart_from", expanding=True)), ~_HELD_BACK)
    .order_by(outbox.c.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_UNDELIVERED = _PENDING.where(outbox.c.key == sa.bindparam("k"), outbox.c.door == sa.bindparam("d")).order_by(outbox.c.seq)
_FAILURES = (
    sa.select(sa.func.count().label("failures"))
    .where(failed_attempts.c.subject.in_(sa.bindparam("subjects", expanding=True)))
    .where(failed_attempts.c.at >= sa.bindparam("since"))
    .group_by(failed_attempts.c.subject)
)
_LOAD = sa.select(
    sa.select(conversations.c.state).where(conversations.c.key == sa.bindparam("k")).scalar_subquery().label("state"),
    sa.select(turns.c.turn)
    .where(turns.c.key == sa.bindparam("k"), turns.c.message_id == sa.bindparam("m"))
    .scalar_subquery()
    .label("turn"),
)
_ADVANCE = (
    conversations.update()
    .where(conversations.c.key == sa.bindparam("k"), conversations.c.version == sa.bindparam("loaded"))
    .where(~sa.exists().where(turns.c.key == sa.bindparam("k"), turns.c.message_id == sa.bindparam("m")))
    .values(version=sa.bindparam("next"), state=sa.bindparam("new_state"))
)
_ADD_TURN = turns.insert()
_ADD_DELIVERY = outbox.insert()
_CLEAR_INBOX = inbox.delete().where(inbox.c.key == sa.bindparam("k"), inbox.c.message_id == sa.bindparam("m"))


class SqlStore:
    """Conversations, inbox, outbox, photos, bindings, and proofs of ownership: failed ones, and codes that were sent."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = GroupWriter(engine)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._start = self._insert(conversations).on_conflict_do_nothing()
        self._states: OrderedDict[ConversationKey, State] = OrderedDict()
        self._in_inbox: set[tuple[str, str]] = set()

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open and migrate the database at `url`. Raises BadSettings or StorageUnavailable."""
        engine = open_engine(url)
        await migrate(engine, MIGRATIONS, "alembic_version_bot")
        return cls(engine)

    async def close(self) -> None:
        """Finish what is being written and let the connections go. A database that does not answer is not waited for."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._writer.close()
                await self._engine.dispose()
        except TimeoutError:
            log.warning("storage.left_open", seconds=CLOSE_S)

    def desk(self) -> SqlDesk:
        """What the agents' desk keeps in the same database."""
        return SqlDesk(self._engine, self._writer)

    async def check(self) -> None:
        """Raise StorageUnavailable when the database does not answer."""
        await self._fetch(sa.select(sa.literal(1)))

    # ------------------------------------------------------------ inbox

    async def accept(self, message: Message) -> bool:
        key = str(message.key)
        row = {"key": key, "message_id": message.id, "message": encode(message)}
        accepted = False

        async def write(batch: Batch) -> None:
            nonlocal accepted
            handled = sa.select(turns.c.seq).where(turns.c.key == key, turns.c.message_id == message.id)
            if await batch.connection.scalar(handled) is None:
                added = await batch.connection.execute(self._insert(inbox).values(row).on_conflict_do_nothing())
                accepted = added.rowcount == 1

        await self._writer.write(write)
        if accepted:
            self._in_inbox.add((key, message.id))
        return accepted

    async def waiting(self) -> list[Message]:
        rows = await self._fetch(sa.select(inbox.c.key, inbox.c.message_id, inbox.c.message).order_by(inbox.c.seq))
        self._in_inbox.update((row.key, row.message_id) for row in rows)
        return [decode(Message, row.message) for row in rows]

    # ------------------------------------------------------------ conversations

    async def load(self, key: ConversationKey, message_id: str) -> Loaded:
        if (state := self._states.get(key)) is not None:
            return Loaded(state, None)
        (row,) = await self._fetch(_LOAD, {"k": str(key), "m": message_id})
        return Loaded(
            state=decode(State, row.state) if row.state else State(key),
            turn=decode(Turn, row.turn) if row.turn else None,
        )

    async def commit(self, state: State, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        key, message_id = str(state.key), turn.message.id
        advanced = replace(state, version=state.version + 1)
        of_message = {"k": key, "m": message_id}
        new = encode(advanced)
        added = [{"key": key, "message_id": message_id, "turn": encode(at_rest(turn))}]
        sent = [_outbox_row(delivery) for delivery in deliveries]
        accepted = [of_message] if (key, message_id) in self._in_inbox else []

        async def write(batch: Batch) -> None:
            done = await (
                batch.connection.execute(self._start, {"key": key, "version": advanced.version, "state": new})
                if state.version == 0
                else batch.connection.execute(
                    _ADVANCE, {**of_message, "loaded": state.version, "next": advanced.version, "new_state": new}
                )
            )
            if done.rowcount != 1:
                raise VersionConflict(f"conversation {key} went on since version {state.version} was loaded")
            batch.later(_ADD_TURN, added)
            batch.later(_ADD_DELIVERY, sent)
            batch.later(_CLEAR_INBOX, accepted)

        self._states.pop(state.key, None)
        await self._writer.write(write)
        self._remember(advanced)
        self._in_inbox.discard((key, message_id))

    def _remember(self, state: State) -> None:
        self._states[state.key] = state
        if len(self._states) > REMEMBERED_STATES:
            self._states.popitem(last=False)

    async def history(self, key: ConversationKey, limit: int = 50) -> list[Turn]:
        query = sa.select(turns.c.turn).where(turns.c.key == str(key)).order_by(turns.c.seq.desc()).limit(limit)
        return [decode(Turn, row.turn) for row in reversed(await self._fetch(query))]

    async def last_turns(self, limit: int) -> list[Turn]:
        """The last turns of all conversations, oldest first."""
        query = sa.select(turns.c.turn).order_by(turns.c.seq.desc()).limit(limit)
        return [decode(Turn, row.turn) for row in reversed(await self._fetch(query))]

    # ------------------------------------------------------------ outbox

    async def due(
        self, at: datetime, doors: Sequence[str], limit: int = 100, apart_from: Collection[ConversationKey] = ()
    ) -> list[Delivery]:
        args = {"at": at.timestamp(), "doors": doors, "apart_from": [str(key) for key in apart_from], "most": limit}
        while True:
            readable, unreadable = _read(await self._fetch(_DUE, args))
            if not unreadable:
                return readable
            await self._bury(unreadable, at)  # what was behind them is in their place now

    async def undelivered(self, key: ConversationKey) -> list[Delivery]:
        readable, _ = _read(await self._fetch(_UNDELIVERED, {"k": str(key), "d": key.channel}))
        return readable

    async def delivered(self, ids: Sequence[str]) -> None:
        if ids:
            await self._write(outbox.update().where(outbox.c.id.in_(ids)).values(status=DELIVERED))

    async def postpone(self, delivery_id: str, until: datetime, reason: str) -> None:
        changes = {"due_at": until.timestamp(), "attempt": outbox.c.attempt + 1, "reason": reason}
        await self._write(outbox.update().where(outbox.c.id == delivery_id).values(changes))

    async def abandon(self, delivery_id: str, reason: str, at: datetime) -> None:
        await self._bury({delivery_id: reason}, at)

    async def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The last deliveries that were put aside, newest first."""
        return [dead_letter(row) for row in await self._fetch(newest(limit))]

    async def revive(self, delivery_id: str | None = None) -> int:
        """Put one delivery that was put aside, or all, back into the outbox. Returns how many."""
        back, clear = reviving(delivery_id, PENDING)
        revived = 0

        async def write(batch: Batch) -> None:
            nonlocal revived
            await batch.connection.execute(back)
            revived = (await batch.connection.execute(clear)).rowcount

        await self._writer.write(write)
        return revived

    async def _bury(self, reasons: Mapping[str, str], at: datetime) -> None:
        async def write(batch: Batch) -> None:
            for delivery_id, reason in reasons.items():
                for statement in burying(delivery_id, reason, at):
                    await batch.connection.execute(statement)

        await self._writer.write(write)

    # ------------------------------------------------------------ photos and bindings

    async def save(self, data: bytes, media_type: str) -> Photo:
        photo = Photo(hashlib.sha256(data).hexdigest(), media_type)
        row = {"digest": photo.digest, "media_type": media_type, "data": data}
        await self._write(self._insert(photos).values(row).on_conflict_do_nothing())
        return photo

    async def read(self, photo: Photo) -> bytes:
        rows = await self._fetch(sa.select(photos.c.data).where(photos.c.digest == photo.digest))
        if not rows:
            raise BadInput(f"photo {photo.digest} is not kept here.", remedy="Send the picture again.")
        return bytes(rows[0].data)

    async def bind(self, platform: str, external: str, key: ConversationKey) -> None:
        newest = sa.select(sa.func.coalesce(sa.func.max(bindings.c.seq), 0) + 1).scalar_subquery()
        row = {"platform": platform, "external": external, "key": str(key), "seq": newest}
        statement = self._insert(bindings).values(row)
        changed = {"key": statement.excluded.key, "seq": statement.excluded.seq}
        await self._write(statement.on_conflict_do_update(index_elements=["platform", "external"], set_=changed))

    async def external(self, platform: str, key: ConversationKey) -> str | None:
        query = sa.select(bindings.c.external).where(bindings.c.platform == platform, bindings.c.key == str(key))
        rows = await self._fetch(query.order_by(bindings.c.seq.desc()).limit(1))
        return str(rows[0].external) if rows else None

    async def conversation(self, platform: str, external: str) -> ConversationKey | None:
        query = sa.select(bindings.c.key).where(bindings.c.platform == platform, bindings.c.external == external)
        rows = await self._fetch(query)
        return ConversationKey.parse(rows[0].key) if rows else None

    async def failed_attempts(self, subjects: Sequence[str], since: datetime) -> int:
        """How often somebody has failed to prove that one of these is theirs since then: of the one with most failures."""
        rows = await self._fetch(_FAILURES, {"subjects": list(subjects), "since": since.timestamp()})
        return max((int(row.failures) for row in rows), default=0)

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime) -> Sequence[int]:
        """Count one failure for each subject. Returns the marks by which they are taken back."""
        rows = [{"subject": subject, "at": at.timestamp()} for subject in subjects]
        marks: list[int] = []

        async def write(batch: Batch) -> None:
            noted = await batch.connection.execute(sa.insert(failed_attempts).values(rows).returning(failed_attempts.c.seq))
            marks[:] = noted.scalars()

        await self._writer.write(write)
        return marks

    async def take_back(self, marks: Sequence[int]) -> None:
        """Count no longer what was no failure."""
        await self._write(sa.delete(failed_attempts).where(failed_attempts.c.seq.in_(marks)))

    async def codes_sent(self, order_id: str, since: datetime) -> int:
        """How many one-time codes were kept for an order since then."""
        sent = (codes.c.order_id == order_id) & (codes.c.at >= since.timestamp())
        rows = await self._fetch(sa.select(sa.func.count().label("sent")).where(sent))
        return int(rows[0].sent)

    async def keep_code(self, digest: str, order_id: str, at: datetime) -> None:
        """Keep a one-time code by its digest."""
        row = {"digest": digest, "order_id": order_id[:64], "at": at.timestamp(), "used_by": ""}
        await self._write(sa.insert(codes).values(row))

    async def use_code(self, digest: str, since: datetime, use: str) -> bool:
        """Use up a code that was kept since then. The same `use` may say it again, so that a turn can be taken again."""
        fresh = (codes.c.digest == digest) & (codes.c.at >= since.timestamp()) & codes.c.used_by.in_(("", use))
        used = False

        async def write(batch: Batch) -> None:
            nonlocal used
            done = await batch.connection.execute(codes.update().where(fresh).values(used_by=use))
            used = done.rowcount > 0

        await self._writer.write(write)
        return used

    # ------------------------------------------------------------ inside

    async def _fetch(self, query: sa.Select[Any], args: dict[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        with storage_errors():
            async with self._engine.connect() as connection:
                rows: Sequence[sa.Row[Any]] = (await connection.execute(query, args)).all()
                return rows

    async def _write(self, statement: sa.Executable) -> None:
        async def write(batch: Batch) -> None:
            await batch.connection.execute(statement)

        await self._writer.write(write)


def _outbox_row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "key": str(delivery.key),
        "door": delivery.door,
        "body": encode(delivery.body),
        "attempt": delivery.attempt,
        "due_at": 0.0,
        "status": PENDING,
        "reason": "",
    }


def _read(rows: Sequence[sa.Row[Any]]) -> tuple[list[Delivery], dict[str, str]]:
    """The deliveries in these rows, and what is wrong with those that cannot be read, by their ids."""
    readable: list[Delivery] = []
    unreadable: dict[str, str] = {}
    for row in rows:
        try:
            readable.append(_delivery(row))
        except ValueError as error:
            unreadable[row.id] = f"it cannot be read: {error}"
            log.error("outbox.unreadable", delivery=row.id, door=row.door)
    return readable, unreadable


def _delivery(row: sa.Row[Any]) -> Delivery:
    delivery = Delivery(row.id, ConversationKey.parse(row.key), decode_body(row.body), row.attempt)
    if delivery.door != row.door:
        raise ValueError(f"it is kept for the door {row.door!r} and written for {delivery.door!r}")
    return delivery
