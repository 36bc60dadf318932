"""Critiques of what is shown: "cheaper", "not this colour", "like the second but in wool". Pure.

Critiquing in a search is that of Burke, Hammond and Young, "The FindMe approach to assisted browsing" (IEEE Expert, 1997):
each critique is a demand on one aspect, taken against the products that were shown when it was said. Values and labels are
those of the shop's own tables; the forms of the words are data (critiques.yml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML

from bot.commerce import Product
from bot.text import normal
from bot.types import NARROW, Said
from knowledge.lexicon.grams import without_spans
from knowledge.recommend.aspects import COLOR, KIND, PRICE, aspects, dimension, number, values

_FILE = Path(__file__).with_name("critiques.yml")
_NARROW = re.compile(rf"/{NARROW}(\{{.*\}})", re.DOTALL)
_PLACES = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
# A critique is short, and next to nothing of it is not understood.
_LONGEST = 60
_NOT_UNDERSTOOD = 3

Span = tuple[int, int]
# Normalised values to the aspects that have them.
Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Demand:
    """What must hold of one aspect: it has one of `values` (or, not `wanted`, none), or its number is beyond a bound."""

    aspect: str
    values: frozenset[str] = frozenset()
    wanted: bool = True
    below: float | None = None
    above: float | None = None

    def met_by(self, product: Product) -> bool:
        """Whether it holds. A product that says nothing of the aspect has not what is not wanted, and nothing else."""
        if self.below is not None or self.above is not None:
            found = number(product, self.aspect)
            return found is not None and _beyond(found, self.below, self.above)
        has = values(product, self.aspect)
        if self.aspect == COLOR and not self.wanted:
            return bool(has - self.values) or not has
        return self.wanted is any(value == one or (len(value) > 1 and value in one) for value in self.values for one in has)


@dataclass(frozen=True, slots=True)
class Critique:
    """What is demanded, and which of the products shown others should be like. Without demands: others than these."""

    demands: tuple[Demand, ...] = ()
    like: str = ""


def read_critique(text: str, shown: Sequence[Product], known: Values) -> Critique | None:
    """The critique that a text is of the products shown, in the shop's `known` values; None where it is none."""
    if (pressed := picked(text)) is not None:
        return Critique((pressed,))
    plain = normal(text)
    if not plain or len(plain) > _LONGEST or _form("question").search(plain):
        return None
    like, taken = _likened(plain, shown)
    against = [like] if like else shown
    demands: list[Demand] = []
    for read in (_of_price, _of_color, _of_measure):
        demands += read(without_spans(plain, taken), against, taken)
    demands += _of_values(without_spans(plain, taken), shown, known, taken)
    taken += [match.span() for match in _form("others").finditer(plain)]
    left = _form("filler").sub("", without_spans(plain, taken))
    if not taken or len(left.strip()) > _NOT_UNDERSTOOD:
        return None
    return Critique(tuple(demands), like.id if like else "")


def picked(text: str) -> Demand | None:
    """What a button of a question demands; None for what is no such button's payload."""
    match = _NARROW.fullmatch(text.strip())
    try:
        body: Any = orjson.loads(match.group(1)) if match else None
    except orjson.JSONDecodeError:
        return None
    aspect, value = (str(body.get(name, "")) for name in ("aspect", "value")) if isinstance(body, dict) else ("", "")
    return Demand(aspect, frozenset({value})) if aspect and value else None


def all_demands(said: Sequence[Said], products: Mapping[str, Product], known: Values) -> tuple[tuple[Demand, ...], str]:
    """The demands of a whole search, oldest first, and the product that others should be like since the last critique.

    Where a value is demanded of an aspect, what was demanded of it before is over.
    """
    demands: list[Demand] = []
    like = ""
    for one in said[1:]:
        critique = read_critique(one.text, [products[name] for name in one.shown if name in products], known)
        if critique is None:
            continue
        settled = {d.aspect for d in critique.demands if d.values and d.wanted}
        demands = [d for d in demands if d.aspect not in settled] + list(critique.demands)
        like = critique.like
    return tuple(demands), like


def kept_to(demands: Sequence[Demand], products: Sequence[Product]) -> tuple[list[Product], int]:
    """The products that meet the demands, and how many were given up for that, the oldest first; none where not even the
    last is met."""
    for first in range(len(demands)):
        if met := [p for p in products if all(d.met_by(p) for d in demands[first:])]:
            return met, first
    return ([], len(demands)) if demands else (list(products), 0)


def _beyond(value: float, below: float | None, above: float | None) -> bool:
    return (below is None or value < below) and (above is None or value > above)


