"""Proofs of ownership are kept with the conversations: the shop's tables for them were never filled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("attempts")
    op.drop_table("codes")


def downgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("attempts_subject", "attempts", ["subject", "at"])
    op.create_table(
        "codes",
        sa.Column("subject", sa.String(256), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
    )
