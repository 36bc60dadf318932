"""`Signals` in SQL, beside the conversations. What each method promises: see the port in bot/signals.py."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import storage_errors
from bot.signals import MOST, Consent, Known, Signal, SignalKind
from bot.storage.tables import consents, signals
from bot.storage.writer import Batch, GroupWriter


class SqlSignals:
    """A row for each thing done, and one for what each person said of being remembered."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter) -> None:
        self._engine = engine
        self._writer = writer
        insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert
        self._add = insert(signals).on_conflict_do_nothing()
        said = insert(consents)
        self._say = said.on_conflict_do_update(
            index_elements=["person"], set_={"consent": said.excluded.consent, "at": said.excluded.at}
        )

    async def known(self, person: str) -> Known:
        said = sa.select(consents.c.consent).where(consents.c.person == _name(person))
        newest = (
            sa.select(signals)
            .where(signals.c.person == _name(person))
            .order_by(signals.c.at.desc(), signals.c.id)
            .limit(MOST)
        )
        with storage_errors():
            async with self._engine.connect() as connection:
                consent = await connection.scalar(said)
                rows = (await connection.execute(newest)).all()
        return Known(Consent(consent or Consent.UNASKED), tuple(_read(row) for row in reversed(rows)))

    async def note(self, person: str, signals: Sequence[Signal], source: str) -> int:
        rows = [_row(person, signal, source) for signal in signals]
        if not rows or (await self.known(person)).consent is not Consent.GIVEN:
            return 0
        count = 0

        async def write(batch: Batch) -> None:
            nonlocal count
            # somebody may have refused since it was looked up
            said = sa.select(consents.c.consent).where(consents.c.person == _name(person))
            given = await batch.connection.scalar(said) == Consent.GIVEN.value
            count = sum([(await batch.connection.execute(self._add, row)).rowcount for row in rows]) if given else 0

        await self._writer.write(write)
        return count

    async def decide(self, person: str, consent: Consent, at: datetime) -> None:
        async def write(batch: Batch) -> None:
            if consent is Consent.REFUSED:
                await batch.connection.execute(signals.delete().where(signals.c.person == _name(person)))
            row = {"person": _name(person), "consent": consent.value, "at": at.timestamp()}
            await batch.connection.execute(self._say, row)

        await self._writer.write(write)

    async def erase(self, persons: Collection[str]) -> Mapping[str, int]:
        gone: dict[str, int] = {}

        async def write(batch: Batch) -> None:
            for table in (signals, consents):
                rows = await batch.connection.execute(table.delete().where(table.c.person.in_(list(map(_name, persons)))))
                gone[table.name] = rows.rowcount

        await self._writer.write(write)
        return gone


def _name(person: str) -> str:
    """Who it is, as the tables have it: a refusal outlives everything else of a person, and must not name them."""
    return _digest(person)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _row(person: str, signal: Signal, source: str) -> dict[str, object]:
    once = f"{person}\n{source}\n{signal.kind}\n{signal.product_id}"
    return {
        "id": _digest(once),
        "person": _name(person),
        "product_id": signal.product_id,
        "kind": signal.kind.value,
        "weight": signal.weight,
        "at": signal.at.timestamp(),
    }


def _read(row: sa.Row[tuple[object, ...]]) -> Signal:
    return Signal(row.product_id, SignalKind(row.kind), row.weight, datetime.fromtimestamp(row.at, UTC))
