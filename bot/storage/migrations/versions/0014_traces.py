"""What became of each turn, so that it is counted and found without opening what was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("became", sa.String(16), nullable=False, server_default=""))
    op.create_index("turns_became", "turns", ["became", "seq"])


def downgrade() -> None:
    op.drop_index("turns_became", "turns")
    op.drop_column("turns", "became")
