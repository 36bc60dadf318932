"""A simulated customer with one product in mind, who says what is true of it. Knows the tables and nothing of the bot."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML

from bot.commerce import Attribute, Product
from bot.types import Button

_FILE = Path(__file__).with_name("phrasings.yml")
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*([^\d\s]*)")
_PRESSED = re.compile(r"/narrow(\{.*\})")
# How often a button is typed rather than pressed, and the openings, each as likely as the others.
TYPED = 0.3
OPENINGS = ("kind", "property", "budget", "nothing")
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer says, and which sort of thing that is."""

    text: str
    sort: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who has `target` in mind."""

    target: Product
    language: str
    rng: random.Random

    def opens(self) -> Said:
        """The first message: a kind, a property, a budget that the product is within, or nothing in particular."""
        sort = self.rng.choice(OPENINGS)
        price = _price(self.target)
        most = -(-price // 5_000) * 50
        stated = [text for one in self.target.attributes if len(text := one.value.in_(self.language)) <= _LONGEST]
        if sort == "property" and not stated:
            sort = "nothing"
        return self._say(sort, kind=self._kind(), most=most, value=self.rng.choice(stated or [""]).lower())

    def goes_on(self, shown: Sequence[Product], buttons: Sequence[Button]) -> Said:
        """The answer to what was asked, where one of the answers is true; else a critique of what was shown."""
        if (answer := self._answer(buttons)) is not None:
            text = answer.title if self.rng.random() < TYPED else answer.payload
            return Said(text, "answer")
        found = list(self._critiques(shown)) if shown else [self._say("other_kind", kind=self._kind())]
        return self.rng.choice(found) if found else self._say("others")

    def _answer(self, buttons: Sequence[Button]) -> Button | None:
        for button in buttons:
            match = _PRESSED.fullmatch(button.payload)
            if match and self._has(**orjson.loads(match.group(1))):
                return button
        return None

    def _has(self, aspect: str, value: str) -> bool:
        target = self.target
        if aspect == "group":
            return target.category.startswith(f"{value}/") or target.category == value
        if aspect == "kind":
            return target.category == value
        if aspect == "color":
            return value in {v.color.zh.lower() for v in target.variants if v.stock > 0}
        return any(one.key == aspect and value in (one.value.zh.lower(), one.value.en.lower()) for one in target.attributes)

    def _critiques(self, shown: Sequence[Product]) -> Iterator[Said]:
        """Everything that is true of the target against what is shown."""
        prices = [_price(product) for product in shown]
        if _price(self.target) < min(prices):
            yield self._say("cheaper")
        if _price(self.target) > max(prices):
            yield self._say("dearer")
        if all(product.category != self.target.category for product in shown):
            yield self._say("other_kind", kind=self._kind())
            return
        yield from self._of_colors(shown)
        for one in self.target.attributes:
            yield from self._of_attribute(one, shown)

    def _of_colors(self, shown: Sequence[Product]) -> Iterator[Said]:
        mine, theirs = self._colors(self.target), {color for product in shown for color in self._colors(product)}
        if mine and theirs and not mine & theirs:
            yield self._say("color", color=sorted(mine)[0])
            yield self._say("not_color")

    def _of_attribute(self, mine: Attribute, shown: Sequence[Product]) -> Iterator[Said]:
        theirs = [(n, one) for n, product in enumerate(shown[:3]) for one in product.attributes if one.key == mine.key]
        if not theirs:
            return
        label = mine.label.in_(self.language).lower()
        if (own := _measure(mine)) and all((m := _measure(one)) and m[1] == own[1] for _, one in theirs):
            numbers = [m[0] for _, one in theirs if (m := _measure(one))]
            if own[0] > max(numbers):
                yield self._say("more", label=label)
            if own[0] < min(numbers):
                yield self._say("less", label=label)
            return
        value = mine.value.in_(self.language).lower()
        if len(value) > _LONGEST:
            return
        for n, one in theirs:
            other = one.value.in_(self.language).lower()
            if other != value and shown[n].category == self.target.category:
                yield self._say("value", value=value, place=_phrasings(self.language)["places"][n])
                if value not in other and other not in value and len(other) <= _LONGEST:
                    yield self._say("not_value", value=other)

    def _kind(self) -> str:
        return self.target.category_name.in_(self.language).lower()

    def _colors(self, product: Product) -> set[str]:
        return {v.color.in_(self.language).lower() for v in product.variants if v.stock > 0} - {""}

    def _say(self, sort: str, **of: Any) -> Said:
        return Said(self.rng.choice(_phrasings(self.language)[sort]).format(**of), sort)


def _price(product: Product) -> int:
    return min(variant.price.minor for variant in product.variants if variant.stock > 0)


def _measure(one: Attribute) -> tuple[float, str] | None:
    """The number and unit of a value that is nothing else."""
    match = _MEASURE.fullmatch(one.value.en or one.value.zh)
    return (float(match.group(1)), match.group(2)) if match else None


def is_for_sale(product: Product) -> bool:
    """Whether anybody can have it in mind."""
    return product.active and any(variant.stock > 0 for variant in product.variants)


@cache
def _phrasings(language: str) -> Mapping[str, Sequence[str]]:
    read: Callable[[str], Any] = YAML(typ="safe").load
    phrasings: Mapping[str, Sequence[str]] = read(_FILE.read_text("utf-8"))[language]
    return phrasings
