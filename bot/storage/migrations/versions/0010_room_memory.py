"""What live rooms need to go on after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_memory",
        sa.Column("id", sa.String(320), primary_key=True),
        sa.Column("room", sa.String(256), nullable=False, index=True),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("room_memory")