def _likened(plain: str, shown: Sequence[Product]) -> tuple[Product | None, list[Span]]:
    match = _form("like").search(plain)
    if match is None:
        return None, []
    word = match.group("zh") or match.group("en")
    place = _PLACES[word] if word in _PLACES else int(word) - 1
    return (shown[place], [match.span()]) if place < len(shown) else (None, [])


def _of_price(plain: str, shown: Sequence[Product], taken: list[Span]) -> list[Demand]:
    prices = [price for product in shown if (price := number(product, PRICE)) is not None]
    for form, lower in (("cheaper", True), ("dearer", False)):
        if prices and (match := _form(form).search(plain)):
            taken.append(match.span())
            return [Demand(PRICE, below=min(prices)) if lower else Demand(PRICE, above=max(prices))]
    return []


def _of_color(plain: str, shown: Sequence[Product], taken: list[Span]) -> list[Demand]:
    match = _form("other_color").search(plain)
    if match is None:
        return []
    taken.append(match.span())
    return [Demand(COLOR, frozenset().union(*(values(p, COLOR) for p in shown)), wanted=False)]


def _of_measure(plain: str, shown: Sequence[Product], taken: list[Span]) -> list[Demand]:
    """A direction with the label of a measure, or else with an adjective of its dimension."""
    found = [(match, more) for form, more in (("more", True), ("less", False)) if (match := _form(form).search(plain))]
    if not found:
        return []
    match, more = min(found, key=lambda pair: pair[0].start())
    named = _named(plain, shown)
    keys = [key for key, _ in named] or _of_adjective(match.group(), shown)
    measured = [(key, [n for p in shown if (n := number(p, key)) is not None]) for key in keys]
    taken += [match.span(), *(span for _, span in named)]
    demands = [Demand(k, above=max(n)) if more else Demand(k, below=min(n)) for k, n in measured if n]
    return demands[:1]


def _named(plain: str, shown: Sequence[Product]) -> list[tuple[str, Span]]:
    """The aspects whose labels are said, the longest label first, each with its place."""
    labels = {
        normal(label): one.key for product in shown for one in product.attributes for label in (one.label.zh, one.label.en)
    }
    said = [
        (key, (at, at + len(label))) for label, key in labels.items() if len(label) > 1 and (at := plain.find(label)) >= 0
    ]
    return sorted(said, key=lambda pair: pair[1][0] - pair[1][1])[:1]


def _of_adjective(word: str, shown: Sequence[Product]) -> list[str]:
    wanted: Sequence[str] = next((one["dimensions"] for one in _forms()["adjectives"] if re.search(one["form"], word)), [])
    keys = [(key, dimension(p, key)) for p in shown for key in aspects([p])]
    return list(dict.fromkeys(key for dim in wanted for key, of in keys if of == dim))


def _of_values(plain: str, shown: Sequence[Product], known: Values, taken: list[Span]) -> list[Demand]:
    """Values of the shop's tables that are said, the longest first: colours, sizes, and what attributes state."""
    demands: list[Demand] = []
    for value in sorted((v for v in known if v in plain), key=lambda v: (-len(v), v)):
        match = _word(value).search(without_spans(plain, taken))
        if match is None:
            continue
        before = _form("not").search(plain[: match.start()])
        demands.append(Demand(_aspect(known[value], shown), frozenset({value}), wanted=before is None))
        taken += [match.span(), *([before.span()] if before else [])]
    return demands


def _aspect(among: frozenset[str], shown: Sequence[Product]) -> str:
    """Of several aspects that have a value the one that what is shown has, too."""
    return max(sorted(among), key=lambda aspect: sum(bool(values(p, aspect)) for p in shown))


def known_values(sold: Iterable[Product]) -> Values:
    """What the products of a shop have that can be said alone, each with the aspects that have it."""
    found: dict[str, set[str]] = {}
    for product in sold:
        for aspect in aspects([product])[2:]:
            for value in values(product, aspect):
                found.setdefault(value, set()).add(aspect)
        for name in (product.category_name.zh, product.category_name.en):
            found.setdefault(normal(name), set()).add(KIND)
    return {value: frozenset(of) for value, of in found.items() if len(value) > 1}


@cache
def _word(value: str) -> re.Pattern[str]:
    """Finds a value as it stands alone."""
    start = r"(?<![a-z0-9])" if value[0].isascii() and value[0].isalnum() else ""
    end = r"(?![a-z0-9])" if value[-1].isascii() and value[-1].isalnum() else ""
    return re.compile(start + re.escape(value) + end)


@cache
def _forms() -> Mapping[str, Any]:
    forms: Mapping[str, Any] = YAML(typ="safe").load(_FILE.read_text("utf-8"))
    return forms


@cache
def _form(name: str) -> re.Pattern[str]:
    return re.compile(_forms()[name])
