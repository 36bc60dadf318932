"""What the host says, as data: claims on the shop's tables, and sentences that rest on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.commerce import Money, Text
from bot.types import Claim

Value = Text | Money | datetime | int | str | tuple[str, ...] | tuple[Text, ...]


# Of the stage these are such as `price_from`, `stock` (`plenty`), `attribute:KEY` (label and value) and `ends_at:OFFER`.
Claims = frozenset[Claim]


# The topics of what is not narrated: what the room was told, in answer or to put it right, and the host's own words.
ANSWER, CORRECTED, HOST = "answer", "corrected", "host"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what is answered: one of them by a public name, how many, and the question as the room shows it."""

    name: str
    people: int
    question: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing to say, as it is read on a screen. It is true for as long as the tables make all its claims.

    `topic` is what it is about, as in `narration.yml`, or ANSWER, CORRECTED or HOST; `product_id` the product, if any.
    """

    text: str
    language: str
    claims: Claims = frozenset()
    topic: str = ""
    product_id: str = ""
    asked: Asked | None = None

    @property
    def products(self) -> frozenset[str]:
        """The products that it is about, and those of its claims."""
        return frozenset({self.product_id, *(claim.subject for claim in self.claims)} - {""})


@dataclass(frozen=True, slots=True)
class Span:
    """An amount or a measure from `low` to `high`, which may be the same."""

    low: Money | float
    high: Money | float


Shown = Value | Span


@dataclass(frozen=True, slots=True)
class Point:
    """Something that can be said of a product, in whatever words: the values that they show, and what these claim."""

    topic: str
    product_id: str
    values: Mapping[str, Shown]
    claims: Claims
