"""What is read of the shop's tables, as statements made once: making one takes as long as asking SQLite for its rows.

Parameters: what they are named for; `ids` is a list, and `now` a moment as `rows.time_text` writes it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from actions.shop.tables import (
    audit,
    cases,
    coupons,
    customers,
    entries,
    holds,
    links,
    order_lines,
    orders,
    payment_methods,
    payments,
    products,
    promotions,
    returns,
    screens,
    shipment_events,
    shipments,
    variants,
)

# How many customers may have one name and postal code before somebody must look.
MAX_CUSTOMERS = 10


def _holds(table: sa.Table) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    now: sa.BindParameter[str] = bindparam("now", type_=sa.Text)
    return (
        sa.or_(table.c.starts_at.is_(None), table.c.starts_at <= now),
        sa.or_(table.c.ends_at.is_(None), table.c.ends_at > now),
    )


def _of_order(table: sa.Table) -> sa.Select[Any]:
    return select(table).where(table.c.order_id == bindparam("order"))


ANYTHING = select(sa.literal(1))

# ---------------------------------------------------------------- catalogue

_active = products.c.active == 1
_these = products.c.id.in_(bindparam("ids", expanding=True))
# The JSON as it is kept: it is only read where it is not as it was.
_heads = select(products.c.id, sa.cast(products.c.data, sa.Text).label("data")).order_by(products.c.id)
_held = (
    select(holds.c.sku, sa.func.sum(holds.c.pieces).label("pieces"))
    .where(holds.c.ends_at > bindparam("now", type_=sa.Text))
    .group_by(holds.c.sku)
    .subquery()
)
# What is told of stock is what can be bought now.
_free = variants.c.stock - sa.func.coalesce(_held.c.pieces, 0)
_variants = (
    select(*(column for column in variants.c if column.name != "stock"), sa.case((_free > 0, _free), else_=0).label("stock"))
    .outerjoin_from(variants, _held, _held.c.sku == variants.c.sku)
    .order_by(variants.c.position)
)
PRODUCTS = _heads.where(_active)
VARIANTS = _variants.where(variants.c.product_id.in_(select(products.c.id).where(_active)))
THESE_PRODUCTS = _heads.where(_these)
THEIR_VARIANTS = _variants.where(variants.c.product_id.in_(bindparam("ids", expanding=True)))

# ---------------------------------------------------------------- live room and offers

SHELF = (
    select(links)
    .where(links.c.room == bindparam("room"), *_holds(links))
    .order_by(links.c.number, links.c.seq.desc())
)  # fmt: skip
ON_SCREEN = (
    select(screens.c.product_id)
    .where(screens.c.room == bindparam("room"), screens.c.at <= bindparam("now"))
    .order_by(screens.c.at.desc(), screens.c.seq.desc())
    .limit(1)
)
PROMOTIONS = (
    select(promotions)
    .where(sa.or_(promotions.c.room == "", promotions.c.room == bindparam("room")), *_holds(promotions))
    .order_by(promotions.c.id)
)
_left = sa.or_(coupons.c.total.is_(None), coupons.c.used < coupons.c.total)
COUPONS = select(coupons).where(_left, *_holds(coupons)).order_by(coupons.c.code)
ALL_PROMOTIONS = select(promotions).order_by(promotions.c.id)
ALL_COUPONS = select(coupons).order_by(coupons.c.code)

# ---------------------------------------------------------------- customers and orders

CUSTOMER = select(customers).where(customers.c.id == bindparam("id"))
_several = select(customers).order_by(customers.c.id).limit(MAX_CUSTOMERS)
CUSTOMERS_BY_EMAIL = _several.where(customers.c.email == bindparam("email"))
CUSTOMERS_BY_NAME = _several.where(
    sa.func.lower(customers.c.name) == bindparam("name"),
    customers.c.address["postal_code"].as_string() == bindparam("postal_code"),
)
ORDER = select(orders).where(orders.c.id == bindparam("id"))
ORDER_IDS = (
    select(orders.c.id)
    .order_by(orders.c.placed_at.desc(), orders.c.id)
    .limit(bindparam("limit", type_=sa.Integer))
)  # fmt: skip
ORDERS_OF = (
    select(orders)
    .where(orders.c.customer_id == bindparam("customer"))
    .order_by(orders.c.placed_at.desc(), orders.c.id)
    .limit(bindparam("limit", type_=sa.Integer))
)
_lines = order_lines.outerjoin(variants, variants.c.sku == order_lines.c.sku)
LINES = (
    select(order_lines, variants.c.product_id, products.c.data)
    .select_from(_lines.outerjoin(products, products.c.id == variants.c.product_id))
    .where(order_lines.c.order_id.in_(bindparam("ids", expanding=True)))
    .order_by(order_lines.c.order_id, order_lines.c.number)
)
SHIPMENTS = _of_order(shipments).order_by(shipments.c.shipped_at.desc(), shipments.c.id)
TRACK = (
    select(shipment_events)
    .where(shipment_events.c.shipment_id.in_(select(shipments.c.id).where(shipments.c.order_id == bindparam("order"))))
    .order_by(shipment_events.c.at, shipment_events.c.seq)
)
RETURNS = (
    select(returns, orders.c.currency)
    .join(orders, orders.c.id == returns.c.order_id)
    .where(returns.c.order_id == bindparam("order"))
    .order_by(returns.c.requested_at, returns.c.id)
)
PURCHASES = (
    select(orders.c.customer_id, variants.c.product_id)
    .select_from(orders.join(order_lines).join(variants, variants.c.sku == order_lines.c.sku))
    .where(orders.c.paid_at.is_not(None))
    .order_by(orders.c.placed_at, order_lines.c.number)
)

# ---------------------------------------------------------------- after-sales work

RECEIPT = select(audit.c.outcome).where(audit.c.key == bindparam("key"))
PAYMENTS = _of_order(payments).order_by(payments.c.at, payments.c.seq)
PAYMENT_METHODS = (
    select(payment_methods)
    .where(payment_methods.c.customer_id == bindparam("customer"))
    .order_by(payment_methods.c.id)
)  # fmt: skip
CASES = _of_order(cases).order_by(cases.c.seq)
RECORDS = _of_order(audit).order_by(audit.c.seq)
ENTRY = sa.select(entries).where(entries.c.id == sa.bindparam("id"))
