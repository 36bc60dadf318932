"""Which question divides what is left best, by information gain over the catalogue's own properties. Pure.

The gain of a question is the entropy of the shares of candidates behind its answers, where those that are offered are the
commonest, and everything else is one more (Quinlan, "Induction of decision trees", Machine Learning 1, 1986).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

import orjson

from bot.commerce import Product
from bot.text import normal
from bot.types import NARROW, Button, Narrowing
from knowledge.recommend.aspects import COLOR, GROUP, KIND, aspects, group_of, stated
from knowledge.wording import is_english, listed

# Questions in one search, products that one is asked about at least, its buttons, and how much it must tell, in bits.
MAX_QUESTIONS = 2
FEWEST = 4
MAX_CHOICES = 6
LEAST_GAIN = 0.5
# The part of products that must state a property, where it is asked for.
_MOST = 0.7
# Kinds that are named for a part of the shop.
_KINDS_NAMED = 3


def question(products: Sequence[Product], asked: Collection[str], language: str) -> Narrowing | None:
    """The question that tells most about which of the products is meant; None where none tells enough, or two were asked."""
    if len(asked) >= MAX_QUESTIONS or len(products) < FEWEST:
        return None
    open_ = [aspect for aspect in aspects(products) if aspect not in asked and _tells_of(products, aspect)]
    gains = {aspect: gain(_offered(products, aspect), products, aspect) for aspect in open_}
    best = max(open_, key=lambda aspect: gains[aspect], default="")
    if not best or gains[best] < LEAST_GAIN:
        return None
    choices = tuple(_button(products, best, value, language) for value in _offered(products, best))
    return Narrowing(best, _asks(products, best, language), choices)


def _tells_of(products: Sequence[Product], aspect: str) -> bool:
    """Whether an aspect can be asked of products: of several kinds only the kind, of one kind what most of them state."""
    if aspect in (GROUP, KIND):
        return True
    if len({product.category for product in products}) > 1:
        return False
    return sum(bool(_values(product, aspect)) for product in products) >= len(products) * _MOST


def gain(offered: Sequence[str], products: Sequence[Product], aspect: str) -> float:
    """Bits that the answer tells, where a product with several of the values is as likely behind each."""
    shares: dict[str, float] = dict.fromkeys([*offered, ""], 0.0)
    for product in products:
        has = [value for value in offered if value in _values(product, aspect)] or [""]
        for value in has:
            shares[value] += 1 / len(has)
    return -sum(n / len(products) * math.log2(n / len(products)) for n in shares.values() if n)


def _offered(products: Sequence[Product], aspect: str) -> list[str]:
    counts = Counter(value for product in products for value in _values(product, aspect))
    return [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_CHOICES]]


def _values(product: Product, aspect: str) -> list[str]:
    """What a product has under an aspect, each thing once and not in both languages."""
    match aspect:
        case "group":
            return [group_of(product)]
        case "kind":
            return [product.category]
        case "color":
            return list(dict.fromkeys(normal(v.color.zh) for v in product.variants if v.stock > 0 and v.color.zh))
        case _:
            whole = [one.value for one in product.attributes if one.key == aspect]
            return [normal(value.zh or value.en) for value in whole if normal(value.zh or value.en) in stated(value)]


def _button(products: Sequence[Product], aspect: str, value: str, language: str) -> Button:
    payload = orjson.dumps({"aspect": aspect, "value": value}).decode()
    return Button(_title(products, aspect, value, language), f"/{NARROW}{payload}")


def _title(products: Sequence[Product], aspect: str, value: str, language: str) -> str:
    having = [product for product in products if value in _values(product, aspect)]
    match aspect:
        case "group":
            kinds = list(dict.fromkeys(product.category_name.in_(language) for product in having))
            return listed(kinds[:_KINDS_NAMED], language)
        case "kind":
            return having[0].category_name.in_(language)
        case "color":
            return next(v.color.in_(language) for v in having[0].variants if normal(v.color.zh) == value)
        case _:
            told = (one.value for one in having[0].attributes if one.key == aspect)
            return next(one.in_(language) for one in told if normal(one.zh or one.en) == value)


def _asks(products: Sequence[Product], aspect: str, language: str) -> str:
    english = is_english(language)
    if aspect in (GROUP, KIND):
        return "Which of these are you after?" if english else "想看哪一类的？"
    if aspect == COLOR:
        return "Which version?" if english else "想要哪一种？"
    label = next(one.label.in_(language) for product in products for one in product.attributes if one.key == aspect)
    return f"{label}: which would suit you?" if english else f"{label}要哪种？"
