"""What a catalogue says of a product: its attributes, and its description cut at the stops. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.commerce import Product
from bot.text import normal
from knowledge.lexicon.quantities import Quantity, quantities

_ENDS = {";": ".", "；": "。"}
_STOPS = re.compile(r"(?<=[。！？；])|(?<=[.!?;])(?=\s|$)")
# Weights of variants that are further apart are of different things.
_ALIKE = 2
_WEIGHT = ("重量", "Weight")
_SIZES = ("规格尺寸", "Size")
_WEIGHTS = frozenset({"重量", "自重", "净重", "单只重量", "weight", "net weight", "weight of one"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is told of a product, in one language. `label` is an attribute's name, empty for a sentence.

    `key` is the attribute's, `other` the same in the other language: what people ask for may only stand there.
    """

    product_id: str
    key: str
    label: str
    text: str
    other: str = ""

    @property
    def whole(self) -> str:
        """Label and text as one, the way it is embedded."""
        return f"{self.label}: {self.text}" if self.label else self.text

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities that it states."""
        return quantities(normal(self.text))


def is_own_weight(statement: Statement) -> bool:
    """Whether a statement says what the product itself weighs."""
    return statement.label.lower() in _WEIGHTS


def is_of_sizes(statement: Statement) -> bool:
    """Whether a statement says what the sizes of a product's variants measure, which no attribute says."""
    return statement.label in _SIZES


def statements(product: Product, language: str) -> tuple[Statement, ...]:
    """Everything told of a product in a language, attributes first; what is missing there is taken from the other.

    What its variants measure is told, too, where no attribute is called so: a saddle's sizes are how wide it is.
    """
    return tuple(_told(product, language))


def _told(product: Product, language: str) -> Iterator[Statement]:
    other = "zh" if language == "en" else "en"
    for a in product.attributes:
        whole = f"{a.label.in_(other)} {a.value.in_(other)}"
        yield Statement(product.id, a.key, a.label.in_(language), a.value.in_(language), whole)
    if not any(attribute.label.in_(language).lower() in _WEIGHTS for attribute in product.attributes):
        weights = sorted({variant.weight_g for variant in product.variants if variant.weight_g})
        if weights and weights[-1] <= weights[0] * _ALIKE:
            span = f"{weights[0]} g" if len(weights) == 1 else f"{weights[0]}–{weights[-1]} g"
            yield Statement(product.id, "weight", _WEIGHT[language == "en"], span)
    if measures := _measures(product, language):
        yield Statement(product.id, "size", _SIZES[language == "en"], measures, f"{_SIZES[language != 'en']} {measures}")
    for sentence in sentences(product.description.in_(language)):
        yield Statement(product.id, "", "", sentence)


def _measures(product: Product, language: str) -> str:
    """What the sizes of a product's variants measure, by colour where these differ; empty where a size is no measure, or an
    attribute says the same."""
    sizes = [variant.size for variant in product.variants]
    if len(set(sizes)) < 2 or not all(_is_measure(size) for size in sizes):
        return ""
    stated = " ".join(f"{normal(a.value.zh)} {normal(a.value.en)}" for a in product.attributes)
    if all(normal(size) in stated for size in sizes):
        return ""
    by_color: dict[str, list[str]] = {}
    for variant in product.variants:
        by_color.setdefault(variant.color.in_(language), []).append(variant.size)
    if len({tuple(of) for of in by_color.values()}) == 1:
        by_color = {"": next(iter(by_color.values()))}
    return ("；" if language != "en" else "; ").join(f"{color} {'/'.join(of)}".strip() for color, of in by_color.items())


def _is_measure(size: str) -> bool:
    """Whether a size is a quantity with its unit, and nothing else."""
    plain = normal(size)
    found = quantities(plain)
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(plain))


@lru_cache(16_384)
def sentences(text: str) -> tuple[str, ...]:
    """A text cut at its stops; a point inside a number is none. What ended with a semicolon ends a sentence now."""
    return tuple(
        f"{piece[:-1]}{_ENDS[piece[-1]]}" if piece[-1] in _ENDS else piece
        for part in _STOPS.split(text)
        if (piece := part.strip())
    )
