"""Ledger, ways to pay, cases, audit, one-time codes; versions of orders."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID, TIME, CURRENCY = sa.String(64), sa.String(40), sa.String(3)


def _required(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **more)


def _number() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.add_column("orders", _required("version", sa.Integer, server_default="0"))
    op.add_column("returns", sa.Column("goods", sa.Integer))
    op.create_table(
        "payments",
        _number(),
        _required("id", sa.String(512), unique=True),
        _required("order_id", ID, index=True),
        _required("kind", sa.String(16)),
        _required("amount", sa.Integer),
        _required("currency", CURRENCY),
        _required("method", sa.String(128)),
        _required("at", TIME),
        _required("status", sa.String(16)),
        _required("reason", sa.Text),
        sa.Column("line", sa.Integer),
    )
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.String(128), primary_key=True),
        _required("customer_id", ID, index=True),
        _required("kind", sa.String(32)),
        sa.Column("balance", sa.Integer),
        _required("currency", CURRENCY),
    )
    op.create_table(
        "cases",
        _number(),
        _required("id", ID, unique=True),
        _required("kind", sa.String(32)),
        _required("opened_at", TIME),
        _required("order_id", ID, index=True),
        sa.Column("line", sa.Integer),
        *(_required(name, ID) for name in ("sku", "customer_id")),
        _required("text", sa.Text),
        _required("status", sa.String(32)),
        _required("data", sa.JSON),
    )
    op.create_table(
        "audit",
        _number(),
        _required("key", sa.String(512), unique=True),
        _required("at", TIME),
        _required("actor", sa.String(512)),
        _required("action", sa.String(64)),
        _required("order_id", ID, index=True),
        _required("why", sa.Text),
        *(_required(name, sa.JSON) for name in ("before", "after", "outcome")),
    )
    op.create_table(
        "codes",
        sa.Column("subject", sa.String(256), primary_key=True),
        _required("digest", sa.String(64)),
        _required("expires_at", TIME),
    )
