"""Products as people name them: by name, alias, id, link number, with a letter mistyped; and how often the shop is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.commerce import Product
from knowledge.catalogue import ShopCatalogue
from tests.knowledge.shop import NOW, MemoryShop


class CountedShop(MemoryShop):
    """A shop that answers in its own time, and counts."""

    asked = 0

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        self.asked += 1
        await asyncio.sleep(0)
        return await super().products(product_ids)


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("防晒衣多少钱", ["P2"]),
        ("儿童冲锋衣防水吗", ["P3"]),  # not the "冲锋衣" within it
        ("is P5 in stock", ["P5"]),
        ("P1-1-M 还有吗", ["P1"]),
        ("the icefeel sun jackett", ["P2"]),
        ("冲锋衣和跑鞋", ["P1", "P5"]),
        ("有什么好东西", []),
    ],
)
async def test_products_by_what_they_are_called(text: str, products: list[str]) -> None:
    catalogue = ShopCatalogue(MemoryShop())
    assert [entity.value for entity in await catalogue.mentions(text)] == products
    assert await catalogue.mentions(text) == await ShopCatalogue(MemoryShop()).mentions(text)  # kept, and the same


async def test_a_link_is_one_of_its_room() -> None:
    catalogue = ShopCatalogue(MemoryShop(), default_room="main")
    assert await catalogue.link("main", 3, NOW) == "P2"
    assert await catalogue.link("", 1, NOW) == "P1"  # from no room: of the one that is meant then
    assert await catalogue.link("other", 3, NOW) is None
    assert await catalogue.link("main", 9, NOW) is None


async def test_names_are_read_once_however_many_ask_at_once() -> None:
    shop = CountedShop()
    catalogue = ShopCatalogue(shop)
    await asyncio.gather(*(catalogue.mentions(f"防晒衣 {number}") for number in range(20)))
    assert shop.asked == 1
