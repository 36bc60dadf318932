"""Which way to answer a question is likeliest right: what the tables say, the documents, products, or that nothing is sold.

Every way brings its evidence: what the words ask for, what is named, how sure its source is, and what the message was taken
for. All of it is weighed in one conditional logit (McFadden, "Conditional Logit Analysis of Qualitative Choice Behavior",
1974) in which "none of these" is a choice, too. The weights are fitted on the questions of shops by other hands, of which it
is known which ways answer them (`python -m evals.weighing --fit`), and kept in `weighing.json`. Pure but for what a way
looks up when it is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import orjson

from bot.types import Findings
from knowledge.facts.reading import Act

WEIGHTS = Path(__file__).with_name("weighing.json")
# Probabilities are taken to lie between this and 1 minus it.
_EDGE = 0.001


class Source(StrEnum):
    """Where an answer comes from: an act of the tables, a statement, the documents, products, or the shop's limits."""

    MONEY = "money"
    STOCK = "stock"
    SIZE = "size"
    COMPARISON = "comparison"
    COUNT = "count"
    OFFERS = "offers"
    RULE = "rule"
    OVERVIEW = "overview"
    PROPERTY = "property"
    DOCUMENTS = "documents"
    POSTAGE = "postage"
    WISH = "wish"
    LINKED = "linked"
    UNSOLD = "unsold"


OF_ACTS: Mapping[Act, Source] = {
    Act.PRICE: Source.MONEY,
    Act.TOTAL: Source.MONEY,
    Act.EACH: Source.MONEY,
    Act.SAVING: Source.MONEY,
    Act.STOCK: Source.STOCK,
    Act.CHOICES: Source.STOCK,
    Act.SIZE: Source.SIZE,
    Act.COMPARE: Source.COMPARISON,
    Act.EXTREME: Source.COMPARISON,
    Act.FIND: Source.COMPARISON,
    Act.COUNT: Source.COUNT,
    Act.OFFERS: Source.OFFERS,
    Act.CODE: Source.OFFERS,
    Act.WARRANTY: Source.RULE,
    Act.RETURNABLE: Source.RULE,
    Act.OVERVIEW: Source.OVERVIEW,
    Act.PROPERTY: Source.PROPERTY,
}
# What intents are about; those that are not here and ask are about the shop.
_ABOUT = {
    "property": ("ask_feature", "ask_material", "ask_use", "ask_care"),
    "size": ("ask_size_advice",),
    "money": ("ask_price",),
    "stock": ("ask_stock", "ask_color", "ask_link", "back_in_stock"),
    "offers": ("ask_discount", "ask_coupon", "ask_gift", "price_protection"),
    "comparison": ("ask_compare", "ask_extreme"),
    "goods": ("search_product", "recommend", "recommend_by_budget"),
    "sending": ("ask_shipping_fee", "ask_shipping_time"),
    "talk": (
        "chitchat",
        "out_of_scope",
        "greet",
        "goodbye",
        "thank",
        "praise",
        "insult",
        "affirm",
        "deny",
        "cancel",
        "refer",
    ),
}
_SHOP, _BUSINESS = "shop", "business"
_OF_INTENT = {intent: about for about, intents in _ABOUT.items() for intent in intents}
_RULES = ("ask_", "return_policy", "exchange_policy", "refund_policy")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer: its source, what speaks for it, and how its findings are made; None where it has none after all.

    It is never surer than `at_most`.
    """

    source: Source
    evidence: Mapping[str, float]
    findings: Callable[[], Awaitable[Findings | None]]
    at_most: float = 1.0


def features(evidence: Mapping[str, float], likely: Sequence[tuple[str, float]]) -> dict[str, float]:
    """What is weighed of a way: that it is one, its evidence, and how probable it is that a message is about what.

    `likely` are the intents of the message with their probabilities.
    """
    return {"": 1.0, **evidence, **{f"about {about}": share for about, share in _shares(likely).items()}}


def score(source: Source, evidence: Mapping[str, float], likely: Sequence[tuple[str, float]]) -> float:
    """How much likelier a way is right than that none is: the logarithm of the odds."""
    return total(_weights().get(source, {}), features(evidence, likely))


def total(weights: Mapping[str, float], weighed: Mapping[str, float]) -> float:
    """The weighted sum of what is weighed; what has no weight counts nothing."""
    return sum(weights.get(name, 0.0) * value for name, value in weighed.items())


def sure(scored: float) -> float:
    """The probability that belongs to a score, 0 to 1."""
    return 1 / (1 + math.exp(-scored))


def odds(probability: float) -> float:
    """The logarithm of the odds of a probability, within bounds."""
    kept = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(kept / (1 - kept))


def keep(weights: Mapping[str, Mapping[str, float]]) -> None:
    """Write the weights, a row a source."""
    WEIGHTS.write_bytes(orjson.dumps(weights, option=orjson.OPT_INDENT_2) + b"\n")
    _weights.cache_clear()


def _shares(likely: Sequence[tuple[str, float]]) -> dict[str, float]:
    """How probable it is that a message is about each thing."""
    shares: dict[str, float] = {}
    for intent, probability in likely:
        if not intent:
            continue
        about = _OF_INTENT.get(intent) or (_SHOP if intent.startswith(_RULES) else _BUSINESS)
        shares[about] = shares.get(about, 0.0) + probability
    return shares


@cache
def _weights() -> dict[str, dict[str, float]]:
    kept: dict[str, dict[str, float]] = orjson.loads(WEIGHTS.read_bytes())
    return kept
