"""Deliveries that were put aside: moved out of the outbox with what was wrong, to be looked at and perhaps tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.storage.tables import dead_letters, outbox

_COPIED = ("id", "key", "door", "body")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One delivery that was put aside: whose it is, after how many attempts, what was wrong, and when."""

    id: str
    conversation: str
    door: str
    attempts: int
    error: str
    at: datetime


def burying(delivery_id: str, error: str, at: datetime) -> tuple[sa.Executable, sa.Executable]:
    """Statements for one transaction that move a delivery from the outbox here. Without effect where it is not there."""
    row = sa.select(
        *(outbox.c[name] for name in _COPIED), outbox.c.attempt, sa.literal(error), sa.literal(at.timestamp(), sa.Float)
    ).where(outbox.c.id == delivery_id)
    moved = dead_letters.insert().from_select([*_COPIED, "attempt", "error", "at"], row)
    return moved, outbox.delete().where(outbox.c.id == delivery_id)


def reviving(delivery_id: str | None, status: str) -> tuple[sa.Executable, sa.Executable]:
    """Statements for one transaction that move one, or all, back to the end of the outbox, due at once."""
    chosen = sa.true() if delivery_id is None else dead_letters.c.id == delivery_id
    columns = [*_COPIED, "attempt", "due_at", "status", "reason", "said_at"]
    row = sa.select(
        *(dead_letters.c[name] for name in _COPIED),
        dead_letters.c.attempt + 1,
        sa.literal(0.0, sa.Float),
        sa.literal(status),
        dead_letters.c.error,
        dead_letters.c.at,
    ).where(chosen)
    return outbox.insert().from_select(columns, row.order_by(dead_letters.c.seq)), dead_letters.delete().where(chosen)


def newest(limit: int) -> sa.Select[Any]:
    """The query for the last that were put aside; their texts, which are the customers', stay where they are."""
    columns = (dead_letters.c[name] for name in ("id", "key", "door", "attempt", "error", "at"))
    return sa.select(*columns).order_by(dead_letters.c.seq.desc()).limit(limit)


def dead_letter(row: sa.Row[Any]) -> DeadLetter:
    """A row of `newest`."""
    return DeadLetter(row.id, row.key, row.door, row.attempt, row.error, datetime.fromtimestamp(row.at, UTC))
