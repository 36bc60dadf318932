"""Carts of conversations, and purchases that were begun in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("key", sa.String(1024), primary_key=True),
        sa.Column("cart", sa.Text, nullable=False),
    )
    op.create_table(
        "purchases",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(1024), nullable=False, index=True),
        sa.Column("source", sa.String(1536), nullable=False, unique=True),
        sa.Column("begun_at", sa.Float, nullable=False),
        sa.Column("purchase", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("purchases")
    op.drop_table("carts")
