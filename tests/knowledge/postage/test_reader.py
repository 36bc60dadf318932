"""One rule of all documents that hold: what they say together, where they disagree, and what they leave open."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.postage import Band
from knowledge.documents import Details, Entry
from knowledge.postage.reader import RuleRead, rule_of

NOW = datetime(2026, 6, 18, tzinfo=UTC)
ZH = "实付满 80 元包邮，不满收 7 元。新疆、西藏一律 21 元。"
EN = "Free from ¥80 paid, otherwise ¥7. Xinjiang and Tibet always pay ¥21."


def entry(text: str, heading: str = "运费", path: str = "a.md", **details: object) -> Entry:
    language = "zh" if any("㐀" <= char <= "鿿" for char in text) else "en"
    return Entry(path, 0, text, language, ("说明", heading), details=Details("说明", **details))  # type: ignore[arg-type]


def rule(*entries: Entry, at: datetime = NOW, currency: str = "CNY") -> RuleRead | None:
    return rule_of(entries, at, currency)


def test_two_languages_say_one_rule() -> None:
    found = rule(entry(ZH), entry(EN, "Postage", "b.md"))
    assert found is not None and not found.unread
    assert found.postage.bands == (Band(Decimal(0), Decimal(7)), Band(Decimal(80), Decimal(0)))
    assert [zone.places for zone in found.postage.zones] == [("CN-XJ", "CN-XZ")]
    assert [one.path for one in found.of_language("en")] == ["b.md"]
    assert found.postage.counts == "paid"


def test_halves_of_a_rule_come_together() -> None:
    found = rule(entry("满 60 元包邮。"), entry("不满 60 元收 5 元。", path="b.md"))
    assert found is not None
    assert found.postage.bands == (Band(Decimal(0), Decimal(5)), Band(Decimal(60), Decimal(0)))


@pytest.mark.parametrize(
    "other",
    [
        "实付满 90 元包邮，不满收 7 元。",
        "Free from ¥80 paid, otherwise ¥9.",
        "西藏一律 30 元。",
        "折前满 80 元包邮。",
        "西藏不发货。",
    ],
)
def test_two_that_disagree_say_nothing(other: str) -> None:
    assert rule(entry(ZH), entry(other, path="b.md")) is None


def test_documents_count_while_they_hold_and_for_everybody_and_everything() -> None:
    end = datetime(2026, 6, 1, tzinfo=UTC)
    other = "实付满 40 元包邮，不满收 3 元。"
    for details in (
        {"valid_until": end},
        {"valid_from": datetime(2026, 7, 1, tzinfo=UTC)},
        {"audience": "agent"},
        {"products": ("P1",)},
    ):
        assert rule(entry(ZH), entry(other, path="b.md", **details)) is not None
    assert rule(entry(ZH, valid_until=end)) is None
    assert rule(entry(ZH), entry(other, path="b.md", valid_until=end), at=datetime(2026, 5, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("heading", ["退货运费谁出", "Gold members", "Return postage", "维修运费"])
def test_what_stands_under_another_heading_is_not_the_rule(heading: str) -> None:
    assert rule(entry(ZH, heading)) is None


def test_abroad_only_what_names_a_place_counts() -> None:
    found = rule(entry(ZH), entry("满 500 元包邮，不满收 60 元。香港 45 元。", "海外运费", "b.md"))
    assert found is not None and found.postage.bands[1].least == 80
    assert ("HK",) in [zone.places for zone in found.postage.zones]


def test_without_a_fee_for_ordinary_places_there_is_no_rule() -> None:
    assert rule(entry("新疆、西藏一律 21 元。")) is None
    assert rule(entry("15:00 前付款当天发货。")) is None


def test_amounts_of_another_currency_are_of_another_rule() -> None:
    both = entry("Orders under £30 pay £3.95, otherwise free. Orders under €40 pay €5, otherwise free.", "Postage")
    for currency, least in (("GBP", 30), ("EUR", 40)):
        found = rule(both, currency=currency)
        assert found is not None and found.postage.bands[1].least == least
    assert rule(both, currency="CNY") is None


def test_a_sentence_that_is_not_understood_keeps_the_rule_off_what_it_names() -> None:
    found = rule(entry(f"{ZH}海南的家具每件加收 50 元搬运费。"))
    assert found is not None and len(found.unread) == 1
    assert found.keeps_silent_of(["CN-HI"]) and not found.keeps_silent_of(["CN-HN"])


def test_a_question_and_its_answer_are_read_like_a_heading_and_its_text() -> None:
    one = Entry("faq.csv", 0, "What does postage cost?\nFree from ¥80, otherwise ¥7.", "en", kind="qa")
    assert rule(one) is not None
    assert rule(Entry("faq.csv", 0, "Who pays return postage?\nFree from ¥80, otherwise ¥7.", "en", kind="qa")) is None


def test_what_holds_in_the_whole_country_is_the_general_rule() -> None:
    found = rule(entry("Mainland China orders over ¥80 ship free, otherwise ¥7.", "Postage"))
    assert found is not None and found.postage.bands[1].least == 80 and not found.postage.zones


def test_what_another_rule_has_an_amount_for_is_kept() -> None:
    heavy = "Pianos are no part of the free postage: ¥90 each by lorry."
    found = rule(
        entry(EN, "Postage"), entry(heavy, "How pianos are sent", "b.md"), entry("It takes 3 days.", "Delivery", "c.md")
    )
    assert found is not None and found.postage.bands and [text for text in found.of_goods if "pianos" in text]
    assert not any("3 days" in text for text in found.of_goods)


LORRY_ZH = "钢琴走物流，不算在免邮里。福建每台 30 元，其他地方每台 70 元。西藏不送钢琴。送到时已经调好音。"
LORRY_EN = (
    "Pianos go by lorry and aren't part of the free postage: ¥30 each to Fujian, ¥70 each elsewhere. No pianos to Tibet."
)


def goods(text: str) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
    """The names of an invented shop's goods in a text."""
    words = {"钢琴": ("P1", "P2"), "pianos": ("P1", "P2"), "琴凳": ("S1",)}
    return [(ids, (text.index(word), text.index(word) + len(word))) for word, ids in words.items() if word in text]


