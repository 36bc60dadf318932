"""Which process has which live room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_owners",
        sa.Column("room", sa.String(256), primary_key=True),
        sa.Column("owner", sa.String(160), nullable=False),
        sa.Column("leased_until", sa.Float, nullable=False),
        sa.Column("reign", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("room_owners")
