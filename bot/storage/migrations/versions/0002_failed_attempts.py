"""Failed proofs of ownership, so that guessing stays locked over a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "failed_attempts",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(600), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("failed_attempts_subject", "failed_attempts", ["subject", "at"])


def downgrade() -> None:
    op.drop_table("failed_attempts")
