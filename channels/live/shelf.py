"""What a room sells right now, as viewers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.commerce import Product, ShelfLink, Shop, Text, Variant
from channels.common.rendering import picture_url


@dataclass(frozen=True, slots=True)
class Shelf:
    """The links of a room by number, and the id of the product on screen."""

    items: tuple[dict[str, Any], ...] = ()
    on_screen: str | None = None


async def read_shelf(shop: Shop, room: str, at: datetime) -> Shelf:
    """Read the shelf as it is at `at`. Links to products that are gone are left out. Raises ShopUnavailable."""
    links = await shop.shelf(room, at)
    on_screen = await shop.on_screen(room, at)
    wanted = [link.product_id for link in links]
    if on_screen and on_screen not in wanted:
        wanted.append(on_screen)
    products = {product.id: product for product in await shop.products(wanted)} if wanted else {}
    items = [item(products[link.product_id], link) for link in links if link.product_id in products]
    if on_screen in products and all(shown["product_id"] != on_screen for shown in items):
        items.append(item(products[on_screen], None))
    return Shelf(tuple(items), on_screen if on_screen in products else None)


def item(product: Product, link: ShelfLink | None) -> dict[str, Any]:
    """A product as the shelf shows it; `link` is None for one that is on screen without a link."""
    cheapest = min(product.variants, key=lambda variant: variant.price, default=None)
    return {
        "number": link.number if link else None,
        "product_id": product.id,
        "name": _both(product.name),
        "description": _both(product.description),
        "category": product.category,
        "picture": picture_url(product.picture),
        "price": str(cheapest.price) if cheapest else "",
        "compare_at": str(cheapest.compare_at) if cheapest and cheapest.compare_at else "",
        "from": len({variant.price for variant in product.variants}) > 1,
        "stock": sum(variant.stock for variant in product.variants),
        "colors": [_both(color) for color in _colors(product.variants)],
        "sizes": list(dict.fromkeys(variant.size for variant in product.variants if variant.size)),
    }


def _colors(variants: tuple[Variant, ...]) -> list[Text]:
    return list(dict.fromkeys(variant.color for variant in variants if variant.color != Text()))


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.in_("zh"), "en": text.in_("en")}
