"""How the tests tell facts: in a language, from the small shop's offers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.commerce import Product
from bot.text import normal
from knowledge.facts.reading import Inquiry, acts_of
from knowledge.facts.telling import Tables, Telling
from knowledge.facts.variants import Selection, select
from knowledge.lexicon.lexicon import Lexicon
from tests.knowledge.shop import COUPON, NOW, SALE

ZONE = ZoneInfo("Asia/Shanghai")


def in_language(text: str, tables: Tables | None = None) -> Telling:
    """Telling in the language of a text, with the small shop's offers unless others are given."""
    return Telling("en" if text.isascii() else "zh", ZONE, NOW, tables or Tables((SALE,), (COUPON,)))


def meant(product: Product, text: str) -> Selection:
    """The variants of a product that a text means."""
    return select(product, normal(text), text)


def inquiry_of(text: str, products: Sequence[Product]) -> Inquiry:
    """A question about products, read by a lexicon of these alone."""
    plain = normal(text)
    finds = Lexicon(products).find(plain)
    return Inquiry(
        plain=plain,
        written=text if len(text) == len(plain) else plain,
        rest=finds.rest,
        language="en" if text.isascii() else "zh",
        finds=finds,
        product_ids=tuple(product.id for product in products),
        named=True,
        kinds=finds.kinds,
        acts=acts_of(finds.rest, ""),
        firm=True,
        pieces=None,
        intent="",
    )
