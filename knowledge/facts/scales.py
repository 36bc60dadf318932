"""Comparisons over any property with numbers: where products stand on a scale, and in which order. Pure.

A scale is the price, or an attribute (or sentence) of each product that answers the same question; its numbers are read with
their units, so that 1.2 kg is more than 260 g.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.claims import spans
from bot.commerce import Money, Product
from bot.text import normal
from bot.types import Passage
from knowledge.facts.statements import Statement
from knowledge.facts.telling import Telling, of_shop
from knowledge.facts.variants import described
from knowledge.wording import listed, quoted

# The lower end of a scale is asked for by these, in both languages; anything else asks for its upper end.
_LEAST = re.compile(
    r"(?:最|更|比较|谁|哪个|哪款|还|要|点)?[^最更]{0,1}(?:轻|小|短|薄|便宜|低|少|窄|矮|细|实惠|省|近|静|快充)"
    r"|\b(?:light|small|short|thin|cheap|low|narrow|few|quiet|slim|compact)(?:er|est|e?st)?\b|\bmin(?:imum)?\b|\bless\b|\bleast\b|\bfewe"
)
_OF_PRICE = re.compile(
    r"less money|more money|便宜|贵|价|实惠|划算|省钱|省多少|多少钱|\bcheap|\bexpensive|\bpric|\bdear|\bafford|\bcosts?\b"
)
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_PLACES = {"二": 2, "三": 3, "四": 4, "五": 5, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH = re.compile(r"第([二三四五])|\b(second|third|fourth|fifth)\b")
# Places that are told of an ordered kind.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a product stands: the number in the scale's base, and how its table says it."""

    product: Product
    value: float
    said: str
    label: str = ""


# Adjectives of a measure that is not asked for by its name.
_OF_DIMENSION = (
    (re.compile(r"[最更较]?[轻重沉](?!新|复|磅|量|大)|\b(?:light|heavi)(?:er|est)\b"), "mass"),
    (
        re.compile(
            r"(?<!时间)(?<!时长)[最更较](?:长|短|高|矮|宽|窄|厚|薄)(?!时间)|\b(?:long|short|tall|wid|narrow|thick|thin)n?(?:er"
            r"|est)\b(?! (?:batter|last))"
        ),
        "length",
    ),
    (
        re.compile(
            r"\b(?:lasts?|runs?|life|going|charge)\b|续航|时[间长][最更较][长短]|[最更](?:久|耐用)|用得久|电.{0,4}[最更]久"
        ),
        "time",
    ),
)


def dimension_of(rest: str) -> frozenset[str]:
    """The dimension that an adjective of comparison is of; empty where it may be of several."""
    found = {dimension for pattern, dimension in _OF_DIMENSION if pattern.search(rest)}
    return frozenset(found - {"length"} if "time" in found else found)  # what "lasts longest" has no length


# What attributes of a dimension are called: an adjective asks for them without their name.
_CALLED = {"mass": "重量 weight", "length": "长度 尺寸 length dimensions", "time": "续航 使用时间 run time battery life"}


def called(rest: str) -> str:
    """What the attributes are called that the adjectives of comparison in a text ask for; the text where it has none."""
    return " ".join(_CALLED[dimension] for dimension in sorted(dimension_of(rest))) or rest


def is_of_price(rest: str) -> bool:
    """Whether a comparison is of prices."""
    return _OF_PRICE.search(rest) is not None


def asks_for_least(rest: str) -> bool:
    """Whether a text asks for the lower end of a scale."""
    return _LEAST.search(rest) is not None


def nth(rest: str) -> int:
    """Which place from its end is asked for, from 1."""
    match = _NTH.search(rest)
    return _PLACES[next(group for group in match.groups() if group)] if match else 1


def by_price(products: Sequence[Product]) -> list[Place]:
    """The products by the lowest price of what is in stock, or of anything where nothing is."""
    found = []
    for product in products:
        prices = [v.price for v in product.variants if v.stock > 0] or [v.price for v in product.variants]
        if prices:
            found.append(Place(product, float(min(prices).minor), str(min(prices))))
    return found


