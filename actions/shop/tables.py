"""The tables of the default shop. Amounts are minor units, times ISO 8601 text in UTC (it sorts as it should)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

ID, TIME, CURRENCY = String(64), String(40), String(3)

products = Table(
    "products",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("active", Integer, nullable=False),
    Column("category", String(128), nullable=False),
    Column("data", JSON, nullable=False),  # names, texts, attributes, size chart: read as a whole
)

variants = Table(
    "variants",
    METADATA,
    Column("sku", ID, primary_key=True),
    Column("product_id", ID, ForeignKey("products.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("color_zh", Text, nullable=False),
    Column("color_en", Text, nullable=False),
    Column("size", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("compare_at", Integer),
    Column("currency", CURRENCY, nullable=False),
    Column("stock", Integer, nullable=False),
    Column("weight_g", Integer),
)

# Pieces that nobody else can buy until `ends_at`; one that is over counts for nothing, whether or not its row is gone.
holds = Table(
    "holds",
    METADATA,
    Column("token", ID, primary_key=True),
    Column("sku", ID, primary_key=True),
    Column("pieces", Integer, nullable=False),
    Column("ends_at", TIME, nullable=False),
    Index("holds_sku", "sku", "ends_at"),
)

links = Table(
    "links",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("room", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("product_id", ID, nullable=False),
    Column("starts_at", TIME),
    Column("ends_at", TIME),
    Index("links_room", "room", "number"),
)

screens = Table(
    "screens",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("room", ID, nullable=False),
    Column("product_id", ID),
    Column("at", TIME, nullable=False),
    Index("screens_room", "room", "at"),
)

promotions = Table(
    "promotions",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Text, nullable=False),
    Column("min_spend", Integer),
    Column("currency", CURRENCY, nullable=False),
    Column("applies_to", Text, nullable=False),
    Column("room", ID, nullable=False),
    Column("starts_at", TIME),
    Column("ends_at", TIME),
)

coupons = Table(
    "coupons",
    METADATA,
    Column("code", ID, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Text, nullable=False),
    Column("min_spend", Integer),
    Column("max_discount", Integer),
    Column("currency", CURRENCY, nullable=False),
    Column("applies_to", Text, nullable=False),
    Column("starts_at", TIME),
    Column("ends_at", TIME),
    Column("per_customer", Integer),
    Column("total", Integer),
    Column("used", Integer, nullable=False),
    Column("stackable", Integer, nullable=False),
)

customers = Table(
    "customers",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("points", Integer, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("address", JSON, nullable=False),
)

orders = Table(
    "orders",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False, index=True),
    Column("status", String(32), nullable=False),
    Column("placed_at", TIME, nullable=False),
    Column("paid_at", TIME),
    Column("shipped_at", TIME),
    Column("delivered_at", TIME),
    Column("closed_at", TIME),
    Column("currency", CURRENCY, nullable=False),
    Column("items_total", Integer, nullable=False),
    Column("discount", Integer, nullable=False),
    Column("coupon_code", ID, nullable=False),
    Column("shipping_fee", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("payment_method", String(32), nullable=False),
    Column("points_earned", Integer, nullable=False),
    Column("points_used", Integer, nullable=False),
    Column("ship_to", JSON, nullable=False),
    Column("room", ID, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
)

order_lines = Table(
    "order_lines",
    METADATA,
    Column("order_id", ID, ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sku", ID, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", Integer, nullable=False),
    Column("discount", Integer, nullable=False),
)

shipments = Table(
    "shipments",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("order_id", ID, nullable=False, index=True),
    Column("carrier", Text, nullable=False),
    Column("tracking_no", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("shipped_at", TIME),
    Column("eta", TIME),
    Column("delivered_at", TIME),
)

shipment_events = Table(
    "shipment_events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("shipment_id", ID, ForeignKey("shipments.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", TIME, nullable=False),
    Column("place_zh", Text, nullable=False),
    Column("place_en", Text, nullable=False),
    Column("text_zh", Text, nullable=False),
    Column("text_en", Text, nullable=False),
)

returns = Table(
    "returns",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("order_id", ID, nullable=False, index=True),
    Column("line", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("requested_at", TIME, nullable=False),
    Column("refund", Integer),
    Column("refund_method", Text, nullable=False),
    Column("refunded_at", TIME),
    Column("exchange_sku", ID, nullable=False),
    Column("goods", Integer),
)

payments = Table(
    "payments",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(512), nullable=False, unique=True),
    Column("order_id", ID, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("currency", CURRENCY, nullable=False),
    Column("method", String(128), nullable=False),
    Column("at", TIME, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("line", Integer),
)

payment_methods = Table(
    "payment_methods",
    METADATA,
    Column("id", String(128), primary_key=True),
    Column("customer_id", ID, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("balance", Integer),
    Column("currency", CURRENCY, nullable=False),
)

cases = Table(
    "cases",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("order_id", ID, nullable=False, index=True),
    Column("line", Integer),
    Column("sku", ID, nullable=False),
    Column("customer_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("data", JSON, nullable=False),
)

# Documents of a shop by kind and id, for what no other table has a place: `id` is the kind and the id, see `entry_key`.
entries = Table(
    "entries",
    METADATA,
    Column("id", String(256), primary_key=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("data", JSON, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
)

# One row per committed change: the audit, and by its key the receipt that makes a repeat harmless.
audit = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("key", String(512), nullable=False, unique=True),
    Column("at", TIME, nullable=False),
    Column("actor", String(512), nullable=False),
    Column("action", String(64), nullable=False),
    Column("order_id", ID, nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("outcome", JSON, nullable=False),
)
