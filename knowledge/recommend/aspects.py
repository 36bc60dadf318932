"""What may be told apart about a shop's products: kind, colour, price and whatever attributes its tables state. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.commerce import Product, Text
from bot.text import normal
from knowledge.facts.stated import clauses
from knowledge.lexicon.quantities import quantities

# Aspects that every product has; the others are keys of attributes.
PRICE, COLOR, SIZE, KIND, GROUP = "price", "color", "size", "kind", "group"
# A clause that is longer is a sentence, which nobody picks from a list.
_SHORT = 24


def values(product: Product, aspect: str) -> frozenset[str]:
    """What a product has under an aspect, normalised, in both languages; nothing where it does not say.

    A product has a colour or size that is in stock.
    """
    match aspect:
        case "color":
            return _all(v.color for v in product.variants if v.stock > 0)
        case "size":
            return frozenset(normal(v.size) for v in product.variants if v.stock > 0 and v.size)
        case "kind":
            return frozenset({product.category, *_all([product.category_name])})
        case "group":
            return frozenset({group_of(product)})
        case _:
            return frozenset(text for one in product.attributes if one.key == aspect for text in stated(one.value))


def number(product: Product, aspect: str) -> float | None:
    """What a product measures under an aspect, in its dimension's base (of a range the upper end); of prices the lowest."""
    if aspect == PRICE:
        prices = [v.price.minor for v in product.variants if v.stock > 0]
        return float(min(prices)) if prices else None
    texts = (one.value.en or one.value.zh for one in product.attributes if one.key == aspect)
    return next((q[0].high for text in texts if len(q := quantities(normal(text))) == 1), None)


def dimension(product: Product, aspect: str) -> str:
    """The dimension of what a product measures under an aspect; empty where that is no measure."""
    texts = (one.value.en or one.value.zh for one in product.attributes if one.key == aspect)
    return next((q[0].dimension for text in texts if len(q := quantities(normal(text))) == 1), "")


def group_of(product: Product) -> str:
    """The part of the shop that a product's kind belongs to: `garden` of `garden/tools`."""
    return product.category.partition("/")[0]


def aspects(products: Sequence[Product]) -> list[str]:
    """Everything that these products can be told apart by."""
    keys = dict.fromkeys(one.key for product in products for one in product.attributes)
    return [GROUP, KIND, COLOR, *keys]


@lru_cache(16_384)
def stated(value: Text) -> frozenset[str]:
    """The parts of a stated value that can be said alone, in both languages."""
    return frozenset(part for text in (value.zh, value.en) if text for part in clauses(text) if len(part) <= _SHORT)


def _all(texts: Iterable[Text]) -> frozenset[str]:
    return frozenset(normal(part) for text in texts for part in (text.zh, text.en) if part)
