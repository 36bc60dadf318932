"""The agents' desk: tickets and what happened to them, the staff and their sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("assignee", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("last_at", sa.Float, nullable=False),
        sa.Column("unread", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
    )
    op.create_index("tickets_state", "tickets", ["state", "last_at"])
    op.create_index("tickets_queue", "tickets", ["state", "opened_at"])
    op.create_table(
        "ticket_events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(1024), nullable=False, unique=True),
        sa.Column("ticket", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ticket_events_ticket", "ticket_events", ["ticket", "seq"])
    op.create_table(
        "staff",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(256), nullable=False),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("staff_sessions_name", "staff_sessions", ["name"])


def downgrade() -> None:
    for table in ("staff_sessions", "staff", "ticket_events", "tickets"):
        op.drop_table(table)
