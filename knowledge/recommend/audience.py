"""Whether something is for a child or for a grown-up, as people and the names of products say it. Pure."""

from __future__ import annotations

import re
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


def is_for(product: Product, audience: Audience) -> bool:
    """Whether nothing that a product is called says that it is for somebody else."""
    names = (product.name.zh, product.name.en, *product.aliases, product.category_name.zh, product.category_name.en)
    return audience_of(normal(" . ".join((*names, *product.tags)))) in (None, audience)


def _says(words: re.Pattern[str], plain: str) -> bool:
    return any(not _DENIED.search(plain[: match.start()]) for match in words.finditer(plain))
