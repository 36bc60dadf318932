"""Pieces that are held for who is about to pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("ends_at", sa.String(40), nullable=False),
    )
    op.create_index("holds_sku", "holds", ["sku", "ends_at"])


def downgrade() -> None:
    op.drop_table("holds")
