"""Rows of inbox and outbox belong to a process for a while. The defaults let a service of before write on meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("inbox", "outbox"):
        op.add_column(table, sa.Column("owner", sa.String(128), nullable=False, server_default=""))
        op.add_column(table, sa.Column("leased_until", sa.Float, nullable=False, server_default="0"))


def downgrade() -> None:
    for table in ("inbox", "outbox"):
        op.drop_column(table, "owner")
        op.drop_column(table, "leased_until")
