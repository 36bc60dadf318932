"""What each agent is offered, and what happened at the desk by kind and time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("work", sa.Text, nullable=False, server_default=""))
    op.create_index("ticket_events_kind", "ticket_events", ["kind", "at"])


def downgrade() -> None:
    op.drop_index("ticket_events_kind", "ticket_events")
    op.drop_column("staff", "work")
