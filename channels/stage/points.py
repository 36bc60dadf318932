"""What can be said of a product: its facts as points, each with the claims that it makes. Pure.

A point exists only where the tables have a value for it. What the tables claim now is all that the points claim, so that a
sentence is true exactly while its claims are among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from bot.commerce import Attribute, SizeRow, Text
from bot.types import Claim
from channels.stage.claims import Claims, Point, Shown, Span, Value
from channels.stage.facts import Facts

# So few pieces are said by their number.
FEW = 10
PLENTY, SCARCE, SOLD_OUT = "plenty", "few", "sold out"
# The topics of `narration.yml`, with what their words may show.
TOPICS: Mapping[str, frozenset[str]] = {
    topic: frozenset(fields.split())
    for topic, fields in {
        "opening": "name",
        "more": "name",
        "bridge": "name",
        "closing": "name link",
        "about": "name about",
        "property": "name label value",
        "warranty": "name months",
        "final_sale": "name reason",
        "colors": "name colors",
        "sizes": "name sizes",
        "size_help": "name size height weight",
        "price": "name price",
        "former": "name price former saved",
        "to_pay": "name price to_pay",
        "offer": "name offer",
        "offer_end": "name offer ends",
        "in_stock": "name",
        "few": "name pieces",
        "sold_out": "name",
        "back": "name",
        "price_fell": "name price",
        "correction": "name price",
        "thanks": "viewer",
    }.items()
}


def points(facts: Facts) -> tuple[Point, ...]:
    """All that can be said of a product that can be bought; of another one only that it is sold out."""
    if not facts.sellable:
        return (_point(facts, "sold_out", {}, {"stock": SOLD_OUT}),)
    return tuple(chain(_naming(facts), _describing(facts), _choices(facts), _prices(facts), _offers(facts), _stock(facts)))


def stated(facts: Facts) -> Claims:
    """Every claim that the tables make of a product now."""
    return frozenset(chain.from_iterable(point.claims for point in points(facts)))


def stock_of(facts: Facts) -> str:
    """`plenty`, `few` or `sold out`."""
    if not facts.sellable:
        return SOLD_OUT
    return SCARCE if facts.pieces <= FEW else PLENTY


def news(before: Facts, after: Facts) -> tuple[Point, ...]:
    """What has changed of a product so that viewers should hear it now: its price, that it is gone, back or nearly gone."""
    old, new = stock_of(before), stock_of(after)
    if new == SOLD_OUT:
        return points(after) if old != SOLD_OUT else ()
    found = {point.topic: point for point in points(after)}
    told = []
    if old == SOLD_OUT:
        told.append(_point(after, "back", {}, {}))
    elif old == PLENTY and new == SCARCE:
        told.append(found["few"])
    if before.prices is not None and before.prices != after.prices:
        fell = after.prices is not None and after.prices[1] < before.prices[0]
        told.append(replace(found["correction"], topic="price_fell") if fell else found["correction"])
    return tuple(told)


def _naming(facts: Facts) -> Iterator[Point]:
    for topic in ("opening", "more", "bridge"):
        yield _point(facts, topic, {}, {})
    if facts.link is not None:
        yield _point(facts, "closing", {"link": facts.link}, {"link": facts.link})


def _describing(facts: Facts) -> Iterator[Point]:
    product = facts.product
    if product.description != Text():
        yield _point(facts, "about", {"about": product.description}, {"description": product.description})
    for attribute in product.attributes:
        yield _property(facts, attribute)
    if product.warranty_months:
        months = product.warranty_months
        yield _point(facts, "warranty", {"months": months}, {"warranty_months": months})
    if not product.returnable and product.final_sale_reason != Text():
        reason = product.final_sale_reason
        yield _point(facts, "final_sale", {"reason": reason}, {"final_sale": reason})


def _property(facts: Facts, attribute: Attribute) -> Point:
    values: dict[str, Shown] = {"label": attribute.label, "value": attribute.value}
    return _point(facts, "property", values, {f"attribute:{attribute.key}": (attribute.label, attribute.value)})


def _choices(facts: Facts) -> Iterator[Point]:
    colors = tuple(dict.fromkeys(v.color for v in facts.sellable if v.color != Text()))
    sizes = tuple(dict.fromkeys(v.size for v in facts.sellable if v.size))
    if len(colors) > 1:
        yield _point(facts, "colors", {"colors": colors}, {"colors": colors})
    if len(sizes) > 1:
        yield _point(facts, "sizes", {"sizes": sizes}, {"sizes": sizes})
    for row in facts.product.size_chart:
        if row.size in sizes and row.height_cm and row.weight_kg:
            yield _size_help(facts, row, row.height_cm, row.weight_kg)


def _size_help(facts: Facts, row: SizeRow, height: tuple[float, float], weight: tuple[float, float]) -> Point:
    values: dict[str, Shown] = {"size": row.size, "height": Span(*height), "weight": Span(*weight)}
    return _point(facts, "size_help", values, {f"size:{row.size}": (f"{height} cm", f"{weight} kg")})


def _prices(facts: Facts) -> Iterator[Point]:
    if facts.prices is None:
        return
    low, high = facts.prices
    claims: dict[str, Value] = {"price_from": low, "price_to": high}
    price: dict[str, Shown] = {"price": Span(low, high)}
    for topic in ("price", "correction"):
        yield _point(facts, topic, price, claims)
    if facts.former is not None:
        values = price | {"former": facts.former, "saved": facts.former - low}
        yield _point(facts, "former", values, claims | {"former": facts.former})
    if facts.to_pay is not None:
        yield _point(facts, "to_pay", price | {"to_pay": facts.to_pay}, claims | {"to_pay": facts.to_pay})


def _offers(facts: Facts) -> Iterator[Point]:
    for offer in facts.offers:
        values: dict[str, Shown] = {"offer": offer.name}
        terms = (offer.kind, offer.value, str(offer.min_spend or ""))
        claims: dict[str, Value] = {f"offer:{offer.id}": offer.name, f"terms:{offer.id}": terms}
        yield _point(facts, "offer", values, claims)
        if offer.ends_at is not None:
            ends: dict[str, Value] = {f"ends_at:{offer.id}": offer.ends_at}
            yield _point(facts, "offer_end", values | {"ends": offer.ends_at}, claims | ends)


def _stock(facts: Facts) -> Iterator[Point]:
    if stock_of(facts) == SCARCE:
        yield _point(facts, "few", {"pieces": facts.pieces}, {"stock": SCARCE, "pieces": facts.pieces})
    else:
        yield _point(facts, "in_stock", {}, {"stock": PLENTY})


def _point(facts: Facts, topic: str, values: dict[str, Shown], claims: dict[str, Value]) -> Point:
    """A point of the product: that it has its name, and whether it can be bought, is claimed with everything."""
    product = facts.product
    always: dict[str, Value] = {"name": product.name, "for_sale": int(bool(facts.sellable))}
    all_of_it = frozenset(Claim(product.id, aspect, str(value)) for aspect, value in (always | claims).items())
    return Point(topic, product.id, {"name": product.name} | values, all_of_it)
