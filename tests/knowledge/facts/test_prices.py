"""What things cost: one, several, with offers and coupons; to the minor unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.commerce import Money, Product, Promotion, Text
from bot.offers import CartLine, applies, best_coupons, bill
from knowledge.facts import promos
from knowledge.facts.prices import each, price, saving, total
from knowledge.facts.telling import Tables
from tests.knowledge.facts.telling import in_language, meant
from tests.knowledge.shop import COUPON, GOWN, LATER, NOW, SALE, SHELL, SHOE, SUN

SOON = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
OFF_40 = Promotion("PR9", Text("满 300 减 40", "¥40 off from ¥300"), "amount", "4000", "all", min_spend=Money.of("300"))


@pytest.mark.parametrize(
    ("text", "product", "answer"),
    [
        ("防晒衣多少钱", SUN, "「冰感防晒衣」：白色 M ¥159；浅蓝 M ¥169。"),
        ("白色的多少钱", SUN, "「冰感防晒衣」白色 M 现在 ¥159，参加「防晒季 9 折」后 ¥143.10。"),
        ("how much is the shell jacket", SHELL, "The Ridge 3-in-1 Shell Jacket is ¥599 (was ¥799)."),
        ("礼服多少钱", GOWN, "「重工亮片礼服裙」现在 ¥1,599，目前没有货。"),
    ],
)
def test_a_price_with_what_it_was_and_what_it_will_be(text: str, product: Product, answer: str) -> None:
    (passage,) = price(product, meant(product, text), in_language(text))
    assert passage.text == answer and passage.live


def test_a_reduced_price_holds_as_long_as_its_offer() -> None:
    assert price(SUN, meant(SUN, "白色"), in_language("白色"))[0].valid_until == LATER
    assert price(SHELL, meant(SHELL, ""), in_language("多少钱"))[0].valid_until is None


def test_offers_are_taken_off_one_after_the_other_narrow_ones_first() -> None:
    off_30 = replace(SALE, id="PR3", kind="amount", value="3000", name=Text("立减 30", "30 off"), ends_at=SOON)
    reckoned = bill([CartLine(SUN, SUN.variants[0])], [OFF_40, off_30, SALE])
    assert [taken.offer.id for taken in reckoned.reductions] == [SALE.id, "PR3"]
    assert reckoned.total == Money.of("113.10")  # 159, less a tenth, less 30; 300 are not reached


def test_a_minimum_is_met_by_the_lines_that_the_offer_is_for() -> None:
    lines = [CartLine(SHOE, SHOE.variants[0]), CartLine(SUN, SUN.variants[0])]
    of_shoes = replace(OFF_40, applies_to="category:shoes", min_spend=Money.of("400"))
    assert not bill(lines, [of_shoes]).reductions
    assert bill(lines, [OFF_40]).total == Money.of("448")


def test_a_total_says_every_line_and_what_is_taken_off() -> None:
    tables = Tables((SALE, OFF_40))
    lines = [CartLine(SHOE, SHOE.variants[0], 2), CartLine(SUN, SUN.variants[1])]
    (passage,) = total(bill(lines, tables.promotions), in_language("一共", tables))
    expected = (
        "轻云跑鞋 ¥329 × 2 + 冰感防晒衣 浅蓝 M ¥169 = ¥827，「防晒季 9 折」减 ¥16.90，「满 300 减 40」减 ¥40，一共 ¥770.10。"
    )
    assert passage.text == expected


def test_more_than_there_is_is_said() -> None:
    (passage,) = total(bill([CartLine(SHOE, SHOE.variants[0], 9)], ()), in_language("total", Tables()))
    assert passage.text == "Cloud Running Shoes ¥329 × 9 = ¥2,961; only 4 of Cloud Running Shoes White, 39 in stock."


def test_a_coupon_that_the_purchase_does_not_reach_is_said_to_be_none() -> None:
    coupon = replace(COUPON, min_spend=Money.of("999"))
    (passage,) = total(bill([CartLine(SUN, SUN.variants[0])], (), [coupon]), in_language("一共", Tables()), [coupon])
    assert "用不了（要满 ¥999）" in passage.text


def test_the_best_coupon_alone_and_every_stackable_one() -> None:
    small = replace(COUPON, code="SMALL", value="500", min_spend=None)
    more = replace(COUPON, code="MORE", value="100", min_spend=None, stackable=True)
    lines = [CartLine(SHELL, SHELL.variants[0])]
    assert [coupon.code for coupon in best_coupons(lines, [], [small, COUPON, more])] == [COUPON.code, "MORE"]


def test_the_price_of_one_and_what_is_saved() -> None:
    assert each(SHOE, SHOE.variants[0], 2, in_language("一只"))[0].text == "「轻云跑鞋」白色 39 ¥329 ÷ 2 ≈ ¥164.50 一个。"
    assert "便宜 ¥200" in saving(SHELL, meant(SHELL, ""), in_language("原价"))[0].text
    assert saving(SHOE, meant(SHOE, ""), in_language("原价")) == []


@pytest.mark.parametrize(
    ("scope", "covered"),
    [("all", True), ("category:apparel", True), ("category:apparel/sun", True), ("category:apparel/su", False),
     ("product:P2", True), ("product:P1", False), ("", False)],
)  # fmt: skip
def test_what_an_offer_covers(scope: str, covered: bool) -> None:
    assert applies(scope, SUN) is covered


def test_offers_are_listed_with_their_ends_and_the_coupons() -> None:
    offers, coupons = promos.running([SUN], in_language("优惠"))
    assert "防晒季 9 折（到 7月1日 00:00）。" in offers.text
    assert coupons.text == "能用的券有：新人券 20 元（满 ¥129 可用，券码 NEW20）。"
    (only,) = promos.running([SHOE], in_language("discounts"))
    assert only.text == "Coupons you can use: New customers: ¥20 off from ¥129 (code NEW20)."


def test_an_offer_that_is_over_or_to_come_is_said_to_be() -> None:
    over = replace(COUPON, code="OLD5", ends_at=NOW)
    coming = replace(SALE, id="PR5", name=Text("清仓周", "Clearance week"), starts_at=LATER)
    telling = in_language("优惠", Tables((SALE,), (COUPON,), (coming,), (over,)))
    assert promos.named("old5还能用吗", telling) is over
    assert "结束" in promos.about(over, telling).text
    assert promos.named("清仓周什么时候", telling) is coming
    assert "还没开始" in promos.about(coming, telling).text
    assert promos.named("今天天气好", telling) is None
