"""Wishes that name an attribute and a value of it as the shop writes them: "filters with noise 32 dB". Pure.

Labels and values are those of the shop's own tables, so that such a wish is no guess: a product states the value under that
label, or it does not. What is said before them turns the wish round: "except", "不要".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.commerce import Attribute, Product
from bot.text import normal
from knowledge.facts.wishes import bounds
from knowledge.lexicon.grams import overlapping, without_spans

Span = tuple[int, int]

# What cuts a value into parts that are said alone.
_CLAUSES = re.compile(r"[,，、;；:：()（）]| with | and | or ")
_TOKENS = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]")
# What turns a wish round, where it stands right before the label or the value.
_TURNED = re.compile(
    r"(?:(?<![是有要])不(?:想?要|是|含|带|喜欢)?|别(?:给我|要|是|推|选|带)?|非|除了|除去|排除|(?<!有)没有?|无)"
    r"(?:给我|推荐|有|是|那种|这种)?\s*$"
    r"|\b(?:not?|without|except(?: for)?|other than|anything but|excluding|(?:is|are|does|do|has|have)n['’]?t)\s+"
    r"(?:(?:have|has|having|with|of|in|an?|the|any|made of)\s+)*$"
)
# A value that a clause denies is not stated by it: "描金不可" says no 可.
_DENIED = re.compile(r"(?:[不非无未没]|\bnot? |\bnon-?)$")
_HAN = "㐀-鿿"


@dataclass(frozen=True, slots=True)
class Stated:
    """A value of an attribute that is wanted or, with `wanted` False, not wanted; `spans` is where label and value stand."""

    label: str
    value: str
    wanted: bool
    spans: tuple[Span, ...]

    def of(self, product: Product) -> list[Attribute]:
        """What a product states under the label."""
        return [a for a in product.attributes if self.label in (normal(a.label.zh), normal(a.label.en))]

    def holds(self, product: Product) -> bool | None:
        """Whether a product states the value; None where it states nothing under the label."""
        told = self.of(product)
        return any(says(text, self.value) for a in told for text in (a.value.zh, a.value.en)) if told else None

    def kept_by(self, product: Product) -> bool:
        """Whether a product is as wished. One that states nothing under the label has not what is not wanted."""
        return bool(self.holds(product)) is self.wanted


def stated_wishes(plain: str, products: Sequence[Product]) -> tuple[Stated, ...]:
    """The wishes of a normalised text that name a label and a value of some of these products, the longest of each."""
    found: list[Stated] = []
    taken: list[Span] = []
    limits = [span for _, span in bounds(plain)]
    for label, texts in sorted(_labels(products).items(), key=lambda pair: (-len(pair[0]), pair[0])):
        free = without_spans(plain, taken)
        if not _places(label, free, plural=True):
            continue
        for value in sorted(texts, key=lambda text: (-len(text), text)):
            pair = _pair(label, value, free)
            if pair is None or sum(overlapping(*span, [pair[1]]) for span in limits) > len(bounds(value)):
                continue  # "over 500 ml" wishes no 500 ml
            before = without_spans(plain, pair)  # 类别 ends in a 别 that denies nothing
            turned = any(_TURNED.search(before[:start]) for start, _ in pair)
            found.append(Stated(label, value, not turned, pair))
            taken += pair
            break
    return tuple(found)


def says(text: str, value: str) -> bool:
    """Whether a stated text says a value and does not deny it: "橡胶大底" says 橡胶, "13.5 g" does not say "3.5 g"."""
    plain = normal(text)
    return any(not _DENIED.search(plain[:start]) for start, _ in _places(value, plain))


def clauses(value: str) -> list[str]:
    """The parts of a value that are said alone, beside the whole of it."""
    plain = normal(value)
    return [text for text in dict.fromkeys((plain, *(part.strip() for part in _CLAUSES.split(plain)))) if text]


def _labels(products: Iterable[Product]) -> dict[str, set[str]]:
    """The labels of products, each with everything that is stated under it."""
    found: dict[str, set[str]] = {}
    for product in products:
        for a in product.attributes:
            for label in filter(None, (normal(a.label.zh), normal(a.label.en))):
                found.setdefault(label, set()).update(*(clauses(text) for text in (a.value.zh, a.value.en) if text))
    return found


def _pair(label: str, value: str, plain: str) -> tuple[Span, Span] | None:
    """Where a label and a value stand beside each other in a text; one sign or a bare number only right by the label."""
    for place in _places(value, plain):
        for at in _places(label, without_spans(plain, [place]), plural=True):
            between = plain[min(at[1], place[1]) : max(at[0], place[0])]
            if len(value) > 1 and not value.isdigit():
                return at, place
            if len(between) < 4 and not re.match(rf"(?!的)[{_HAN}]", plain[place[1] :]):
                return at, place
    return None


@lru_cache(16_384)
def _pattern(words: str, *, plural: bool) -> re.Pattern[str]:
    """Finds words as they stand alone, however they are spaced."""
    tokens = _TOKENS.findall(words)
    joined = r"\s*".join(map(re.escape, tokens))
    if joined and re.match(r"[a-z0-9]", tokens[0]):
        joined = (r"(?<![\d.])" if tokens[0][0].isdigit() else r"(?<![a-z0-9])") + joined
    if joined and re.search(r"[a-z]$", tokens[-1]):
        joined += r"(?:e?s)?(?![a-z])" if plural else r"(?![a-z])"
    elif joined and tokens[-1][-1].isdigit():
        joined += r"(?!\.?\d)"
    return re.compile(joined or r"(?!)")


def _places(words: str, plain: str, *, plural: bool = False) -> list[Span]:
    return [match.span() for match in _pattern(words, plural=plural).finditer(plain)]