def test_goods_have_a_rule_of_their_own_that_both_languages_say() -> None:
    found = rule_of(
        [entry(ZH), entry(LORRY_ZH, "钢琴怎么送", "b.md"), entry(LORRY_EN, "How pianos are sent", "c.md")], NOW, "CNY", goods
    )
    assert found is not None and found.of(["S1"]) is found and not found.excepting("CN")
    own = found.of(["P1", "P2"])
    assert own is not None and own.postage.bands == (Band(Decimal(0), Decimal(70), each=True),)
    assert {place: (zone.served, zone.bands) for zone in own.postage.zones for place in zone.places} == {
        "CN-FJ": (True, (Band(Decimal(0), Decimal(30), each=True),)),
        "CN-XZ": (False, ()),
    }
    assert [one.path for one in own.of_language("en")] == ["c.md"]
    assert found.of(["P1", "S1"]) is None  # of two rules in one parcel nothing is said


def test_what_stands_under_the_name_of_goods_is_not_said_of_all() -> None:
    found = rule_of([entry(ZH), entry("四川的客户请先来电话。海南不发。", "钢琴", "b.md")], NOW, "CNY", goods)
    assert found is not None and "CN-HI" not in {place for zone in found.postage.zones for place in zone.places}


def test_what_is_done_at_the_door_is_no_part_of_the_fee() -> None:
    carried = LORRY_ZH + "送到楼下；没电梯的三楼起每层每台 15 元，当面付。"
    found = rule_of([entry(ZH), entry(carried, "钢琴", "b.md")], NOW, "CNY", goods)
    own = found.of(["P1"]) if found is not None else None
    assert own is not None and own.postage.bands == (Band(Decimal(0), Decimal(70), each=True),)


@pytest.mark.parametrize(
    "changed",
    [
        LORRY_ZH.replace("70", "75"),
        LORRY_ZH + "会员减半。",
        LORRY_ZH + "海南的另外问客服。",
        LORRY_ZH.replace("每台 70", "70"),
        LORRY_ZH.replace("其他地方", "小岛"),
    ],
)
def test_of_goods_that_are_not_wholly_understood_nothing_is_reckoned(changed: str) -> None:
    found = rule_of(
        [entry(ZH), entry(LORRY_EN, "How pianos are sent", "b.md"), entry(changed, "钢琴怎么送", "c.md")], NOW, "CNY", goods
    )
    assert found is not None
    own = found.of(["P1"])
    assert own is None or any("钢琴" in text or "每台" in text for text in found.of_goods)


