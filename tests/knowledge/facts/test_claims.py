"""What a fact tells of prices, stock and offers, it claims: the claims hold of the tables and break when these change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.claims import Tables as Now
from bot.claims import broken
from bot.commerce import Money, Product
from bot.offers import CartLine, bill
from bot.types import Passage
from knowledge.facts import promos
from knowledge.facts.prices import each, price, saving, total
from knowledge.facts.stock import choices, stock
from knowledge.facts.telling import Telling
from tests.knowledge.facts.telling import in_language, meant
from tests.knowledge.shop import SHELL, SUN

DEARER: dict[str, Callable[[Product], Product]] = {
    "price": lambda p: replace(p, variants=tuple(replace(v, price=v.price + Money(100)) for v in p.variants)),
    "stock": lambda p: replace(p, variants=tuple(replace(v, stock=0 if v.stock else 5) for v in p.variants)),
}
TOLD: list[tuple[str, Callable[[Telling], list[Passage]], str]] = [
    ("price", lambda telling: price(SUN, meant(SUN, "防晒衣多少钱"), telling), "price"),
    ("one price", lambda telling: price(SHELL, meant(SHELL, "多少钱"), telling), "price"),
    ("total", lambda telling: total(bill([CartLine(SUN, SUN.variants[0], 2)], telling.tables.promotions), telling), "price"),
    ("each", lambda telling: each(SUN, SUN.variants[0], 3, telling), "price"),
    ("saving", lambda telling: saving(SHELL, meant(SHELL, ""), telling), "price"),
    ("stock", lambda telling: stock(SUN, meant(SUN, "有货吗"), (), telling), "stock"),
    ("choices", lambda telling: choices(SUN, telling, meant(SUN, "")), "stock"),
]


@pytest.mark.parametrize(("name", "tell", "changed"), TOLD, ids=[name for name, _, _ in TOLD])
@pytest.mark.parametrize("language", ["中文", "English"])
def test_a_fact_claims_what_it_tells(
    name: str, tell: Callable[[Telling], list[Passage]], changed: str, language: str
) -> None:
    telling = in_language(language)
    claims = [claim for passage in tell(telling) for claim in passage.claims]
    offers, coupons = telling.tables.promotions, telling.tables.coupons
    assert claims
    assert not broken(claims, Now({p.id: p for p in (SUN, SHELL)}, offers, coupons))
    assert broken(claims, Now({p.id: DEARER[changed](p) for p in (SUN, SHELL)}, offers, coupons))


def test_offers_claim_that_they_run() -> None:
    telling = in_language("中文")
    products = {SUN.id: SUN}
    for passages in (promos.running([SUN], telling), promos.running([], telling)):
        claims = [claim for passage in passages for claim in passage.claims]
        assert not broken(claims, Now(products, telling.tables.promotions, telling.tables.coupons))
        assert broken(claims, Now(products))
