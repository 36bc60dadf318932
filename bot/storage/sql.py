"""`Store`, `Photos` and `Bindings` in one SQL database (SQLite or PostgreSQL). What each method promises: see the ports."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import sqlalchemy as sa
import structlog
from cachetools import LRUCache
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import SystemClock
from bot.database import migrate, open_engine, storage_errors
from bot.errors import BadInput, StorageUnavailable, VersionConflict
from bot.ports import Clock, Loaded, everybody
from bot.proofs import at_rest
from bot.sealing import OPEN, Sealer
from bot.storage.audit import SqlAudit
from bot.storage.codec import Codec
from bot.storage.dead_letters import DeadLetter, burying, dead_letter, newest, reviving
from bot.storage.desk import SqlDesk
from bot.storage.holdings import SqlHoldings
from bot.storage.leases import (
    ALONE,
    CLAIM,
    DUE,
    LET_GO,
    NOBODY,
    OFFER,
    PENDING,
    RENEW_INBOX,
    RENEW_OUTBOX,
    RENEWED_AT_ONCE,
    TAKE_UP,
    Due,
    Leases,
    Sorted,
    one_of_many,
    sort_due,
)
from bot.storage.loads import SqlLoads
from bot.storage.purchases import SqlPurchases
from bot.storage.rooms import SqlRoomLeases, SqlRoomMemory
from bot.storage.signals import SqlSignals
from bot.storage.tables import (
    bindings,
    codes,
    conversations,
    failed_attempts,
    inbox,
    outbox,
    photo_uses,
    photos,
    proven,
    turns,
)
from bot.storage.traces import SqlTraces
from bot.storage.writer import Batch, GroupWriter
from bot.traces import became
from bot.types import ConversationKey, Delivery, Message, Photo, State, Turn

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
DELIVERED = "delivered"
# How long a database may take to finish what is being written when it is closed, in seconds.
CLOSE_S = 5.0

# States of the conversations that this process committed last. Where others write as well, the database says
# with each load whether the one remembered is still the latest.
REMEMBERED_STATES = 10_000

# Statements of the hot path, built once: building one costs more than running it.
_PENDING = sa.select(outbox.c.id, outbox.c.key, outbox.c.door, outbox.c.body, outbox.c.attempt).where(
    outbox.c.status == PENDING
)
_UNDELIVERED = _PENDING.where(outbox.c.key == sa.bindparam("k"), outbox.c.door == sa.bindparam("d")).order_by(outbox.c.seq)
# How long failed attempts are kept; no bound looks further back.
FAILURES_KEPT = timedelta(days=2)
_FAILURES = (
    sa.select(sa.func.count().label("failures"))
    .where(failed_attempts.c.subject.in_(sa.bindparam("subjects", expanding=True)))
    .where(failed_attempts.c.at >= sa.bindparam("since"))
    .group_by(failed_attempts.c.subject)
)
_of_key = conversations.c.key == sa.bindparam("k")
_accepted = inbox.alias()
_OWN_PLACE = (
    sa.select(_accepted.c.seq)
    .where(_accepted.c.key == sa.bindparam("k"), _accepted.c.message_id == sa.bindparam("m"))
    .scalar_subquery()
)
# Accepted before message `m` of the same conversation; what is in the inbox is before what was never accepted.
_BEFORE = (
    (inbox.c.key == sa.bindparam("k"))
    & (inbox.c.message_id != sa.bindparam("m"))
    & (inbox.c.seq < sa.func.coalesce(_OWN_PLACE, inbox.c.seq + 1))
)
_LOAD = sa.select(
    sa.select(conversations.c.version).where(_of_key).scalar_subquery().label("version"),
    sa.select(conversations.c.state)
    .where(_of_key, conversations.c.version != sa.bindparam("remembered"))
    .scalar_subquery()
    .label("state"),
    sa.select(turns.c.turn)
    .where(turns.c.key == sa.bindparam("k"), turns.c.message_id == sa.bindparam("m"))
    .scalar_subquery()
    .label("turn"),
    sa.exists().where(_BEFORE).label("behind"),
)
_EARLIER = sa.select(inbox.c.key, inbox.c.message_id, inbox.c.message).where(_BEFORE).order_by(inbox.c.seq)
_ADVANCE = (
    conversations.update()
    .where(conversations.c.key == sa.bindparam("k"), conversations.c.version == sa.bindparam("loaded"))
    .where(~sa.exists().where(turns.c.key == sa.bindparam("k"), turns.c.message_id == sa.bindparam("m")))
    .values(version=sa.bindparam("next"), state=sa.bindparam("new_state"), said_at=sa.bindparam("said"))
)
_ADD_TURN = turns.insert()
_ADD_DELIVERY = outbox.insert()
# What was sealed last, and cannot be opened where a key is missing.
_NEWEST = (
    sa.select(conversations.c.state).order_by(conversations.c.said_at.desc()).limit(1),
    sa.select(turns.c.turn).order_by(turns.c.seq.desc()).limit(1),
)
_CLEAR_INBOX = inbox.delete().where(inbox.c.key == sa.bindparam("k"), inbox.c.message_id == sa.bindparam("m"))


async def _tell_nobody(doors: Sequence[str]) -> None:
    """Other processes see by themselves, within a second, what is offered to them at these doors."""


class SqlStore:
    """Conversations, inbox, outbox, photos, bindings, and proofs of ownership: failed ones, and codes that were sent."""

    def __init__(
        self, engine: AsyncEngine, leases: Leases = ALONE, sealer: Sealer = OPEN, clock: Clock | None = None
    ) -> None:
        """`leases` are the terms among the processes that write to the same database; `sealer` seals what people say."""
        self._engine = engine
        self._codec = Codec(sealer)
        self._clock = clock or SystemClock()
        # a single query needs no transaction around it, which would cost two round trips
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT") if _is_server(engine) else engine
        self._leases = leases
        self._writer = GroupWriter(engine)
        self._insert = postgresql.insert if _is_server(engine) else sqlite.insert
        self._start = self._insert(conversations).on_conflict_do_nothing()
        self._note_proof = self._insert(proven).on_conflict_do_nothing()
        self._note_photo = self._insert(photo_uses).on_conflict_do_nothing()
        self._states: LRUCache[ConversationKey, State] = LRUCache(REMEMBERED_STATES)
        self._in_inbox: set[tuple[str, str]] = set()
        self.on_offer: Callable[[Sequence[str]], Awaitable[None]] = _tell_nobody

    @classmethod
    async def open(
        cls, url: str, leases: Leases | None = None, *, sealer: Sealer = OPEN, clock: Clock | None = None
    ) -> Self:
        """Open and migrate the database at `url`. Raises BadSettings or StorageUnavailable.

        On PostgreSQL a process is one of many, on SQLite the only one, unless `leases` say otherwise. What was said last
        is opened on trial: a key that is missing is noticed at once.
        """
        engine = open_engine(url)
        await migrate(engine, MIGRATIONS, "alembic_version_bot")
        store = cls(engine, leases or (one_of_many() if _is_server(engine) else ALONE), sealer, clock)
        try:
            for newest in _NEWEST:
                for row in await store._fetch(newest):
                    sealer.unseal(row[0])
        except BaseException:
            await engine.dispose()
            raise
        return store

    @property
    def shared(self) -> bool:
        """Whether other processes may write to this database."""
        return self._leases.shared

    async def close(self) -> None:
        """Finish what is being written and let the connections go. A database that does not answer is not waited for."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._writer.close()
                await self._let_go()
                await self._engine.dispose()
        except (TimeoutError, StorageUnavailable):  # what this process had is free when its leases are over
            log.warning("storage.left_open", seconds=CLOSE_S)

    def desk(self) -> SqlDesk:
        """What the agents' desk keeps in the same database."""
        return SqlDesk(self._engine, self._writer, self._codec)

    def traces(self) -> SqlTraces:
        """The turns of all conversations, for the merchant's console."""
        return SqlTraces(self._engine, self._codec)

    def loads(self) -> SqlLoads:
        """What the last loads of the shop's folder came to, in the same database."""
        return SqlLoads(self._engine, self._writer, self._codec)

    def audit(self) -> SqlAudit:
        """What was said in live rooms, in the same database."""
        return SqlAudit(self._engine, self._writer, self._codec)

    def holdings(self) -> SqlHoldings:
        """What is held of people, to be shown to them and thrown away."""
        return SqlHoldings(self._engine, self._writer, self._codec, self._forget)

    def room_memory(self) -> SqlRoomMemory:
        """What live rooms need after a restart, in the same database."""
        return SqlRoomMemory(self._engine, self._writer, self._codec.sealer, self._leases)

    def room_leases(self) -> SqlRoomLeases:
        """Which process has which live room, in the same database."""
        return SqlRoomLeases(self._engine, self._leases)

    def signals(self) -> SqlSignals:
        """What speaks for people's tastes, in the same database."""
        return SqlSignals(self._engine, self._writer)

    def purchases(self) -> SqlPurchases:
        """Carts and purchases, in the same database."""
        return SqlPurchases(self._engine, self._writer, self._codec)

    async def check(self) -> None:
        """Raise StorageUnavailable when the database does not answer."""
        await self._fetch(sa.select(sa.literal(1)))

    # ------------------------------------------------------------ inbox

    async def accept(self, message: Message) -> bool:
        key = str(message.key)
        row = {"key": key, "message_id": message.id, "message": self._codec.write(message), **self._leases.terms()}
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
        rows = await self._change(TAKE_UP)
        return self._messages(sorted(rows, key=lambda row: row.seq))

    async def earlier(self, message: Message) -> list[Message]:
        return self._messages(await self._fetch(_EARLIER, {"k": str(message.key), "m": message.id}))

    def _messages(self, rows: Sequence[sa.Row[Any]]) -> list[Message]:
        self._in_inbox.update((row.key, row.message_id) for row in rows)
        return [self._codec.read(Message, row.message) for row in rows]

    # ------------------------------------------------------------ conversations

    async def load(self, key: ConversationKey, message_id: str) -> Loaded:
        remembered = self._states.get(key)
        if remembered is not None and not self.shared:
            return Loaded(remembered, None)
        args = {"k": str(key), "m": message_id, "remembered": remembered.version if remembered else 0}
        (row,) = await self._fetch(_LOAD, args)
        if row.turn:  # whoever took it has cleared the inbox
            self._in_inbox.discard((str(key), message_id))
        known = remembered if remembered and row.version == remembered.version else State(key)
        return Loaded(
            state=self._codec.read(State, row.state) if row.state else known,
            turn=self._codec.read(Turn, row.turn) if row.turn else None,
            behind=self.shared and row.behind,
        )

    async def commit(self, state: State, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        key, message_id = str(state.key), turn.message.id
        advanced = replace(state, version=state.version + 1)
        of_message = {"k": key, "m": message_id}
        said_at = turn.message.sent_at.timestamp()
        new = self._codec.write(advanced)
        kept = {"turn": self._codec.write(at_rest(turn)), "said_at": said_at, "became": became(turn).value}
        added = [{"key": key, "message_id": message_id, **kept}]
        sent = [self._outbox_row(delivery) | {"said_at": said_at} | self._leases.terms() for delivery in deliveries]
        first = {"key": key, "version": advanced.version, "state": new, "said_at": said_at}
        proofs = [{"proof": proof, "key": key} for proof in self._newly_proven(state, turn)]
        shown = [{"digest": photo.digest, "key": key} for photo in turn.message.photos]
        accepted = [of_message] if (key, message_id) in self._in_inbox else []

        async def write(batch: Batch) -> None:
            done = await (
                batch.connection.execute(self._start, first)
                if state.version == 0
                else batch.connection.execute(
                    _ADVANCE,
                    {**of_message, "loaded": state.version, "next": advanced.version, "new_state": new, "said": said_at},
                )
            )
            if done.rowcount != 1:
                raise VersionConflict(f"conversation {key} went on since version {state.version} was loaded")
            batch.later(_ADD_TURN, added)
            batch.later(_ADD_DELIVERY, sent)
            batch.later(_CLEAR_INBOX, accepted)
            batch.later(self._note_proof, proofs)
            batch.later(self._note_photo, shown)

        self._states.pop(state.key, None)
        await self._writer.write(write)
        self._states[advanced.key] = advanced
        self._in_inbox.discard((key, message_id))

    def _forget(self, key: ConversationKey) -> None:
        self._states.pop(key, None)

    def _newly_proven(self, state: State, turn: Turn) -> set[str]:
        """What this turn leaves proven, or proved and ended, and was not noted with the turn before."""
        before = self._states.get(state.key)
        granted = {proof for outcome in turn.outcomes for proof in outcome.grants}
        return {*state.verified, *granted} - set(before.verified if before else ())

    async def history(self, key: ConversationKey, limit: int = 50) -> list[Turn]:
        query = sa.select(turns.c.turn).where(turns.c.key == str(key)).order_by(turns.c.seq.desc()).limit(limit)
        return [self._codec.read(Turn, row.turn) for row in reversed(await self._fetch(query))]

    async def last_turns(self, limit: int) -> list[Turn]:
        """The last turns of all conversations, oldest first."""
        query = sa.select(turns.c.turn).order_by(turns.c.seq.desc()).limit(limit)
        return [self._codec.read(Turn, row.turn) for row in reversed(await self._fetch(query))]

    async def room_turns(self, channel: str, room: str, since: datetime, until: datetime) -> list[Turn]:
        """The turns of everybody in a room that were said between these times, both included, oldest first."""
        inside = turns.c.key.startswith(f"{quote(channel, safe='')}/{quote(room, safe='')}/", autoescape=True)
        said = turns.c.said_at.between(since.timestamp(), until.timestamp())
        query = sa.select(turns.c.turn).where(inside, said).order_by(turns.c.said_at, turns.c.seq)
        return [self._codec.read(Turn, row.turn) for row in await self._fetch(query)]

    # ------------------------------------------------------------ outbox

    async def due(
        self,
        at: datetime,
        doors: Sequence[str],
        limit: int = 100,
        apart_from: Collection[ConversationKey] = (),
        is_near: Callable[[ConversationKey], bool] = everybody,
    ) -> list[Delivery]:
        passed = {str(key) for key in apart_from}
        while True:
            args = {"at": at.timestamp(), "doors": doors, "apart_from": list(passed), "most": limit}
            rows = await self._fetch(DUE, args | self._leases.args())
            readable, unreadable = self._read(rows)
            if unreadable:
                await self._bury(unreadable, at)  # what was behind them is in their place now
                continue
            if not self.shared:
                return [delivery for delivery, _ in readable]
            taken = await self._taken(sort_due(readable, self._leases, is_near), at, doors)
            if taken or len(rows) < limit:
                return taken
            passed |= {row.key for row in rows}  # they are for others; look behind them

    async def _taken(self, found: Sorted, at: datetime, doors: Sequence[str]) -> list[Delivery]:
        """Claim and offer what was found due. Returns what this process has then."""
        if found.offer:
            await self._change(OFFER, {"ids": found.offer})
            await self.on_offer(doors)
        claimed = await self._change(CLAIM, {"ids": found.claim, "at": at.timestamp()}) if found.claim else ()
        return found.taken({row.id for row in claimed})

    async def renew(self, doors: Collection[str]) -> None:
        if self.shared:
            known = list(self._in_inbox)
            for first in range(0, len(known), RENEWED_AT_ONCE):
                await self._change(RENEW_INBOX, {"known": known[first : first + RENEWED_AT_ONCE]})
            await self._change(RENEW_OUTBOX, {"doors": list(doors)})

    async def _let_go(self) -> None:
        if self.shared:
            for statement in LET_GO:
                await self._change(statement)

    async def undelivered(self, key: ConversationKey) -> list[Delivery]:
        readable, _ = self._read(await self._fetch(_UNDELIVERED, {"k": str(key), "d": key.channel}))
        return [delivery for delivery, _ in readable]

    async def delivered(self, ids: Sequence[str]) -> None:
        if ids:
            await self._write(outbox.update().where(outbox.c.id.in_(ids)).values(status=DELIVERED))

    async def postpone(self, delivery_id: str, until: datetime, reason: str) -> None:
        changes = {"due_at": until.timestamp(), "attempt": outbox.c.attempt + 1, "reason": reason, **NOBODY}
        ours = (outbox.c.id == delivery_id) & outbox.c.owner.in_(("", self._leases.owner))
        await self._write(outbox.update().where(ours).values(changes))

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
        sealed = await asyncio.to_thread(self._codec.sealer.seal_bytes, data)
        row = {"digest": photo.digest, "media_type": media_type, "data": sealed, "at": self._clock.now().timestamp()}
        put = self._insert(photos).values(row)
        await self._write(put.on_conflict_do_update(index_elements=["digest"], set_={"at": row["at"]}))
        return photo

    async def read(self, photo: Photo) -> bytes:
        rows = await self._fetch(sa.select(photos.c.data).where(photos.c.digest == photo.digest))
        if not rows:
            raise BadInput(f"photo {photo.digest} is not kept here.", remedy="Send the picture again.")
        return await asyncio.to_thread(self._codec.sealer.unseal_bytes, bytes(rows[0].data))

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

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime, by: str = "") -> Sequence[int]:
        """Count one failure of `by` for each subject. Returns the marks by which they are taken back.

        What is older than any bound looks at is thrown away.
        """
        rows = [{"subject": subject, "at": at.timestamp(), "by": by} for subject in subjects]
        old = (at - FAILURES_KEPT).timestamp()
        marks: list[int] = []

        async def write(batch: Batch) -> None:
            await batch.connection.execute(sa.delete(failed_attempts).where(failed_attempts.c.at < old))
            noted = await batch.connection.execute(sa.insert(failed_attempts).values(rows).returning(failed_attempts.c.seq))
            marks[:] = noted.scalars()

        await self._writer.write(write)
        return marks

    async def take_back(self, marks: Sequence[int]) -> None:
        """Count no longer what was no failure."""
        await self._write(sa.delete(failed_attempts).where(failed_attempts.c.seq.in_(marks)))

    async def forgive(self, by: str) -> None:
        """Count no longer any failure of `by`, which came to the right proof in the end."""
        await self._write(sa.delete(failed_attempts).where(failed_attempts.c.by == by))

    async def codes_sent(self, order_id: str, since: datetime) -> int:
        """How many one-time codes were kept for an order since then."""
        sent = (codes.c.order_id == order_id[:64]) & (codes.c.at >= since.timestamp())
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
            async with self._reading.connect() as connection:
                rows: Sequence[sa.Row[Any]] = (await connection.execute(query, args)).all()
                return rows

    async def _change(self, statement: sa.Executable, args: Mapping[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        """Execute a statement about leases, by itself: it waits for nobody, and locks rows that others may wait for."""
        with storage_errors():
            async with self._engine.begin() as connection:
                done = await connection.execute(statement, {**(args or {}), **self._leases.args()})
                return done.all() if done.returns_rows else ()

    async def _write(self, statement: sa.Executable) -> None:
        async def write(batch: Batch) -> None:
            await batch.connection.execute(statement)

        await self._writer.write(write)

    def _outbox_row(self, delivery: Delivery) -> dict[str, Any]:
        return {
            "id": delivery.id,
            "key": str(delivery.key),
            "door": delivery.door,
            "body": self._codec.write(delivery.body),
            "attempt": delivery.attempt,
            "due_at": 0.0,
            "status": PENDING,
            "reason": "",
        }

    def _read(self, rows: Sequence[sa.Row[Any]]) -> tuple[list[Due], dict[str, str]]:
        """The deliveries in these rows, with the rows, and what is wrong with those that cannot be read, by their ids."""
        readable: list[Due] = []
        unreadable: dict[str, str] = {}
        for row in rows:
            try:
                readable.append((self._delivery(row), row))
            except ValueError as error:
                unreadable[row.id] = f"it cannot be read: {error}"
                log.error("outbox.unreadable", delivery=row.id, door=row.door)
        return readable, unreadable

    def _delivery(self, row: sa.Row[Any]) -> Delivery:
        delivery = Delivery(row.id, ConversationKey.parse(row.key), self._codec.read_body(row.body), row.attempt)
        if delivery.door != row.door:
            raise ValueError(f"it is kept for the door {row.door!r} and written for {delivery.door!r}")
        return delivery


def _is_server(engine: AsyncEngine) -> bool:
    return bool(engine.dialect.name == "postgresql")