def test_a_rule_for_other_countries_says_nothing_of_goods_at_home() -> None:
    found = rule_of([entry(ZH), entry("香港一单 40 元，钢琴除外。", "港澳运费", "b.md")], NOW, "CNY", goods)
    assert found is not None and not found.excepting("CN") and found.excepting("HK")


REGIONS = {
    "CN-FJ": ("福建", "Fujian"),
    "CN-HN": ("湖南", "Hunan"),
    "CN-GD": ("广东", "Guangdong"),
    "CN-SX": ("山西", "Shanxi"),
}


@given(
    near=st.lists(st.sampled_from(sorted(REGIONS)), min_size=1, max_size=3, unique=True),
    first=st.integers(1, 400),
    more=st.integers(1, 400),
    counted=st.sampled_from([("每台", "each"), ("每件", "apiece"), ("每架", "a piece")]),
    rest=st.sampled_from(
        [("其他地方", "elsewhere"), ("其余地区", "in other provinces"), ("其它省", "to all other regions")]
    ),
)
def test_any_regions_and_amounts_are_read_alike_in_both_languages(
    near: list[str], first: int, more: int, counted: tuple[str, str], rest: tuple[str, str]
) -> None:
    regions = "、".join(REGIONS[code][0] for code in near)
    zh = f"钢琴不在免邮范围内。{regions}{counted[0]} {first} 元，{rest[0]}{counted[0]} {first + more} 元。"
    names = " and ".join(REGIONS[code][1] for code in near)
    en = f"Pianos aren't part of the free postage: ¥{first} {counted[1]} to {names}, ¥{first + more} {counted[1]} {rest[1]}."
    found = rule_of([entry(ZH), entry(zh, "钢琴怎么送", "b.md"), entry(en, "Sending pianos", "c.md")], NOW, "CNY", goods)
    own = found.of(["P1"]) if found is not None else None
    assert own is not None and len(own.entries) == 2
    assert own.postage.bands == (Band(Decimal(0), Decimal(first + more), each=True),)
    [zone] = own.postage.zones
    assert set(zone.places) == set(near) and zone.bands == (Band(Decimal(0), Decimal(first), each=True),)


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("钢琴运费", "请先咨询客服。"),
        ("钢琴怎么送", "钢琴的运费由车队按里程报价。"),
        ("How pianos are sent", "The van quotes postage by the mile."),
        ("大件", "钢琴不包邮，到付。"),
    ],
)
def test_goods_whose_fee_is_said_without_a_rule_have_none(heading: str, text: str) -> None:
    found = rule_of([entry(ZH), entry(text, heading, "b.md")], NOW, "CNY", goods)
    assert found is not None and found.of(["P1"]) is None and found.of(["S1"]) is found
    known = rule_of([entry(ZH), entry(text, heading, "b.md"), entry(LORRY_ZH, "钢琴怎么送", "c.md")], NOW, "CNY", goods)
    assert known is not None and known.of(["P1"]) is not None  # a rule elsewhere counts


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("钢琴", "钢琴用木架包装，三天内寄送。"),
        ("钢琴保修", "钢琴寄来维修，来回邮费我们出。"),
        ("门店自提", "钢琴自提不收运费。"),
    ],
)
def test_what_says_nothing_of_the_fee_for_goods_leaves_them_the_general_rule(heading: str, text: str) -> None:
    found = rule_of([entry(ZH), entry(text, heading, "b.md")], NOW, "CNY", goods)
    assert found is not None and found.of(["P1"]) is found


def test_a_place_whose_fee_is_said_without_a_rule_has_none_unless_another_sentence_has_it() -> None:
    said = [entry("请先咨询客服。", "青海运费", "b.md"), entry("见配送页。", "新疆运费多少", "c.md")]
    found = rule_of([entry("满 99 元包邮，不满收 9 元。新疆 20 元。"), *said], NOW, "CNY")
    assert found is not None and found.keeps_silent_of(["CN-QH"])
    assert not found.keeps_silent_of(["CN-XJ"]) and not found.keeps_silent_of(["CN-GS"])
