"""Which variants are meant, by whatever axes a shop has, and what is there of them."""

from __future__ import annotations

import pytest

from bot.commerce import Money, Product, Text, Variant
from knowledge.facts.sizes import size_advice
from knowledge.facts.stock import choices, stock
from knowledge.facts.variants import described, several
from tests.knowledge.facts.telling import in_language, meant
from tests.knowledge.shop import GOWN, SHELL, SUN


def made(*values: tuple[str, str, str]) -> Product:
    """A product with a variant for each of (zh, en, size)."""
    variants = tuple(
        Variant(f"X-{n}", Text(zh, en), size, Money(100 * (n + 1)), n) for n, (zh, en, size) in enumerate(values)
    )
    return Product("X", Text("鱼食", "Fish food"), "pets", "", variants)


FOOD = made(("虾味", "Shrimp", "250 g"), ("虾味", "Shrimp", "1 kg"), ("藻味", "Algae", "250 g"), ("藻味", "Algae", "1 kg"))
PEN = made(("二档", "2-speed", "EF 0.4 mm"), ("三档", "3-speed", "F 0.5 mm"))
TIMED = made(("带定时", "With timer", ""), ("不带定时", "Without timer", ""))
WALL = made(("四格", "4 pockets", ""), ("十二格", "12 pockets", ""))
HOSE = made(("", "", '16"'), ("", "", '26"'))
NEEDLES = made(("", "", "4#"), ("", "", "9#"))
GEARS = made(("", "", "9 档 9-speed"), ("", "", "12 档 12-speed"))
JARS = made(("配竹木盖", "Bamboo lid", ""), ("无盖款", "No lid", ""))
BELTS = made(("", "", "650×30-40"), ("", "", "24×2.0"))
BEDS = made(("", "", "90×200"), ("", "", "140×200"))
RUGS = made(("", "", "140×200"), ("", "", "160×230"))
THREE_SIZES = made(("咖色", "Brown", "S"), ("咖色", "Brown", "M"), ("咖色", "Brown", "L"))
PAPER = made(("", "", "120 gsm"), ("", "", "180 gsm"), ("", "", "250 gsm"))


@pytest.mark.parametrize(
    ("text", "product", "meant_variants"),
    [
        ("1米6的地毯", RUGS, ["160×230"]),
        ("the 1.4 m rug", RUGS, ["140×200"]),
        ("虾味250克的", FOOD, ["虾味 250 g"]),
        ("algae, one kilo bag", FOOD, ["藻味 1 kg"]),
        ("algae 1000g", FOOD, ["藻味 1 kg"]),
        ("大包的虾味", FOOD, ["虾味 1 kg"]),
        ("the three speed one", PEN, ["三档 F 0.5 mm"]),
        ("0.4 mm的笔尖", PEN, ["二档 EF 0.4 mm"]),
        ("26寸", HOSE, ['26"']),
        ("不带定时的", TIMED, ["不带定时"]),
        ("带定时的", TIMED, ["带定时"]),
        ("十二格的", WALL, ["十二格"]),
        ("四格的", WALL, ["四格"]),
        ("一米四的", BEDS, ["140×200"]),
        ("the 90 cm one", BEDS, ["90×200"]),
        ("黑色L码", SHELL, ["黑色 L"]),
        ("姜黄", SHELL, ["姜黄 M"]),
        ("P1-1-L", SHELL, ["黑色 L"]),
        ("needles no 9 please", NEEDLES, ["9#"]),
        ("4号的", NEEDLES, ["4#"]),
        ("the 12 spd one", GEARS, ["12 档 12-speed"]),
        ("配盖的", JARS, ["配竹木盖"]),
        ("650x30-40 please", BELTS, ["650×30-40"]),
        ("between 120 and 180 gsm", PAPER, ["120 gsm", "180 gsm"]),
    ],
)
def test_the_variants_that_are_meant(text: str, product: Product, meant_variants: list[str]) -> None:
    selection = meant(product, text)
    assert [described(variant, "zh") for variant in selection.variants] == meant_variants
    assert selection.said


@pytest.mark.parametrize("text", ["多少钱", "is it any good", "两包", "three bags please"])
def test_where_nothing_is_said_all_are_meant(text: str) -> None:
    assert not meant(FOOD, text).said
    assert len(meant(FOOD, text).variants) == 4


def test_two_values_of_one_axis_are_two_selections() -> None:
    chosen = several(HOSE, "26寸和16寸各一根", "26寸和16寸各一根")
    assert sorted(described(selection.variants[0], "zh") for selection in chosen) == ['16"', '26"']


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("黑色M有货吗", "「山脊三合一冲锋衣」黑色 M 有货，还剩 5 件。"),
        ("姜黄还有吗", "「山脊三合一冲锋衣」姜黄 M 暂时没货了。现在有货的是：黑色 M。"),
        ("is it in stock", "The Ridge 3-in-1 Shell Jacket is in stock: Black M."),
        ("black ones", "The Ridge 3-in-1 Shell Jacket: Black, M 5 left; Black, L sold out."),
    ],
)
def test_stock_is_that_of_the_variants_meant_and_of_no_others(text: str, answer: str) -> None:
    assert stock(SHELL, meant(SHELL, text), [], in_language(text))[0].text == answer


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("最大号的还有吗", ["L"]),
        ("小的那个多少钱", ["S"]),
        ("the small one", ["S"]),
        ("is it big enough", ["S", "M", "L"]),
        ("有多大的", ["S", "M", "L"]),
    ],
)
def test_the_ends_of_sizes_by_letters_are_meant_by_large_and_small(text: str, sizes: list[str]) -> None:
    assert [variant.size for variant in meant(THREE_SIZES, text).variants] == sizes


@pytest.mark.parametrize(("text", "size"), [("高款还有吗", "165 cm"), ("the tall one", "165 cm"), ("矮的", "120 cm")])
def test_the_ends_of_measures_are_meant_by_tall_and_short(text: str, size: str) -> None:
    assert [variant.size for variant in meant(made(("", "", "120 cm"), ("", "", "165 cm")), text).variants] == [size]


def test_what_is_not_made_is_said_with_what_is() -> None:
    text = stock(SUN, meant(SUN, ""), ["purple"], in_language("purple"))[0].text
    assert text == "The IceFeel Sun Jacket does not come in purple. It comes in White, M 3 left; Light Blue, M 8 left."
    assert stock(GOWN, meant(GOWN, ""), [], in_language("礼服"))[0].text == "「重工亮片礼服裙」目前全部售罄。"


def test_what_there_is_to_choose_from() -> None:
    assert (
        choices(SHELL, in_language("颜色"), meant(SHELL, ""), "color")[0].text
        == "「山脊三合一冲锋衣」有黑色、姜黄（姜黄暂时没货）。"
    )


def test_a_size_for_a_body() -> None:
    assert "take M" in size_advice(SHELL, "5'5 and 120 lbs", in_language("size"))[0].text
    assert "S: 155–165 cm" in size_advice(SHELL, "哪个码", in_language("码"))[0].text
