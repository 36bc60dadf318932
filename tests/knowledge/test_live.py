"""What the tables say, in both languages: prices with what is reduced, stock by colour and size, and advice on sizes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from knowledge.live import Asking, Tables, applies, facts
from knowledge.topics import Topic, topic_of

from bot.commerce import Money, Product, Promotion, Text
from bot.types import Entity, Passage
from knowledge.sizing import Body, advise, body
from tests.knowledge.shop import ADULT, COUPON, GOWN, KIDS, LATER, SALE, SHELL, SHOE, SHOES, SUN

ZONE = ZoneInfo("Asia/Shanghai")
SOON = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)


def said(
    topic: Topic, text: str, *products: Product, offers: tuple[Promotion, ...] = (SALE,), entities: tuple[Entity, ...] = ()
) -> list[Passage]:
    language = "en" if text.isascii() else "zh"
    return facts(topic, Tables(products, offers, (COUPON,)), Asking(text, language, entities, ZONE))


def text_of(topic: Topic, text: str, *products: Product, **more: tuple[Entity, ...]) -> str:
    (passage,) = said(topic, text, *products, **more)
    assert passage.live
    return passage.text


# ---------------------------------------------------------------- prices and offers


@pytest.mark.parametrize(
    ("text", "product", "answer"),
    [
        ("防晒衣多少钱", SUN, "「冰感防晒衣」¥159 到 ¥169，看尺码和颜色，参加「防晒季 9 折」后 ¥143.10。"),
        ("白色的多少钱", SUN, "「冰感防晒衣」现在 ¥159，参加「防晒季 9 折」后 ¥143.10。"),
        ("how much is the shell jacket", SHELL, "The Ridge 3-in-1 Shell Jacket is ¥599 (was ¥799)."),
        ("礼服多少钱", GOWN, "「重工亮片礼服裙」现在 ¥1,599，目前没有货。"),
    ],
)
def test_a_price_with_what_it_was_and_what_it_will_be(text: str, product: Product, answer: str) -> None:
    assert text_of(Topic.PRICE, text, product) == answer


def test_a_reduced_price_holds_as_long_as_its_offer() -> None:
    assert said(Topic.PRICE, "多少钱", SUN)[0].valid_until == LATER
    assert said(Topic.PRICE, "多少钱", SHELL)[0].valid_until is None


def test_of_several_offers_the_best_that_one_piece_earns_is_named() -> None:
    from_200 = replace(
        SALE, id="PR2", value="50", min_spend=Money.of("200"), name=Text("满 200 半价", "Half price from 200")
    )
    off_30 = replace(SALE, id="PR3", kind="amount", value="3000", name=Text("立减 30", "30 off"), ends_at=SOON)
    (passage,) = said(Topic.PRICE, "多少钱", SUN, offers=(SALE, from_200, off_30))
    assert "「立减 30」后 ¥129" in passage.text and "半价" not in passage.text
    assert passage.valid_until == SOON


@pytest.mark.parametrize(
    ("scope", "covered"),
    [("all", True), ("category:apparel", True), ("category:apparel/sun", True), ("category:apparel/su", False),
     ("product:P2", True), ("product:P1", False), ("", False)],
)  # fmt: skip
def test_what_an_offer_covers(scope: str, covered: bool) -> None:
    assert applies(scope, SUN) is covered


def test_offers_are_listed_with_their_ends_and_the_coupons() -> None:
    offers, coupons = said(Topic.DISCOUNT, "有什么优惠", SUN)
    assert "防晒季 9 折（到 7月1日 00:00）。" in offers.text
    assert coupons.text == "能用的券有：新人券 20 元（满 ¥129 可用，券码 NEW20）。"
    (only,) = said(Topic.DISCOUNT, "any discounts on the shoes", SHOE)
    assert only.text == "Coupons you can use: New customers: ¥20 off from ¥129 (code NEW20)."


# ---------------------------------------------------------------- stock and colours


@pytest.mark.parametrize(
    ("text", "entities", "answer"),
    [
        ("黑色 M 有货吗", (Entity("size", "M", "M", 3, 4),), "「山脊三合一冲锋衣」黑色 M 码 有货，还剩 5 件。"),
        (
            "姜黄还有吗",
            (Entity("color", "姜黄", "姜黄", 0, 2),),
            "「山脊三合一冲锋衣」姜黄 M 码 暂时没货了。现在有货的是：黑色 M。",
        ),
        ("is it in stock", (), "The Ridge 3-in-1 Shell Jacket is in stock: Black M."),
    ],
)
def test_stock_of_what_is_asked_for(text: str, entities: tuple[Entity, ...], answer: str) -> None:
    assert text_of(Topic.STOCK, text, SHELL, entities=entities) == answer


def test_what_is_gone_is_said() -> None:
    assert text_of(Topic.STOCK, "礼服有货吗", GOWN) == "「重工亮片礼服裙」目前全部售罄。"
    assert text_of(Topic.COLOR, "有什么颜色", SHELL) == "「山脊三合一冲锋衣」有黑色、姜黄，其中姜黄暂时没货。"


def test_no_more_products_than_can_be_read() -> None:
    assert len(said(Topic.STOCK, "有货吗", SHELL, SUN, KIDS, GOWN, SHOE)) == 3


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("160 100斤穿多大", Body(160, 50)),
        ("我身高165，体重55公斤", Body(165, 55)),
        ("5'5 and 120 lbs, which size", Body(165.1, 54.4)),
        ("脚长24.5厘米穿多少码", Body(foot=24.5)),
        ("穿什么码", Body()),
    ],
)
def test_measures_in_a_question(text: str, person: Body) -> None:
    found = body(text)
    assert [found.height, found.weight, found.foot] == [
        pytest.approx(value, abs=0.1) if value else value for value in (person.height, person.weight, person.foot)
    ]


@pytest.mark.parametrize(
    ("person", "size", "exact", "other"),
    [
        (Body(165, 55), "M", True, None),
        (Body(160, 50), "M", True, "S"),  # on the border of two the larger one is taken
        (Body(weight=45), "S", True, None),
        (Body(190, 90), "L", False, None),
    ],
)
def test_the_size_that_fits(person: Body, size: str, exact: bool, other: str | None) -> None:
    advice = advise(ADULT, person)
    assert advice is not None
    assert (advice.row.size, advice.exact, advice.other.size if advice.other else None) == (size, exact, other)


def test_a_chart_that_says_nothing_of_a_measure_gives_no_advice() -> None:
    assert advise(SHOES, Body(170, 60)) is None
    assert advise(ADULT, Body(foot=24)) is None


def test_advice_says_for_whom_a_size_is_and_when_it_is_gone() -> None:
    assert text_of(Topic.SIZE_ADVICE, "165 110斤穿多大", SUN).startswith("「冰感防晒衣」建议穿 M 码（适合 ")
    assert text_of(Topic.SIZE_ADVICE, "170 130斤穿多大", SUN).endswith("L 码暂时没货。")
    assert "S：" in text_of(Topic.SIZE_ADVICE, "怎么选码", SUN).replace(": ", "：")
    assert said(Topic.SIZE_ADVICE, "穿多大", GOWN) == []


# ---------------------------------------------------------------- which table


@pytest.mark.parametrize(
    ("text", "intent", "topic"),
    [
        ("多少钱", "", Topic.PRICE),
        ("运费多少钱", "ask_price", Topic.NONE),
        ("降价了能退差价吗", "ask_price", Topic.NONE),
        ("有货吗", "", Topic.STOCK),
        ("有M码吗", "", Topic.STOCK),
        ("有没有黑色的吗", "", Topic.STOCK),
        ("有红的没", "", Topic.STOCK),
        ("do you have it in M", "", Topic.STOCK),
        ("does it come in size XL", "", Topic.STOCK),
        ("有会员吗", "", Topic.NONE),
        ("穿多大码", "", Topic.SIZE_ADVICE),
        ("这件能退吗", "", Topic.RETURNABLE),
        ("能退款吗", "", Topic.NONE),
        ("防水吗", "", Topic.ATTRIBUTE),
        ("how much is shipping", "ask_price", Topic.NONE),
        ("what colours are there", "", Topic.COLOR),
        ("有什么颜色", "ask_link", Topic.COLOR),
        ("防水吗", "ask_link", Topic.ATTRIBUTE),
        ("是什么", "ask_link", Topic.PRODUCT),
        ("which is cheaper", "ask_compare", Topic.PRODUCT),
        ("was cheaper yesterday", "ask_price", Topic.NONE),
        ("is there a warranty", "", Topic.WARRANTY),
        ("你们老板是谁", "", Topic.NONE),
    ],
)
def test_the_table_that_a_question_is_about(text: str, intent: str, topic: Topic) -> None:
    assert topic_of(text, intent) is topic
