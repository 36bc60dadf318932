"""Products sought: the most and the least of a kind, counts, bounds, attributes wanted and not, and goods not sold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache

from bot.commerce import Product, Variant
from evals.truth.cases import Case, Claim, Figures, Shown, Slot, Stance, Utterance
from evals.truth.noise import in_chinese, in_english
from evals.truth.oracle.draw import Draw, major
from evals.truth.oracle.draw import label as said_label
from evals.truth.oracle.facts import clauses, measured
from evals.truth.tables import Tables, highest, lowest
from evals.truth.yaml import read

# Where some variants of a product stand among those of others; the highest is first.
Rank = Callable[[tuple[Variant, ...]], int]


def cheapest(draw: Draw) -> Case | None:
    """The cheapest of a kind."""
    return _most(draw, "cheapest", lambda variants: -min(variant.price.minor for variant in variants))


def dearest(draw: Draw) -> Case | None:
    """The dearest of a kind."""
    return _most(draw, "dearest", lambda variants: max(variant.price.minor for variant in variants))


def highest_of(draw: Draw) -> Case | None:
    """Of a kind, the one with the most of an attribute."""
    return _most_stated(draw, "highest", 1)


def lowest_of(draw: Draw) -> Case | None:
    """Of a kind, the one with the least of an attribute."""
    return _most_stated(draw, "lowest", -1)


def count(draw: Draw) -> Case | None:
    """How many products a kind has."""
    if not (found := draw.kind()):
        return None
    products, kind = found
    n = len(products)
    words = rf"{'两' if n == 2 else in_chinese(n)} ?[款种个样]|\b{in_english(n)}\b"
    claim = Figures(frozenset({Decimal(n)}), as_words=words)
    return draw.case("count", products[0].category, [Utterance("count", {"kind": kind})], [claim], str(n))


def under(draw: Draw) -> Case | None:
    """Products of a kind below a price."""
    return _bounded(draw, "under", lambda product, bound: highest(product).minor < bound)


def above(draw: Draw) -> Case | None:
    """Products of a kind above a price."""
    return _bounded(draw, "above", lambda product, bound: lowest(product).minor > bound)


def having(draw: Draw) -> Case | None:
    """Products of a kind with a value."""
    return _valued(draw, "having", wanted=True)


def lacking(draw: Draw) -> Case | None:
    """Products of a kind without a value."""
    return _valued(draw, "lacking", wanted=False)


def not_sold(draw: Draw) -> Case | None:
    """Goods of another trade."""
    goods = _not_mentioned(draw.tables)
    if not goods:
        return None
    row = draw.rng.choice(goods)
    asked = Utterance("sold", {"goods": Slot(row[draw.language])})
    claims: list[Claim] = [Stance(("not_sold",)), Shown(frozenset(), may_be_none=True)]
    return draw.case("not_sold", row["en"], [asked], claims, "not sold")


@cache
def _not_mentioned(tables: Tables) -> tuple[dict[str, str], ...]:
    return tuple(row for row in read("not_sold.yml") if not _is_mentioned(row, tables.words))


def _is_mentioned(row: dict[str, str], words: str) -> bool:
    """Whether a shop talks of goods, by any of their telling words."""
    english = [word.removesuffix("s") for word in row["en"].split() if len(word) > 3]
    return row["zh"] in words or row["zh"][-2:] in words or any(re.search(rf"\b{word}", words) for word in english)


def _most(draw: Draw, kind: str, rank: Rank) -> Case | None:
    """The first of a kind, where it is the same one with and without what is sold out."""
    if not (found := draw.kind()):
        return None
    products, word = found
    every = _firsts({product.id: product.variants for product in products}, rank)
    there = {p.id: tuple(variant for variant in p.variants if variant.stock) for p in products}
    if not any(there.values()) or every != _firsts(there, rank) or len(every) == len(products):
        return None
    first = [product for product in products if product.id in every]
    claim = Shown(frozenset(product.id for product in products), frozenset(every))
    right = _names(first, draw.language)
    return draw.case(kind, products[0].category, [Utterance(kind, {"kind": word})], [claim], right)


def _most_stated(draw: Draw, kind: str, sign: int) -> Case | None:
    if not (found := draw.kind()):
        return None
    products, word = found
    labels = {label for product in products for label in measured(product)}
    if not labels:
        return None
    label = draw.rng.choice(sorted(labels, key=lambda text: text.en))
    stated = [product for product in products if label in measured(product)]
    if any(one.label == label for product in products if product not in stated for one in product.attributes):
        return None  # "3 g × 15" has a place on the scale, too, but not one that this code can tell
    figures = {product.id: measured(product)[label] for product in stated}
    if len(stated) < 2 or len({unit for _, unit in figures.values()}) > 1 or len({n for n, _ in figures.values()}) < 2:
        return None
    best = max(sign * n for n, _ in figures.values())
    first = [product for product in stated if sign * figures[product.id][0] == best]
    claim = Shown(frozenset(product.id for product in products), frozenset(product.id for product in first))
    slots = {"kind": word, "label": said_label(label.in_(draw.language), draw.language)}
    right = " / ".join(product.name.in_(draw.language) for product in first)
    return draw.case(kind, f"{products[0].category}:{label.en}", [Utterance(kind, slots)], [claim], right)


def _firsts(variants: Mapping[str, tuple[Variant, ...]], rank: Rank) -> set[str]:
    ranks = {product_id: rank(some) for product_id, some in variants.items() if some}
    return {product_id for product_id, its in ranks.items() if its == max(ranks.values())}


def _bounded(draw: Draw, kind: str, fits: Callable[[Product, int], bool]) -> Case | None:
    """A bound that no product has variants on both sides of, nor a price at."""
    if not (found := draw.kind()):
        return None
    products, word = found
    low, high = min(lowest(p).minor for p in products), max(highest(p).minor for p in products)
    unit = Decimal(10) ** (2 if major(100, draw.tables.currency) == 1 else 0)
    step = int(unit * 10)
    bound = draw.rng.randrange(low // step, high // step + 2) * step
    if bound <= 0 or any(lowest(p).minor <= bound <= highest(p).minor for p in products):
        return None
    fitting = [product for product in products if fits(product, bound)]
    claims: list[Claim] = [Shown(frozenset(product.id for product in fitting))] if fitting else [Stance(("absent",))]
    amount = f"{major(bound, draw.tables.currency):f}"
    asked = Utterance(kind, {"kind": word, "amount": Slot(amount)})
    return draw.case(kind, f"{products[0].category}:{amount}", [asked], claims, _names(fitting, draw.language))


def _valued(draw: Draw, kind: str, *, wanted: bool) -> Case | None:
    """A value that some of a kind state, and others do not though they state something else there."""
    if not (found := draw.kind()):
        return None
    products, word = found
    stated = [one for product in products for one in product.attributes]
    if not stated:
        return None
    one = draw.rng.choice(stated)
    value, *more = clauses(one.value.in_(draw.language))
    if more and re.search(r"\d", value):  # a figure of several, such as each variant's own
        return None
    values = {p.id: [a.value.in_(draw.language) for a in p.attributes if a.key == one.key] for p in products}
    having = [p for p in products if any(_says(text, value) for text in values[p.id])]
    if any(value.lower() in text.lower() for p in products if p not in having for text in values[p.id]):
        return None  # "可" stands in "不可", too, and nobody is to say which of the two that is
    others = [p for p in products if values[p.id] and p not in having]
    if not others:
        return None
    fitting = having if wanted else [p for p in products if p not in having]
    slots = {"kind": word, "label": said_label(one.label.in_(draw.language), draw.language), "value": Slot(value)}
    claims = [Shown(frozenset(product.id for product in fitting))]
    about = f"{products[0].category}:{one.key}:{one.value.en}"
    return draw.case(kind, about, [Utterance(kind, slots)], claims, _names(fitting, draw.language))


def _says(text: str, value: str) -> bool:
    """Whether a text says a value, without a word before it that denies it."""
    return re.search(rf"(?<![不非无未])(?<!not )(?<!non-){re.escape(value)}", text, re.IGNORECASE) is not None


def _names(products: list[Product], language: str) -> str:
    return ", ".join(product.name.in_(language) for product in products) or "none"
