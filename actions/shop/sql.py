"""`Backoffice` in a SQL database (SQLite or PostgreSQL).

What each method promises: see `bot.commerce.Shop` and `actions.backoffice.Backoffice`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, Self, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.backoffice import Case, Change, Entry, Payment, PaymentMethod, Record
from actions.shop import queries, rows
from actions.shop.tables import audit, screens
from actions.shop.writes import carry_out
from bot.clock import SystemClock
from bot.commerce import Coupon, Customer, Order, OrderLine, Product, Promotion, Return, ShelfLink, Shipment, Text
from bot.database import migrate, open_engine, storage_errors
from bot.errors import BadInput, ShopUnavailable, StorageUnavailable
from bot.ports import Clock

# One read of several: the statement, and its parameters by name.
Read = Callable[..., Awaitable[Sequence[rows.type_row]]]

MIGRATIONS = Path(__file__).parent / "migrations"


class SqlShop:
    """The shop's tables."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        """`clock` says which pieces are held at this moment."""
        self._engine = engine
        self._clock = clock or SystemClock()
        # SQLite has one writer at a time and lets the others poll for a while: those of this process queue here instead.
        self._writing = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._products: dict[str, tuple[list[Any], Product]] = {}

    @classmethod
    async def open(cls, url: str, clock: Clock | None = None) -> Self:
        """Open and migrate the database at `url`. Raises BadSettings or ShopUnavailable."""
        engine = open_engine(url)
        with shop_errors():
            await migrate(engine, MIGRATIONS, "alembic_version_shop")
        return cls(engine, clock)

    async def close(self) -> None:
        """Let the connections go."""
        await self._engine.dispose()

    async def check(self) -> None:
        """Raise ShopUnavailable when the database does not answer."""
        await self._fetch(queries.ANYTHING)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for several writes. Raises ShopUnavailable."""
        with shop_errors(), storage_errors():
            async with self._writing, self._engine.begin() as connection:
                yield connection

    # ------------------------------------------------------------ catalogue

    async def product(self, product_id: str) -> Product | None:
        found = await self.products([product_id])
        return found[0] if found else None

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        now = rows.time_text(self._clock.now())
        async with self._reading() as read:
            if product_ids is None:
                heads, of_all = await read(queries.PRODUCTS), await read(queries.VARIANTS, now=now)
            else:
                heads = await read(queries.THESE_PRODUCTS, ids=product_ids)
                of_all = await read(queries.THEIR_VARIANTS, ids=product_ids, now=now)
        by_product: dict[str, list[rows.type_row]] = {}
        for row in of_all:
            by_product.setdefault(row.product_id, []).append(row)
        found = {head.id: self._product(head, by_product.get(head.id, [])) for head in heads}
        return [found[name] for name in product_ids if name in found] if product_ids is not None else list(found.values())

    def _product(self, head: rows.type_row, of_it: list[rows.type_row]) -> Product:
        """The product of these rows: the same object for as long as every row of it is the same."""
        kept = [head.data, *map(tuple, of_it)]  # compared in C, as rows are not
        known = self._products.get(head.id)
        if known is None or known[0] != kept:
            known = self._products[head.id] = kept, rows.to_product(orjson.loads(head.data), of_it)
        return known[1]

    # ------------------------------------------------------------ live room

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        newest: dict[int, ShelfLink] = {}
        for row in await self._fetch(queries.SHELF, room=room, now=rows.time_text(at)):
            link = ShelfLink(row.room, row.number, row.product_id, rows.moment(row.starts_at), rows.moment(row.ends_at))
            newest.setdefault(row.number, link)
        return list(newest.values())

    async def on_screen(self, room: str, at: datetime) -> str | None:
        found = await self._fetch(queries.ON_SCREEN, room=room, now=rows.time_text(at))
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

    async def promotions(self, at: datetime | None, room: str = "") -> list[Promotion]:
        if at is None:
            return [rows.to_promotion(row) for row in await self._fetch(queries.ALL_PROMOTIONS)]
        found = await self._fetch(queries.PROMOTIONS, room=room, now=rows.time_text(at))
        return [rows.to_promotion(row) for row in found]

    async def coupons(self, at: datetime | None) -> list[Coupon]:
        if at is None:
            return [rows.to_coupon(row) for row in await self._fetch(queries.ALL_COUPONS)]
        return [rows.to_coupon(row) for row in await self._fetch(queries.COUPONS, now=rows.time_text(at))]

    # ------------------------------------------------------------ customers and orders

    async def customer(self, customer_id: str) -> Customer | None:
        found = await self._fetch(queries.CUSTOMER, id=customer_id)
        return rows.to_customer(found[0]) if found else None

    async def order(self, order_id: str) -> Order | None:
        async with self._reading() as read:
            found = await _orders(read, await read(queries.ORDER, id=order_id))
        return found[0] if found else None

    async def order_ids(self, limit: int) -> list[str]:
        return [row.id for row in await self._fetch(queries.ORDER_IDS, limit=limit)]

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        async with self._reading() as read:
            return await _orders(read, await read(queries.ORDERS_OF, customer=customer_id, limit=limit))

    async def shipments(self, order_id: str) -> list[Shipment]:
        async with self._reading() as read:
            heads = await read(queries.SHIPMENTS, order=order_id)
            events = await read(queries.TRACK, order=order_id) if heads else ()
        return [rows.to_shipment(head, [event for event in events if event.shipment_id == head.id]) for head in heads]

    async def returns(self, order_id: str) -> list[Return]:
        return [rows.to_return(row, row.currency) for row in await self._fetch(queries.RETURNS, order=order_id)]

    async def purchases(self) -> Mapping[str, Sequence[str]]:
        bought: dict[str, list[str]] = {}
        for row in await self._fetch(queries.PURCHASES):
            bought.setdefault(row.customer_id, []).append(row.product_id)
        return bought

    # ------------------------------------------------------------ after-sales work

    async def receipt(self, key: str) -> Mapping[str, Any] | None:
        found = await self._fetch(queries.RECEIPT, key=key)
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
            found = await self._fetch(queries.CUSTOMERS_BY_EMAIL, email=email.strip().lower())
        else:
            given = {"name": name.strip().lower(), "postal_code": postal_code.strip()}
            found = await self._fetch(queries.CUSTOMERS_BY_NAME, **given)
        return [rows.to_customer(row) for row in found]

    async def payments(self, order_id: str) -> list[Payment]:
        return [rows.to_payment(row) for row in await self._fetch(queries.PAYMENTS, order=order_id)]

    async def payment_methods(self, customer_id: str) -> list[PaymentMethod]:
        found = await self._fetch(queries.PAYMENT_METHODS, customer=customer_id)
        return [rows.to_payment_method(row) for row in found]

    async def cases(self, order_id: str) -> list[Case]:
        return [rows.to_case(row) for row in await self._fetch(queries.CASES, order=order_id)]

    async def records(self, order_id: str) -> list[Record]:
        return [rows.to_record(row) for row in await self._fetch(queries.RECORDS, order=order_id)]

    async def entry(self, kind: str, entry_id: str) -> Entry | None:
        found = await self._fetch(queries.ENTRY, id=rows.entry_key(kind, entry_id))
        return rows.to_entry(found[0]) if found else None

    async def _fetch(self, query: sa.Select[Any], **values: Any) -> Sequence[rows.type_row]:
        async with self._reading() as read:
            return await read(query, **values)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Read]:
        """Several reads of one moment, over one connection. Raises ShopUnavailable."""
        with shop_errors(), storage_errors():
            async with self._engine.connect() as connection:

                async def read(query: sa.Select[Any], **values: Any) -> Sequence[rows.type_row]:
                    found: Sequence[rows.type_row] = (await connection.execute(query, values)).all()
                    return found

                yield read


async def _orders(read: Read, heads: Sequence[rows.type_row]) -> list[Order]:
    currencies = {head.id: head.currency for head in heads}
    by_order: dict[str, list[OrderLine]] = {}
    for row in await read(queries.LINES, ids=list(currencies)) if heads else ():
        # A variant that has left the catalogue is still on the order, by its SKU.
        name = Text(**row.data["name"]) if row.data else Text(row.sku, row.sku)
        line = rows.to_line(row, currencies[row.order_id], row.product_id or "", name)
        by_order.setdefault(row.order_id, []).append(line)
    return [rows.to_order(head, tuple(by_order.get(head.id, ()))) for head in heads]


class _CommittedBefore(Exception):
    """The key of a change is in the audit already."""


@contextmanager
def shop_errors() -> Iterator[None]:
    """What fails in the shop's database is the shop's."""
    try:
        yield
    except StorageUnavailable as error:
        raise ShopUnavailable(f"the shop's tables cannot be reached: {error}") from error