def by_highest_price(products: Sequence[Product], telling: Telling) -> list[Place]:
    """The products by the price of their dearest variant, which is told where the others cost less; so is that it is sold
    out: what is the dearest stays so, and whoever wants it is to know."""
    found = []
    for product in products:
        if not product.variants:
            continue
        dearest = max(product.variants, key=lambda variant: (variant.price, variant.stock > 0))
        differs = any(variant.price != dearest.price for variant in product.variants)
        told = [described(dearest, telling.language)] if differs else []
        told += [] if dearest.stock > 0 else [telling.say("暂时缺货", "out of stock now")]
        beside = telling.say(f"（{'，'.join(told)}）", f" ({', '.join(told)})") if any(told) else ""
        found.append(Place(product, float(dearest.price.minor), f"{dearest.price}{beside}"))
    return found


def by_statement(
    products: Mapping[str, Product], statements: Sequence[Statement], dimensions: frozenset[str]
) -> list[Place]:
    """The products by the numbers of their statements, those of one dimension; statements without a number have no place."""
    usual = _usual_dimension(statements, dimensions)
    found = []
    for statement in statements:
        number = _number(statement, usual)
        if number is not None:
            found.append(Place(products[statement.product_id], number, statement.text, statement.label))
    return found


def compared(places: Sequence[Place], rest: str, telling: Telling, *, of_price: bool) -> Passage:
    """Two products and more, each with its value, and which is ahead where numbers tell."""
    ordered = sorted(places, key=lambda place: place.value)
    said = [
        f"{quoted(p.product, telling.language)}{telling.say('：', ': ')}{_value(p, telling).rstrip('。.')}" for p in places
    ]
    text = telling.say("；", "; ").join(said) + telling.say("。", ".")
    first, last = ordered[0], ordered[-1]
    if of_price:
        ahead = first if asks_for_least(rest) else last
        off = Money(int(last.value - first.value), first.product.variants[0].price.currency)
        name = quoted(ahead.product, telling.language)
        if first.value == last.value:
            text = telling.say("价格一样。", "They cost the same. ") + text
        elif asks_for_least(rest):
            text = telling.say(f"{name}便宜 {off}。", f"{name} is {off} cheaper. ") + text
        else:
            text = telling.say(f"{name}贵 {off}。", f"{name} is {off} dearer. ") + text
    claims = tuple(claim for place in places for claim in spans(place.product)) if of_price else ()
    return of_shop(telling, text, "attributes", telling.say("对比", "Comparison"), claims=claims)


def at_the_end(places: Sequence[Place], rest: str, telling: Telling) -> tuple[Passage, list[Place]]:
    """The product at the end of the scale that is asked for, how it stands there, and the places in order from that end."""
    least = asks_for_least(rest)
    ordered = sorted(places, key=lambda place: (place.value if least else -place.value, place.product.id))
    wanted = ordered[min(nth(rest), len(ordered)) - 1]
    ties = [place for place in ordered if place.value == wanted.value]
    names = listed([quoted(place.product, telling.language) for place in ties[:_SHOWN]], telling.language)
    text = telling.say(f"是{names}：{_value(wanted, telling)}", f"{names}: {_value(wanted, telling)}")
    if len(ordered) > len(ties):
        text += telling.say(f"（{len(ordered)} 款里比的）", f" (of {len(ordered)} compared)")
    claims = tuple(claim for place in ties[:_SHOWN] for claim in spans(place.product)) if is_of_price(rest) else ()
    title = telling.say("对比", "Comparison")
    return of_shop(telling, text + telling.say("。", "."), "attributes", title, claims=claims), ordered


def _value(place: Place, telling: Telling) -> str:
    return f"{place.label} {place.said}" if place.label else place.said


def _usual_dimension(statements: Sequence[Statement], dimensions: frozenset[str]) -> str:
    """The dimension that most statements have a quantity of; of those asked for, where any is."""
    counts: dict[str, int] = {}
    for statement in statements:
        for dimension in {quantity.dimension for quantity in statement.quantities}:
            counts[dimension] = counts.get(dimension, 0) + 1 + (len(statements) if dimension in dimensions else 0)
    return max(counts, key=lambda dimension: (counts[dimension], dimension), default="")


def _number(statement: Statement, dimension: str) -> float | None:
    measured = [quantity for quantity in statement.quantities if quantity.dimension == dimension]
    if measured:
        return measured[0].high
    if dimension:
        return None
    match = _NUMBER.search(normal(statement.text))
    return float(match.group().replace(",", "")) if match else None
