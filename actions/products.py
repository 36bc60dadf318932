"""Products and variants as customers name them, for verbs that start from no order. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from actions.items import folded, in_color
from bot.commerce import Product, Variant


def find_product(products: Sequence[Product], text: str) -> Product | None:
    """The product of an id, a SKU, a name or an alias; of several names in a text the longest counts. None: no such one."""
    said = folded(text)
    for product in products:
        if said == product.id.casefold() or any(said == variant.sku.casefold() for variant in product.variants):
            return product
    best: tuple[int, Product | None] = (0, None)
    for product in products:
        names = [folded(name) for name in (product.name.zh, product.name.en, *product.aliases) if name]
        length = max((len(name) for name in names if name in said), default=0)
        if length > best[0]:
            best = (length, product)
    if best[1] is not None:
        return best[1]
    inside = [p for p in products if len(said) > 1 and any(said in folded(name) for name in (p.name.zh, p.name.en))]
    return inside[0] if len(inside) == 1 else None


def find_variants(product: Product, size: str | None, color: str | None, text: str = "") -> list[Variant]:
    """The variants of a size and a colour, as far as these are given; only the one whose SKU the text is."""
    by_sku = [variant for variant in product.variants if variant.sku.casefold() == folded(text)]
    if by_sku:
        return by_sku
    in_size = [variant for variant in product.variants if not size or folded(variant.size) == folded(size)]
    return in_color(in_size, color) if color else in_size
