"""The cheapest and the best selling: which product stands at the end of the scale of prices or of buyers. Pure functions.

Scales of properties are those of `knowledge.facts.scales`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.commerce import Product
from bot.text import normal

PRICE, SALES = "price", "sales"


@dataclass(frozen=True, slots=True)
class Extreme:
    """One end of a scale: `most` is its upper end. `scale` is PRICE or SALES.

    `place` counts from that end: 2 is the second cheapest.
    """

    scale: str
    most: bool
    place: int = 1


_WORDS: tuple[tuple[re.Pattern[str], Extreme], ...] = (
    (
        re.compile(
            r"最便宜|最低价|价格最低|最实惠|便宜(?:一)?点|第[二三四五]便宜|\bcheapest\b|lowest price|least expensive"
        ),
        Extreme(PRICE, most=False),
    ),
    (
        re.compile(r"最贵|价格最高|最高价|第[二三四五]贵|\bdearest\b|most expensive|priciest|highest price"),
        Extreme(PRICE, most=True),
    ),
    (
        re.compile(r"卖得最好|最好卖|销量最高|最热销|最火|买的人最多|最受欢迎|best.?sell|most popular|sells? (?:the )?best"),
        Extreme(SALES, most=True),
    ),
)
_PLACES = {"二": 2, "三": 3, "四": 4, "五": 5, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH = re.compile(r"第[二三四五]|\b(?:second|third|fourth|fifth)\b")


def read_extreme(text: str) -> Extreme | None:
    """The end of a scale that a text asks for, or None."""
    plain = normal(text)
    found = next((extreme for pattern, extreme in _WORDS if pattern.search(plain)), None)
    return replace(found, place=_place_asked(plain)) if found else None


def _place_asked(text: str) -> int:
    match = _NTH.search(text)
    return _PLACES[match.group().removeprefix("第")] if match else 1


def at_the_end(products: Sequence[Product], extreme: Extreme, buyers: Callable[[str], int]) -> list[Product]:
    """The products that have a place on the scale, the one at its end first; equal ones in the order of their ids.

    `buyers` tells how many people bought a product.
    """
    places = {product.id: place for product in products if (place := _place(product, extreme.scale, buyers)) is not None}
    sign = -1.0 if extreme.most else 1.0
    return sorted((p for p in products if p.id in places), key=lambda product: (sign * places[product.id], product.id))


def ranks(products: Sequence[Product], extreme: Extreme, buyers: Callable[[str], int]) -> dict[str, int]:
    """The place of each of the products that `at_the_end` gave, from 1; equal ones share theirs."""
    found: dict[str, int] = {}
    last: float | None = None
    for product in products:
        place = _place(product, extreme.scale, buyers)
        found[product.id] = len(set(found.values())) if place == last else len(set(found.values())) + 1
        last = place
    return found


def _place(product: Product, scale: str, buyers: Callable[[str], int]) -> float | None:
    """Where a product stands: its lowest price of what is in stock, or its buyers."""
    if scale == SALES:
        return float(buyers(product.id))
    prices = [variant.price.minor for variant in product.variants if variant.stock > 0]
    return float(min(prices)) if prices else None
