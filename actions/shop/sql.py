"""`Backoffice` in a SQL database (SQLite or PostgreSQL).

What each method promises: see `bot.commerce.Shop` and `actions.backoffice.Backoffice`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.backoffice import Case, Change, Payment, PaymentMethod, Record
from actions.shop import rows
from actions.shop.tables import (
    audit,
    cases,
    coupons,
    customers,
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
from actions.shop.writes import carry_out
from bot.commerce import Coupon, Customer, Order, OrderLine, Product, Promotion, Return, ShelfLink, Shipment, Text
from bot.database import migrate, open_engine, storage_errors
from bot.errors import BadInput, ShopUnavailable, StorageUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


class SqlShop:
    """The shop's tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._products: dict[str, tuple[rows.type_row, list[rows.type_row], Product]] = {}

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open and migrate the database at `url`. Raises BadSettings or ShopUnavailable."""
        engine = open_engine(url)
        with shop_errors():
            await migrate(engine, MIGRATIONS, "alembic_version_shop")
        return cls(engine)

    async def close(self) -> None:
        """Let the connections go."""
        await self._engine.dispose()

    async def check(self) -> None:
        """Raise ShopUnavailable when the database does not answer."""
        await self._fetch(sa.select(sa.literal(1)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for several writes. Raises ShopUnavailable."""
        with shop_errors(), storage_errors():
            async with self._engine.begin() as connection:
                yield connection

    # ------------------------------------------------------------ catalogue

    async def product(self, product_id: str) -> Product | None:
        found = await self.products([product_id])
        return found[0] if found else None

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        wanted = products.c.active == 1 if product_ids is None else products.c.id.in_(product_ids)
        text = sa.cast(products.c.data, sa.Text).label("data")
        heads = await self._fetch(sa.select(products.c.id, text).where(wanted).order_by(products.c.id))
        query = sa.select(variants).where(variants.c.product_id.in_(sa.select(products.c.id).where(wanted)))
        by_product: dict[str, list[rows.type_row]] = {}
        for row in await self._fetch(query.order_by(variants.c.position)):
            by_product.setdefault(row.product_id, []).append(row)
        found = {head.id: self._product(head, by_product.get(head.id, [])) for head in heads}
        return [found[name] for name in product_ids if name in found] if product_ids is not None else list(found.values())

    def _product(self, head: rows.type_row, of_it: list[rows.type_row]) -> Product:
        """The product of these rows: the same object for as long as every row of it is the same."""
        known = self._products.get(head.id)
        if known is None or known[:2] != (head, of_it):
            known = self._products[head.id] = head, of_it, rows.to_product(orjson.loads(head.data), of_it)
        return known[2]

    # ------------------------------------------------------------ live room

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        query = sa.select(links).where(links.c.room == room, *_holds(links, at)).order_by(links.c.number, links.c.seq.desc())
        newest: dict[int, ShelfLink] = {}
        for row in await self._fetch(query):
            link = ShelfLink(row.room, row.number, row.product_id, rows.moment(row.starts_at), rows.moment(row.ends_at))
            newest.setdefault(row.number, link)
        return list(newest.values())

    async def on_screen(self, room: str, at: datetime) -> str | None:
        query = sa.select(screens.c.product_id).where(screens.c.room == room, screens.c.at <= rows.time_text(at))
        found = await self._fetch(query.order_by(screens.c.at.desc(), screens.c.seq.desc()).limit(1))
        return found[0].product_id if found else None

    async def show(self, room: str, product_id: str | None, at: datetime) -> None:
        if product_id is not None and await self.product(product_id) is None:
            raise BadInput(
                f"product {product_id!r} is not in the catalogue.", where="product_id", remedy="Use a product's id."
            )
        async with self.transaction() as connection:
            row = {"room": room, "product_id": product_id, "at": rows.time_text(at)}
            await connection.execute(screens.insert(), row)

    # ------------------------------------------------------------ offers

    async def promotions(self, at: datetime, room: str = "") -> list[Promotion]:
        here = promotions.c.room.in_(["", room])
        query = sa.select(promotions).where(here, *_holds(promotions, at)).order_by(promotions.c.id)
        return [rows.to_promotion(row) for row in await self._fetch(query)]

    async def coupons(self, at: datetime) -> list[Coupon]:
        left = sa.or_(coupons.c.total.is_(None), coupons.c.used < coupons.c.total)
        query = sa.select(coupons).where(left, *_holds(coupons, at)).order_by(coupons.c.code)
        return [rows.to_coupon(row) for row in await self._fetch(query)]

    # ------------------------------------------------------------ customers and orders

    async def customer(self, customer_id: str) -> Customer | None:
        found = await self._fetch(sa.select(customers).where(customers.c.id == customer_id))
        return rows.to_customer(found[0]) if found else None

    async def order(self, order_id: str) -> Order | None:
        found = await self._orders(sa.select(orders).where(orders.c.id == order_id))
        return found[0] if found else None

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        query = sa.select(orders).where(orders.c.customer_id == customer_id)
        return await self._orders(query.order_by(orders.c.placed_at.desc(), orders.c.id).limit(limit))

    async def _orders(self, query: sa.Select[Any]) -> list[Order]:
        heads = await self._fetch(query)
        joined = order_lines.outerjoin(variants, variants.c.sku == order_lines.c.sku)
        joined = joined.outerjoin(products, products.c.id == variants.c.product_id)
        lines = (
            sa.select(order_lines, variants.c.product_id, products.c.data)
            .select_from(joined)
            .where(order_lines.c.order_id.in_([head.id for head in heads]))
            .order_by(order_lines.c.order_id, order_lines.c.number)
        )
        currencies = {head.id: head.currency for head in heads}
        by_order: dict[str, list[OrderLine]] = {}
        for row in await self._fetch(lines):
            # A variant that has left the catalogue is still on the order, by its SKU.
            name = Text(**row.data["name"]) if row.data else Text(row.sku, row.sku)
            line = rows.to_line(row, currencies[row.order_id], row.product_id or "", name)
            by_order.setdefault(row.order_id, []).append(line)
        return [rows.to_order(head, tuple(by_order.get(head.id, ()))) for head in heads]

    async def shipments(self, order_id: str) -> list[Shipment]:
        query = sa.select(shipments).where(shipments.c.order_id == order_id)
        heads = await self._fetch(query.order_by(shipments.c.shipped_at.desc(), shipments.c.id))
        track = sa.select(shipment_events).where(shipment_events.c.shipment_id.in_([head.id for head in heads]))
        events = await self._fetch(track.order_by(shipment_events.c.at, shipment_events.c.seq))
        return [rows.to_shipment(head, [event for event in events if event.shipment_id == head.id]) for head in heads]

    async def returns(self, order_id: str) -> list[Return]:
        query = sa.select(returns, orders.c.currency).join(orders, orders.c.id == returns.c.order_id)
        found = await self._fetch(query.where(returns.c.order_id == order_id).order_by(returns.c.requested_at, returns.c.id))
        return [rows.to_return(row, row.currency) for row in found]

    async def purchases(self) -> Mapping[str, Sequence[str]]:
        query = (
            sa.select(orders.c.customer_id, variants.c.product_id)
            .select_from(orders.join(order_lines).join(variants, variants.c.sku == order_lines.c.sku))
            .where(orders.c.paid_at.is_not(None))
            .order_by(orders.c.placed_at, order_lines.c.number)
        )
        bought: dict[str, list[str]] = {}
        for row in await self._fetch(query):
            bought.setdefault(row.customer_id, []).append(row.product_id)
        return bought

    # ------------------------------------------------------------ after-sales work

    async def receipt(self, key: str) -> Mapping[str, Any] | None:
        found = await self._fetch(sa.select(audit.c.outcome).where(audit.c.key == key))
        return cast(Mapping[str, Any], found[0].outcome) if found else None

    async def commit(self, change: Change) -> Mapping[str, Any]:
        row = {
            "key": change.key,
            "at": rows.time_text(change.at),
            "actor": change.actor,
            "action": change.action,
            "order_id": change.order_id,
            "why": change.why,
            "outcome": dict(change.outcome),
        }
        try:
            async with self.transaction() as connection:
                # The key goes in first: it takes the write lock, and a second one with the same key stops here.
                try:
                    await connection.execute(audit.insert(), {**row, "before": {}, "after": {}})
                except IntegrityError as error:
                    raise _CommittedBefore from error
                before, after = await carry_out(connection, change)
                update = audit.update().where(audit.c.key == change.key)
                await connection.execute(update.values(before=before, after=after))
        except _CommittedBefore:
            return await self.receipt(change.key) or change.outcome
        return change.outcome

    async def find_customers(self, *, email: str = "", name: str = "", postal_code: str = "") -> list[Customer]:
        if email:
            query = sa.select(customers).where(customers.c.email == email.strip().lower())
        else:
            same_code = customers.c.address["postal_code"].as_string() == postal_code.strip()
            query = sa.select(customers).where(sa.func.lower(customers.c.name) == name.strip().lower(), same_code)
        return [rows.to_customer(row) for row in await self._fetch(query.order_by(customers.c.id).limit(10))]

    async def payments(self, order_id: str) -> list[Payment]:
        query = sa.select(payments).where(payments.c.order_id == order_id).order_by(payments.c.at, payments.c.seq)
        return [rows.to_payment(row) for row in await self._fetch(query)]

    async def payment_methods(self, customer_id: str) -> list[PaymentMethod]:
        query = sa.select(payment_methods).where(payment_methods.c.customer_id == customer_id)
        return [rows.to_payment_method(row) for row in await self._fetch(query.order_by(payment_methods.c.id))]

    async def cases(self, order_id: str) -> list[Case]:
        query = sa.select(cases).where(cases.c.order_id == order_id).order_by(cases.c.seq)
        return [rows.to_case(row) for row in await self._fetch(query)]

    async def records(self, order_id: str) -> list[Record]:
        query = sa.select(audit).where(audit.c.order_id == order_id).order_by(audit.c.seq)
        return [rows.to_record(row) for row in await self._fetch(query)]

    async def _fetch(self, query: sa.Select[Any]) -> Sequence[rows.type_row]:
        with shop_errors(), storage_errors():
            async with self._engine.connect() as connection:
                found: Sequence[rows.type_row] = (await connection.execute(query)).all()
                return found


class _CommittedBefore(Exception):
    """The key of a change is in the audit already."""


@contextmanager
def shop_errors() -> Iterator[None]:
    """What fails in the shop's database is the shop's."""
    try:
        yield
    except StorageUnavailable as error:
        raise ShopUnavailable(f"the shop's tables cannot be reached: {error}") from error


def _holds(table: sa.Table, at: datetime) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    now = rows.time_text(at)
    return (
        sa.or_(table.c.starts_at.is_(None), table.c.starts_at <= now),
        sa.or_(table.c.ends_at.is_(None), table.c.ends_at > now),
    )
