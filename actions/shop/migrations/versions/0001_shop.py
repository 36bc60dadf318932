"""Catalogue, live shelf, offers, customers, orders, parcels, returns, attempts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID, TIME, CURRENCY = sa.String(64), sa.String(40), sa.String(3)


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, ID, primary_key=True)


def _number() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "products",
        _key("id"),
        _required("active", sa.Integer),
        _required("category", sa.String(128)),
        _required("data", sa.JSON),
    )
    op.create_table(
        "variants",
        _key("sku"),
        sa.Column("product_id", ID, sa.ForeignKey("products.id", ondelete="CASCADE"), nullable=False, index=True),
        _required("position", sa.Integer),
        _required("color_zh", sa.Text),
        _required("color_en", sa.Text),
        _required("size", sa.Text),
        _required("price", sa.Integer),
        sa.Column("compare_at", sa.Integer),
        _required("currency", CURRENCY),
        _required("stock", sa.Integer),
        sa.Column("weight_g", sa.Integer),
    )
    op.create_table(
        "links",
        _number(),
        _required("room", ID),
        _required("number", sa.Integer),
        _required("product_id", ID),
        sa.Column("starts_at", TIME),
        sa.Column("ends_at", TIME),
    )
    op.create_index("links_room", "links", ["room", "number"])
    op.create_table("screens", _number(), _required("room", ID), sa.Column("product_id", ID), _required("at", TIME))
    op.create_index("screens_room", "screens", ["room", "at"])
    offer = ("name_zh", "name_en")
    op.create_table(
        "promotions",
        _key("id"),
        *(_required(name, sa.Text) for name in offer),
        _required("kind", sa.String(16)),
        _required("value", sa.Text),
        sa.Column("min_spend", sa.Integer),
        _required("currency", CURRENCY),
        _required("applies_to", sa.Text),
        _required("room", ID),
        sa.Column("starts_at", TIME),
        sa.Column("ends_at", TIME),
    )
    op.create_table(
        "coupons",
        _key("code"),
        *(_required(name, sa.Text) for name in offer),
        _required("kind", sa.String(16)),
        _required("value", sa.Text),
        sa.Column("min_spend", sa.Integer),
        sa.Column("max_discount", sa.Integer),
        _required("currency", CURRENCY),
        _required("applies_to", sa.Text),
        sa.Column("starts_at", TIME),
        sa.Column("ends_at", TIME),
        sa.Column("per_customer", sa.Integer),
        sa.Column("total", sa.Integer),
        _required("used", sa.Integer),
        _required("stackable", sa.Integer),
    )
    op.create_table(
        "customers",
        _key("id"),
        *(_required(name, sa.Text) for name in ("name", "email", "phone")),
        *(_required(name, sa.String(16)) for name in ("locale", "level")),
        _required("points", sa.Integer),
        _required("created_at", TIME),
        _required("address", sa.JSON),
    )
    op.create_table(
        "orders",
        _key("id"),
        sa.Column("customer_id", ID, nullable=False, index=True),
        _required("status", sa.String(32)),
        _required("placed_at", TIME),
        *(sa.Column(name, TIME) for name in ("paid_at", "shipped_at", "delivered_at", "closed_at")),
        _required("currency", CURRENCY),
        _required("items_total", sa.Integer),
        _required("discount", sa.Integer),
        _required("coupon_code", ID),
        _required("shipping_fee", sa.Integer),
        _required("total", sa.Integer),
        _required("payment_method", sa.String(32)),
        _required("points_earned", sa.Integer),
        _required("points_used", sa.Integer),
        _required("ship_to", sa.JSON),
        _required("room", ID),
        _required("note", sa.Text),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", ID, sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _required("sku", ID),
        *(_required(name, sa.Integer) for name in ("quantity", "unit_price", "discount")),
    )
    op.create_table(
        "shipments",
        _key("id"),
        sa.Column("order_id", ID, nullable=False, index=True),
        *(_required(name, sa.Text) for name in ("carrier", "tracking_no")),
        _required("status", sa.String(32)),
        *(sa.Column(name, TIME) for name in ("shipped_at", "eta", "delivered_at")),
    )
    op.create_table(
        "shipment_events",
        _number(),
        sa.Column("shipment_id", ID, sa.ForeignKey("shipments.id", ondelete="CASCADE"), nullable=False, index=True),
        _required("at", TIME),
        *(_required(name, sa.Text) for name in ("place_zh", "place_en", "text_zh", "text_en")),
    )
    op.create_table(
        "returns",
        _key("id"),
        sa.Column("order_id", ID, nullable=False, index=True),
        *(_required(name, sa.Integer) for name in ("line", "quantity")),
        _required("kind", sa.String(16)),
        _required("reason", sa.Text),
        _required("status", sa.String(32)),
        _required("requested_at", TIME),
        sa.Column("refund", sa.Integer),
        _required("refund_method", sa.Text),
        sa.Column("refunded_at", TIME),
        _required("exchange_sku", ID),
    )
    op.create_table("attempts", _number(), _required("subject", sa.String(256)), _required("at", TIME))
    op.create_index("attempts_subject", "attempts", ["subject", "at"])
