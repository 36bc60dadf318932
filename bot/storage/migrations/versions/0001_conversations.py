"""Conversations, inbox, turns, outbox, photos, bindings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("key", sa.String(512), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("message_id", sa.String(256), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.UniqueConstraint("key", "message_id", name="inbox_message"),
    )
    op.create_table(
        "turns",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("message_id", sa.String(256), nullable=False),
        sa.Column("turn", sa.Text, nullable=False),
        sa.UniqueConstraint("key", "message_id", name="turns_message"),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(1024), nullable=False, unique=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("door", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("outbox_waiting", "outbox", ["status", "door", "due_at"])
    op.create_index("outbox_key", "outbox", ["key", "status"])
    op.create_table(
        "photos",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "bindings",
        sa.Column("platform", sa.String(64), primary_key=True),
        sa.Column("external", sa.String(256), primary_key=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_index("bindings_key", "bindings", ["platform", "key"])
