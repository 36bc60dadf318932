"""A shop with one room, for the tests of live rooms and of the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.commerce import Coupon, Money, Product, Promotion, ShelfLink, Text, Variant
from bot.errors import BadInput, ShopUnavailable


def product(product_id: str, zh: str, en: str, price: str, stock: int = 30, compare_at: str = "") -> Product:
    variants = tuple(
        Variant(
            f"{product_id}-{size}",
            Text("深海蓝", "Deep blue"),
            size,
            Money.of(price),
            stock,
            Money.of(compare_at) if compare_at else None,
        )
        for size in ("M", "L")
    )
    description = Text("轻、暖、不怕雨。", "Light, warm, rain or shine.")
    return Product(
        product_id, Text(zh, en), "apparel/jackets", "Northfold", variants, description=description,
        picture=f"pictures/{product_id}.png",
    )  # fmt: skip


PRODUCTS = (
    product("P1001", "云岭三合一冲锋衣", "Cloudridge 3-in-1 shell jacket", "399", compare_at="599"),
    product("P1002", "桑蚕丝碎花连衣裙", "Mulberry silk floral dress", "529.5", stock=2),
    product("P1003", "保温杯 480 ml", "Vacuum flask 480 ml", "89", stock=0),
    product("P1004", "亚麻宽松衬衫", "Relaxed linen shirt", "199", compare_at="259"),
    product("P1005", "城市通勤双肩包", "City commuter backpack", "259"),
    product("P1006", "轻量跑步鞋", "Featherlight running shoes", "349", compare_at="429"),
)


class RoomShop:
    """`Shop` as far as a room needs it: products, the shelf of room `main`, the screen and its past."""

    def __init__(self, products: Sequence[Product] = PRODUCTS) -> None:
        self._products = {product.id: product for product in products}
        self._screen: list[tuple[datetime, str | None]] = []
        self.down = False
        self.promotion_table: list[Promotion] = []
        self.reading: asyncio.Event | None = None  # what is read is as it was, and takes until then

    def change(self, product: Product) -> None:
        """Another price or stock, as if changed elsewhere."""
        self._products[product.id] = product

    def now(self, product_id: str) -> Product:
        """A product as the table has it."""
        return self._products[product_id]

    async def product(self, product_id: str) -> Product | None:
        return self._products.get(product_id)

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        if self.down:
            raise ShopUnavailable("the shop does not answer")
        wanted = self._products if product_ids is None else product_ids
        found = [self._products[name] for name in wanted if name in self._products]
        if self.reading is not None:
            await self.reading.wait()
        return found

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        if self.down:
            raise ShopUnavailable("the shop does not answer")
        if room != "main":
            return []
        return [ShelfLink(room, number, name) for number, name in enumerate(self._products, 1)]

    async def promotions(self, at: datetime | None, room: str = "") -> list[Promotion]:
        return [one for one in self.promotion_table if at is None or _runs(one, at)]

    async def coupons(self, at: datetime | None) -> list[Coupon]:
        return []

    async def on_screen(self, room: str, at: datetime) -> str | None:
        return next((name for since, name in reversed(self._screen) if since <= at), None)

    async def show(self, room: str, product_id: str | None, at: datetime) -> None:
        if product_id is not None and product_id not in self._products:
            raise BadInput(f"no product {product_id}")
        self._screen.append((at, product_id))


def _runs(offer: Promotion, at: datetime) -> bool:
    return (offer.starts_at is None or offer.starts_at <= at) and (offer.ends_at is None or at < offer.ends_at)
