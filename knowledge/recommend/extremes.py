"""The cheapest, the lightest, the longest lasting: which product stands at the end of a scale, read from the tables.

Pure functions. A scale is the price, the number of buyers, or an attribute whose value begins with a number and a unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.commerce import Attribute, Product
from bot.text import normal

PRICE, SALES = "price", "sales"


@dataclass(frozen=True, slots=True)
class Extreme:
    """One end of a scale: `most` is its upper end. `scale` is PRICE, SALES or the key of an attribute.

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
    (re.compile(r"最轻|\blightest\b"), Extreme("weight", most=False)),
    (re.compile(r"最重|\bheaviest\b"), Extreme("weight", most=True)),
    (re.compile(r"容量最大|装得最多|最能装|(?:largest|biggest) capacity|holds? the most"), Extreme("capacity", most=True)),
    (re.compile(r"容量最小|smallest capacity"), Extreme("capacity", most=False)),
    (
        re.compile(r"续航最(?:久|长|好)|电池最(?:久|耐用)|(?:longest|best) battery|lasts? (?:the )?longest"),
        Extreme("battery", most=True),
    ),
    (
        re.compile(r"防水(?:等级|指数|性能)?最(?:高|好|强)|最防水|most waterproof|highest waterproof"),
        Extreme("waterproof_mm", most=True),
    ),
)
_PLACES = {"二": 2, "三": 3, "四": 4, "五": 5, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH = re.compile(r"第[二三四五]|\b(?:second|third|fourth|fifth)\b")
# Units in the smallest of their kind, so that 1.2 kg is more than 260 g.
_UNITS = {"kg": 1000.0, "l": 1000.0, "cm": 10.0, "m": 1000.0}
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|g|ml|l|mm|cm|mah|m|小时|hours?|h)(?![a-z])")
# Capacities of bags and of batteries are on different scales.
_FAMILIES = ({"kg", "g"}, {"l", "ml"}, {"mm", "cm", "m"}, {"mah"}, {"小时", "hours", "hour", "h"})


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

    `buyers` tells how many people bought a product. Products whose values are in units of another kind than most are left
    out: a battery's capacity is not compared with a bag's.
    """
    places = {product.id: _place(product, extreme.scale, buyers) for product in products}
    known = [product for product in products if places[product.id] is not None]
    families = [_family(places[product.id]) for product in known]
    usual = max(set(families), key=lambda family: (families.count(family), family)) if families else 0
    alike = [product for product, family in zip(known, families, strict=True) if family == usual]
    sign = -1.0 if extreme.most else 1.0
    return sorted(alike, key=lambda product: (sign * _number(places[product.id]), product.id))


def ranks(products: Sequence[Product], extreme: Extreme, buyers: Callable[[str], int]) -> dict[str, int]:
    """The place of each of the products that `at_the_end` gave, from 1; equal ones share theirs."""
    found: dict[str, int] = {}
    last: tuple[float, int] | None = None
    for product in products:
        place = _place(product, extreme.scale, buyers)
        found[product.id] = len(set(found.values())) if place == last else len(set(found.values())) + 1
        last = place
    return found


def attribute_of(product: Product, extreme: Extreme) -> Attribute | None:
    """The attribute that says where a product stands on the scale."""
    return next((attribute for attribute in product.attributes if attribute.key == extreme.scale), None)


def _place(product: Product, scale: str, buyers: Callable[[str], int]) -> tuple[float, int] | None:
    """Where a product stands: a number, and the family of its unit."""
    if scale == PRICE:
        prices = [variant.price.minor for variant in product.variants if variant.stock > 0]
        return (float(min(prices)), 0) if prices else None
    if scale == SALES:
        return float(buyers(product.id)), 0
    attribute = next((attribute for attribute in product.attributes if attribute.key == scale), None)
    match = _MEASURE.search(normal(attribute.value.zh or attribute.value.en)) if attribute else None
    if match is None:
        return None
    unit = match.group(2)
    family = next(n for n, units in enumerate(_FAMILIES, 1) if unit in units)
    return float(match.group(1)) * _UNITS.get(unit, 1.0), family


def _number(place: tuple[float, int] | None) -> float:
    return place[0] if place else 0.0


def _family(place: tuple[float, int] | None) -> int:
    return place[1] if place else 0
