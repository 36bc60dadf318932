"""`Purchases` in SQL, beside the conversations. What each method promises: see the port in bot/buying.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.buying import Attempt, Cart, Purchase
from bot.database import storage_errors
from bot.storage.codec import Codec
from bot.storage.tables import carts, purchases
from bot.storage.writer import Batch, GroupWriter
from bot.types import ConversationKey


class SqlPurchases:
    """A row for each cart and each purchase, sealed."""

    def __init__(self, engine: AsyncEngine, writer: GroupWriter, codec: Codec) -> None:
        self._engine = engine
        self._writer = writer
        self._codec = codec
        insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert
        cart = insert(carts)
        self._put_cart = cart.on_conflict_do_update(index_elements=["key"], set_={"cart": cart.excluded.cart})
        self._begin = insert(purchases).on_conflict_do_nothing()

    async def cart(self, key: ConversationKey) -> Cart:
        stored = await self._stored(sa.select(carts.c.cart).where(carts.c.key == str(key)))
        return Cart() if stored is None else self._codec.read(Cart, stored)

    async def keep_cart(self, key: ConversationKey, cart: Cart) -> None:
        row = {"key": str(key), "cart": self._codec.write(cart)}

        async def write(batch: Batch) -> None:
            await batch.connection.execute(self._put_cart, row)

        await self._writer.write(write)

    async def begin(self, purchase: Purchase, source: str) -> Purchase:
        row = {
            "token": purchase.token,
            "key": str(purchase.key),
            "source": source,
            "begun_at": purchase.begun_at.timestamp(),
            "purchase": self._codec.write(purchase),
        }

        async def write(batch: Batch) -> None:
            await batch.connection.execute(self._begin, row)

        await self._writer.write(write)
        stored = await self._stored(sa.select(purchases.c.purchase).where(purchases.c.source == source))
        return purchase if stored is None else self._codec.read(Purchase, stored)

    async def find(self, token: str) -> Purchase | None:
        stored = await self._stored(sa.select(purchases.c.purchase).where(purchases.c.token == token))
        return None if stored is None else self._codec.read(Purchase, stored)

    async def add_attempt(self, token: str, attempt: Attempt, held_until: datetime) -> None:
        await self._change(token, lambda purchase: replace(purchase.with_attempt(attempt), held_until=held_until))

    async def settle(self, token: str, order_id: str) -> None:
        def settled(purchase: Purchase) -> Purchase:
            if purchase.order_id or purchase.refused:
                return purchase
            return replace(purchase, order_id=order_id, refused=not order_id)

        await self._change(token, settled)

    async def _change(self, token: str, change: Callable[[Purchase], Purchase]) -> None:
        """Read, change and write in one transaction, in which nobody else writes this purchase."""
        here = purchases.c.token == token

        async def write(batch: Batch) -> None:
            # the update locks the row, and what is read after that is the newest
            await batch.connection.execute(purchases.update().where(here).values(token=token))
            stored = await batch.connection.scalar(sa.select(purchases.c.purchase).where(here))
            if stored is not None:
                changed = self._codec.write(change(self._codec.read(Purchase, stored)))
                await batch.connection.execute(purchases.update().where(here).values(purchase=changed))

        await self._writer.write(write)

    async def _stored(self, query: sa.Select[tuple[str]]) -> str | None:
        with storage_errors():
            async with self._engine.connect() as connection:
                stored: str | None = await connection.scalar(query)
                return stored
