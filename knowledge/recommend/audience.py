"""Whether something is for a child or for a grown-up, as people and the names of products say it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from bot.commerce import Product
from bot.text import normal


class Audience(StrEnum):
    """Who something is for."""

    CHILD = "child"
    ADULT = "adult"


_CHILD = re.compile(
    r"儿童|孩|宝宝|娃(?!娃)|小朋友|婴|幼|童(?=[^话年]|$)|\b(?:kid|child|toddler|bab(?:y|ie)|infant)(?:s|ren|['’]s)*\b"
)
_ADULT = re.compile(r"大人|成人|成年|\b(?:adult|grown[- ]?up)s?\b")
# Who is spoken of and is not who it is for: "not for kids".
_DENIED = re.compile(r"(?:不是|别|非|不给|不要)[^,，。]{0,3}$|\b(?:not?|non)\b[- ](?:for )?(?:an? )?$")


def audience_of(plain: str) -> Audience | None:
    """Who a normalised text says that something is for; None where it says nobody or both."""
    said = {who for who, words in ((Audience.CHILD, _CHILD), (Audience.ADULT, _ADULT)) if _says(words, plain)}
    return next(iter(said)) if len(said) == 1 else None


def places_of(plain: str) -> list[tuple[int, int]]:
    """Where a normalised text says who something is for: that is no property which a product would state in these words."""
    return [match.span() for words in (_CHILD, _ADULT) for match in words.finditer(plain)]


def for_audience(products: Sequence[Product], audience: Audience) -> list[Product]:
    """The products for somebody: for a child those that are called so, else all that are not called somebody else's; where
    none is left, all."""
    said = {product.id: _called_for(product) for product in products}
    own = [product for product in products if said[product.id] is audience]
    if audience is Audience.CHILD and own:
        return own
    return [product for product in products if said[product.id] in (None, audience)] or list(products)


def _called_for(product: Product) -> Audience | None:
    """Who a product is for by what it is called."""
    names = (product.name.zh, product.name.en, *product.aliases, product.category_name.zh, product.category_name.en)
    return audience_of(normal(" . ".join((*names, *product.tags))))


def _says(words: re.Pattern[str], plain: str) -> bool:
    return any(not _DENIED.search(plain[: match.start()]) for match in words.finditer(plain))
