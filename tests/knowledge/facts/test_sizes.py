"""Sizes by whatever a person measures, of one product or of every kind that has a chart; quantities as they are spoken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commerce import SizeRow, Text
from bot.text import normal
from knowledge.facts.goods import thing_asked
from knowledge.facts.sizes import advice_by_kind, measured, size_advice
from knowledge.followups import kin
from knowledge.lexicon.quantities import quantities
from knowledge.sizing import body
from tests.knowledge.facts.telling import in_language
from tests.knowledge.shop import SHELL, SHOE, SUN

WAISTS = tuple(
    SizeRow(str(size), (150.0 + n * 4, 162.0 + n * 4), (40.0 + n * 6, 46.0 + n * 6), waist_cm=waist)
    for n, (size, waist) in enumerate(((26, 66.0), (27, 68.0), (28, 71.0), (29, 74.0), (30, 76.0), (31, 79.0)))
)
JEANS = replace(
    SHELL, id="J1", name=Text("直筒裤", "Jeans"), category="jeans", category_name=Text("裤装", "Jeans"), size_chart=WAISTS
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("腰围71穿几码", "28"),
        ("我腰二尺三 穿多大", "30"),
        ("腰2尺3穿哪个", "30"),
        ("腰围：74cm", "29"),
        ("76的腰 选几码", "30"),
        ("waist is about 79 cm", "31"),
        ("i have a 28 inch waist", "28"),
        ("30 waist, which size", "30"),
    ],
)
def test_a_waist_finds_its_size(text: str, size: str) -> None:
    assert measured(text)
    told = size_advice(JEANS, text, in_language(text))[0].text
    assert f"{size} 码（" in told or f"take {size} (" in told, told


def test_a_waist_is_no_height_and_no_weight() -> None:
    person = body("身高一米七五 腰围80 体重130斤")
    assert (person.height, person.weight, person.waist) == (175.0, 65.0, 80.0)


@pytest.mark.parametrize(
    ("text", "base", "number"),
    [
        ("一米七五", 1750, 1.75),
        ("1米65", 1650, 1.65),
        ("二尺三", 2.3 * 333.3, 2.3),
        ("三斤半", 1750, 3.5),
        ("2斤3", 1150, 2.3),
        ("两米半", 2500, 2.5),
    ],
)
def test_digits_behind_a_unit_stand_behind_its_point(text: str, base: float, number: float) -> None:
    found = quantities(normal(text))
    assert [(round(q.low, 1), q.number) for q in found] == [(round(base, 1), number)]


@pytest.mark.parametrize("text", ["3斤5件", "两米2个", "一米3元", "2升3瓶"])
def test_a_count_behind_a_unit_is_a_count(text: str) -> None:
    assert all(not q.unit.endswith("+") for q in quantities(normal(text)))


def test_without_a_product_sizes_are_told_by_kind() -> None:
    coat = replace(
        SHELL, size_chart=(SizeRow("M", (150.0, 165.0), (40.0, 50.0)), SizeRow("L", (165.0, 180.0), (50.0, 65.0)))
    )
    told = advice_by_kind([coat, JEANS, SHOE], "身高158体重44公斤穿什么码", in_language("码"))
    assert len(told) == 1
    assert f"{coat.category_name.zh}穿 M 码" in told[0].text and "裤装穿 26 码" in told[0].text
    assert advice_by_kind([coat], "height 230 cm", in_language("x")) == []
    assert advice_by_kind([SHOE], "身高158", in_language("码")) == []


def test_a_fragment_means_the_products_of_the_last_ones_kind_that_it_tells() -> None:
    kids = replace(SUN, id="K1", name=Text("儿童防晒衣", "Kids' Sun Jacket"), aliases=())
    other = replace(SHOE, id="K2", name=Text("儿童跑鞋", "Kids' Running Shoes"), aliases=())
    shop = (SUN, kids, other, SHELL)
    assert kin("儿童的呢", SUN, shop) == ("K1",)
    assert kin("what about the kids one", SUN, shop) == ("K1",)
    assert kin("便宜的呢", SUN, shop) == ()
    assert kin("呢", SUN, shop) == ()


@pytest.mark.parametrize("text", ["红的还有m吗", "有l么", "卖s呢"])
def test_a_letter_is_no_thing_to_buy(text: str) -> None:
    assert thing_asked(text) == ""
