"""Sentences about postage: taken where every word is understood, and otherwise not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.postage import Band
from knowledge.postage.sentences import Said, names_no_fee, only_names, own_goods, said, sentences

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
    "凑够 90 元包邮，不够的出 8 元": ("90", "8", ""),
    "扣完优惠够 75 元我们出邮费，差一点的付 6 元": ("75", "6", "paid"),
    "Baskets that come to £40 after discounts travel free; below that it's £3": ("40", "3", "paid"),
    "We pay the postage once an order hits $55, otherwise it is $5": ("55", "5", ""),
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
        ("西藏路远，每单收 19 元，买得再多也不包邮", ("CN-XZ",), "19"),
        ("Tibet is ¥19 however large the order is", ("CN-XZ",), "19"),
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


def named(text: str, *goods: str) -> list[tuple[int, int]]:
    return [(text.index(one), text.index(one) + len(one)) for one in goods if one in text]


@pytest.mark.parametrize(
    "text",
    [
        "福建、江西每台 30 元,其他地方每台 70 元",
        "钢琴不在免邮里:福建、江西每台 30 元,其他省每台 70 元",
        "fujian and jiangxi: ¥30 each, ¥70 each elsewhere",
        "pianos aren't part of the free postage: ¥30 each to fujian and jiangxi, ¥70 each elsewhere",
        "pianos go by lorry: ¥30 apiece to fujian and jiangxi, ¥70 apiece to all other provinces",
    ],
)
def test_goods_have_amounts_by_region_and_one_for_the_rest_of_each_piece(text: str) -> None:
    there, elsewhere = said(text, about_postage=True, goods=named(text, "钢琴", "pianos"), of_goods=True)
    assert there.places == ("CN-FJ", "CN-JX") and there.bands == (Band(Decimal(0), Decimal(30), each=True),)
    assert not elsewhere.places and elsewhere.bands == (Band(Decimal(0), Decimal(70), each=True),)


@pytest.mark.parametrize(
    "text", ["西藏不送钢琴", "no pianos to tibet", "tibet: pianos can't be sent", "pianos don't go to tibet"]
)
def test_goods_that_do_not_go_somewhere(text: str) -> None:
    found = said(text, about_postage=True, goods=named(text, "钢琴", "pianos"))
    assert [(one.places, one.served) for one in found] == [(("CN-XZ",), False)]


@pytest.mark.parametrize(
    "text",
    [
        "large pianos ¥70 each elsewhere",
        "大钢琴其他地方每台 70 元",
        "pianos ¥70 each elsewhere, uprights half",
        "pianos ¥70 each to fujian and islands",
        "钢琴每台 70 元,金卡除外",
    ],
)
def test_of_goods_too_nothing_is_taken_where_a_word_is_not_understood(text: str) -> None:
    spans = named(text, "钢琴", "pianos")
    assert not said(text, about_postage=True, goods=spans, of_goods=True) and not names_no_fee(text, spans)


def test_what_each_piece_costs_is_no_rule_for_everything() -> None:
    assert not said("每件 5 元运费", about_postage=True) and not said("postage is ¥5 each", about_postage=True)


def test_only_what_names_no_amount_place_or_condition_may_stand_beside() -> None:
    assert names_no_fee("pianos go by lorry", named("pianos go by lorry", "pianos"))
    assert names_no_fee("they arrive tuned", ()) and names_no_fee("钢琴不算在免邮里", named("钢琴不算在免邮里", "钢琴"))
    for text in (
        "not for members",
        "from the second one half price",
        "海南的要问客服",
        "it is ¥5 more on sundays",
        "会员减半",
    ):
        assert not names_no_fee(text, ())


def test_a_heading_names_goods_and_nothing_that_tells_some_of_them() -> None:
    for text in ("钢琴怎么送", "how pianos are sent", "postage for pianos", "钢琴的运费"):
        assert only_names(text, named(text, "钢琴", "pianos"))
    for text in ("大钢琴怎么送", "how large pianos are sent", "postage"):
        assert not only_names(text, named(text, "钢琴", "pianos"))


def test_no_goods_are_named_in_a_word_of_postage() -> None:
    assert own_goods("满 80 元包邮", [(7, 8)]) == []
    assert own_goods("帆布包包邮", [(0, 3)]) == [(0, 3)]


@pytest.mark.parametrize(
    ("text", "on_free"),
    [
        ("海南在普通邮费上再加 4 元,包邮的也要加", True),
        ("海南另加 4 元,免邮的不用加", False),
        ("hainan pays ¥4 on top of ordinary postage, free postage or not", True),
        ("hainan pays ¥4 on top of the usual fee, even where that is nothing", True),
        ("hainan pays another ¥4, except on free orders", False),
    ],
)
def test_an_amount_on_top_with_or_without_what_is_free(text: str, on_free: bool) -> None:
    one = only(text, about_postage=True)
    assert (one.places, one.on_top, one.on_free) == (("CN-HI",), Decimal(4), on_free)


def test_a_place_may_be_free_of_charge() -> None:
    there, others = said("福建包邮,其他地区 8 元", about_postage=True)
    assert there.places == ("CN-FJ",) and there.bands == (Band(Decimal(0), Decimal(0)),) and others.bands[0].fee == 8
    assert not said("包邮、新疆 20 元", about_postage=True)
