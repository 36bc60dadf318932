"""One-time codes that were sent, by their digests, so that one counts once over restarts, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "codes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("order_id", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("used_by", sa.String(1024), nullable=False),
    )
    op.create_index("codes_digest", "codes", ["digest"])
    op.create_index("codes_order", "codes", ["order_id", "at"])


def downgrade() -> None:
    op.drop_table("codes")
