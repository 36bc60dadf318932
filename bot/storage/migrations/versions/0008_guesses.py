"""Who failed at what: a failed proof is forgiven once the same person comes to the right one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("failed_attempts", sa.Column("by", sa.String(64), nullable=False, server_default=""))
    op.create_index("failed_attempts_by", "failed_attempts", ["by"])
    op.create_index("failed_attempts_at", "failed_attempts", ["at"])


def downgrade() -> None:
    op.drop_index("failed_attempts_at", "failed_attempts")
    op.drop_index("failed_attempts_by", "failed_attempts")
    op.drop_column("failed_attempts", "by")
