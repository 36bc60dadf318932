"""How large a thing is, as a product's attributes state it: "46 × 30 × 14 cm", "32 cm wide, 9 cm deep". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.commerce import Product, Text
from bot.text import normal

# What attributes are called that state how large a product is as a whole.
_CALLED = re.compile(r"dimensions?|measurements?|overall size|^sizes?$|尺寸|大小|长宽高|外形")
# Centimetres in each unit that lengths of things are stated in.
UNITS = {
    "mm": 0.1, "毫米": 0.1, "cm": 1, "厘米": 1, "公分": 1, "m": 100, "米": 100, "in": 2.54, "inch": 2.54, "inches": 2.54,
    '"': 2.54, "″": 2.54, "英寸": 2.54, "寸": 2.54, "ft": 30.48, "feet": 30.48, "foot": 30.48, "英尺": 30.48,
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
# "10/12": a thing that is higher at one end than at the other.
_NUMBER = r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)?"
_EDGE = rf"({_NUMBER})\s*({_UNIT})?"
_BY = r"\s*[x×*]\s*"
_TIMES = re.compile(rf"{_EDGE}{_BY}{_EDGE}(?:{_BY}{_EDGE})?(?![a-z])")
_ONE = re.compile(rf"(?<![\d.\-–~/])({_NUMBER})\s*({_UNIT})(?![a-z])")


@dataclass(frozen=True, slots=True)
class Size:
    """The edges of the box around a thing in centimetres, longest first: two or three of them. `text` states them."""

    edges: tuple[float, ...]
    text: Text = field(default_factory=Text)

    def __str__(self) -> str:
        return " × ".join(f"{edge:g}" for edge in self.edges) + " cm"


def size_of(product: Product) -> Size | None:
    """The size that a product's attributes state; None where none does."""
    for one in product.attributes:
        labels = (one.key, normal(one.label.zh), normal(one.label.en))
        if any(_CALLED.search(label) for label in labels) and (edges := stated_edges(one.value.in_("en"))):
            return Size(edges, one.value)
    return None


def stated_edges(text: str) -> tuple[float, ...]:
    """The two or three edges that a text states, in centimetres, longest first.

    None where it states a range ("62-135 cm"), one length alone, or numbers without a unit.
    """
    plain = normal(text)
    if match := _TIMES.search(plain):
        *edges, unit = match.groups()
        numbers, units = edges[::2], [*edges[1::2], unit]
        shared = next((said for said in reversed(units) if said), None)
        if shared is None:
            return ()
        return _sorted(_number(n) * UNITS[own or shared] for n, own in zip(numbers, units, strict=True) if n)
    lengths = [_number(match.group(1)) * UNITS[match.group(2)] for match in _ONE.finditer(plain)]
    return _sorted(lengths) if 2 <= len(lengths) <= 3 else ()


def _number(said: str) -> float:
    return max(float(part) for part in said.split("/"))


def _sorted(edges: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted((round(edge, 2) for edge in edges), reverse=True))
