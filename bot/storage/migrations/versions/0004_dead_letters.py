"""Deliveries that were put aside, in a table of their own; those that stood in the outbox as abandoned move there."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COPIED = "id, key, door, body, attempt"


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(1024), nullable=False, unique=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("door", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("dead_letters_key", "dead_letters", ["key"])
    move = sa.text(
        f"INSERT INTO dead_letters ({_COPIED}, error, at) SELECT {_COPIED}, reason, :now FROM outbox"  # noqa: S608 - ours
        " WHERE status = 'abandoned' ORDER BY seq"
    )
    op.execute(move.bindparams(now=time.time()))  # when each was abandoned was not kept
    op.execute("DELETE FROM outbox WHERE status = 'abandoned'")


def downgrade() -> None:
    op.execute(
        f"INSERT INTO outbox ({_COPIED}, due_at, status, reason) SELECT {_COPIED}, 0, 'abandoned', error"  # noqa: S608 - ours
        " FROM dead_letters ORDER BY seq"
    )
    op.drop_table("dead_letters")
