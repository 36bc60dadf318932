"""Sentences about postage: taken where every word is understood, and otherwise not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.postage import Band
from knowledge.postage.sentences import Said, said, sentences

THRESHOLDS = {
    "单笔实付满 120 元包邮，不满 120 元收运费 7 元": ("120", "7", "paid"),
    "订单满68元免运费，未满收6元": ("68", "6", ""),
    "消费达 200 元免邮费，低于 200 元收取 12 元": ("200", "12", ""),
    "每单付款到 75 元就免邮，没到的付 5.5 元": ("75", "5.5", "paid"),
    "69 元以下收 8 元运费，满 69 元包邮": ("69", "8", ""),
    "折前满 100 元包邮，否则 10 元": ("100", "10", "goods"),
    "Free delivery on orders over £45, otherwise £3.49": ("45", "3.49", ""),
    "Orders of €60 or more ship free; smaller ones cost €4,90": ("60", "4.90", ""),
    "Delivery is free from $1,200 paid, less than that pays $40": ("1200", "40", "paid"),
    "Orders under $35 pay $5.99, orders over $35 ship free": ("35", "5.99", ""),
    "£2.95 for orders under £25, free above": ("25", "2.95", ""),
    "Shipping is free above ¥80 before discounts; below that it costs ¥6": ("80", "6", "goods"),
}


def only(text: str, *, about_postage: bool = False) -> Said:
    [sentence] = sentences(text)
    [one] = said(sentence, about_postage=about_postage)
    return one


@pytest.mark.parametrize("text", THRESHOLDS)
def test_a_threshold_with_the_fee_below_it(text: str) -> None:
    least, fee, counts = THRESHOLDS[text]
    one = only(text, about_postage=True)
    assert one.bands == (Band(Decimal(0), Decimal(fee)), Band(Decimal(least), Decimal(0)))
    assert (one.counts, one.places) == (counts, ())


@pytest.mark.parametrize(
    ("text", "below", "above"),
    [("满 59 包邮", None, "0"), ("Free shipping over £20", None, "0"), ("Orders under £30 pay £3.95 postage", "3.95", None)],
)
def test_what_is_not_said_is_not_known(text: str, below: str | None, above: str | None) -> None:
    fees = [None if fee is None else Decimal(fee) for fee in (below, above)]
    assert [band.fee for band in only(text).bands] == fees


@pytest.mark.parametrize(
    ("text", "places", "fee"),
    [
        ("西藏、新疆和海南不参加包邮，每单运费 22 元", ("CN-XZ", "CN-XJ", "CN-HI"), "22"),
        ("内蒙古、甘肃一律 16 元，满多少都收", ("CN-NM", "CN-GS"), "16"),
        ("Xinjiang and Tibet always pay ¥24", ("CN-XJ", "CN-XZ"), "24"),
        ("Alaska & Hawaii cost $14 whatever they buy", ("US-AK", "US-HI"), "14"),
        ("Northern Ireland: £7.50", ("GB-NIR",), "7.50"),
        ("€12 to Switzerland", ("CH",), "12"),
    ],
)
def test_places_with_a_fee_of_their_own(text: str, places: tuple[str, ...], fee: str) -> None:
    one = only(text, about_postage=True)
    assert (one.places, one.bands) == (places, (Band(Decimal(0), Decimal(fee)),))


def test_places_with_a_threshold_an_amount_on_top_or_nothing_sent() -> None:
    assert [band.least for band in only("香港满 400 元包邮，不满收 38 元").bands] == [0, 400]
    assert only("青海另收 13 元，满额也收", about_postage=True).on_top == 13
    assert only("Hainan costs an extra ¥6", about_postage=True).on_top == 6
    assert not only("We do not ship to Taiwan").served and not only("台湾暂不发货").served


def test_one_fee_or_none_for_everything() -> None:
    assert only("全国包邮").bands == only("Free delivery on all orders").bands == (Band(Decimal(0), Decimal(0)),)
    assert only("Postage is £3.95 per order").bands == (Band(Decimal(0), Decimal("3.95")),)


@pytest.mark.parametrize(
    "text",
    [
        "金卡会员满 50 元包邮",
        "Members get free delivery from ¥20",
        "满 2 件包邮",
        "满 99 元包邮，家具除外",
        "Free from ¥99 paid, sofas excepted",
        "首重 1 公斤 12 元，续重 5 元",
        "¥60 for the first kilogram to Japan",
        "退货运费 10 元由您承担",
        "Return postage is ¥10",
        "周末满 99 元包邮",
        "Free shipping from £20 until Friday",
        "满 99 元不一定包邮",
        "Orders over £50 are not delivered free",
        "Free from £30, otherwise £60",
        "Free from £30, under £40 pay £5",
        "满 99 元包邮，不满 89 元收 9 元",
        "Free from £30, otherwise €4",
        "送货到楼下，不上楼",
        "1. 2. 3.",
        "¥45",
        "15:00",
    ],
)
def test_of_a_sentence_with_anything_else_in_it_nothing_is_taken(text: str) -> None:
    assert all(not said(sentence, about_postage=True) for sentence in sentences(text))


def test_only_a_sentence_about_sending_or_in_such_a_passage_counts() -> None:
    [sentence] = sentences("不满 99 元收 9 元")
    assert not said(sentence, about_postage=False) and said(sentence, about_postage=True)


def test_a_sign_says_which_currencies_may_be_meant() -> None:
    assert only("Free shipping over £20").currencies == {"GBP"}
    assert {"CNY", "JPY"} == only("Free shipping over ¥20").currencies
    assert only("HK$30 to Macau", about_postage=True).currencies == {"HKD"}
    assert only("满 59 包邮").currencies is None
