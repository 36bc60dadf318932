"""How facts are handed on: what a question needs to be answered in, and passages made of sentences. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commerce import Coupon, Product, Promotion
from bot.postage import Charge
from bot.types import Claim, Passage
from knowledge.wording import agreeing, is_english, quoted


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a purchase costs when it is sent, and whether only the fee is asked for."""

    sent: Charge
    only_fee: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """What was read from the shop for one question: the offers that run in its room at its moment, and all others.

    `delivery` is there where the goods are to be reckoned with their postage.
    """

    promotions: tuple[Promotion, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    other_promotions: tuple[Promotion, ...] = ()
    other_coupons: tuple[Coupon, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """In which language, in whose time zone and from which offers a fact is told."""

    language: str
    zone: ZoneInfo
    at: datetime
    tables: Tables

    @property
    def english(self) -> bool:
        """Whether it is told in English."""
        return is_english(self.language)

    def say(self, zh: str, en: str) -> str:
        """The one of two wordings that is in the language."""
        return en if self.english else zh


def told(
    product: Product,
    telling: Telling,
    text: str,
    table: str,
    until: datetime | None = None,
    *,
    claims: tuple[Claim, ...] = (),
) -> Passage:
    """A sentence about a product as a live passage that holds `until`, for as long as the tables make its `claims`."""
    return Passage(
        text=agreeing(text, quoted(product, telling.language)) if telling.english else text,
        source=table,
        title=product.name.in_(telling.language),
        location=telling.say("实时数据", "live"),
        product_id=product.id,
        language=telling.language,
        score=1.0,
        live=True,
        valid_until=until,
        claims=claims,
    )


def of_shop(
    telling: Telling,
    text: str,
    table: str,
    title: str,
    until: datetime | None = None,
    *,
    claims: tuple[Claim, ...] = (),
) -> Passage:
    """A sentence about the whole shop as a live passage."""
    return Passage(
        text,
        table,
        title,
        telling.say("实时数据", "live"),
        language=telling.language,
        score=1.0,
        live=True,
        valid_until=until,
        claims=claims,
    )
