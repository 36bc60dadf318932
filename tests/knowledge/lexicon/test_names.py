"""Products as people name them: whole names, telling parts, slips of the pen and of the ear; and signs that are none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Money, Product, Text, Variant
from bot.text import normal
from knowledge.lexicon.lexicon import Lexicon
from knowledge.lexicon.names import mentions, unknown_codes


def thing(id_: str, zh: str, en: str, *aliases: str, kind: tuple[str, str] = ("水泵", "Pumps")) -> Product:
    """A product with a name, aliases and a kind."""
    variants = (Variant(f"{id_}-01", Text(), "", Money(1000), 3),)
    return Product(id_, Text(zh, en), "water", "", variants, category_name=Text(*kind), aliases=aliases)


LEXICON = Lexicon(
    [
        thing("WP01", "静流潜水泵", "Stillwater Submersible Pump", "静流", "Stillwater"),
        thing("WP02", "双头气泵", "Twin Air Pump"),
        thing("LT01", "晨光藻缸灯", "Dawn Planted Tank Light", "晨光", kind=("灯具", "Lights")),
        thing("FD01", "跃龙门锦鲤饲料", "Dragon Gate Koi Food", kind=("鱼食", "Food")),
    ]
)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("静流多大声", "WP01"),
        ("is the Stillwater loud", "WP01"),
        ("双头那款", "WP02"),
        ("the air pump", "WP02"),
        ("dragon gate per day", "FD01"),
        ("跃龙们锦鲤饲料", "FD01"),
        ("yuelongmen jinli siliao", "FD01"),
        ("WP02-01还有吗", "WP02"),
        ("Stillwatr submersible pump", "WP01"),
    ],
)
def test_a_product_by_its_name_a_part_of_it_or_a_slip(text: str, product: str) -> None:
    assert {name for mention in mentions(LEXICON.names, normal(text)) for name in mention.product_ids} == {product}


@pytest.mark.parametrize("text", ["how long does delivery take", "怎么退货", "which one is the best", "2 of them"])
def test_no_product_where_none_is_named(text: str) -> None:
    assert mentions(LEXICON.names, normal(text)) == []


@pytest.mark.parametrize(
    ("text", "names"), [("what makes it tick", False), ("how are the maks", True), ("two lenses", True)]
)
def test_a_plural_is_made_as_english_makes_it(text: str, names: bool) -> None:
    scope = Lexicon([thing("T1", "马克镜", "Short Maksutov", "mak", "lens"), thing("T2", "三脚架", "Tripod")])
    assert bool(mentions(scope.names, normal(text))) is names


def test_a_word_for_several_is_a_kind() -> None:
    found = LEXICON.find(normal("which pump is quieter"))
    assert found.product_ids == () and set(found.of_kinds) == {"WP01", "WP02"}


def test_two_products_in_their_order_and_what_is_said_beside_them() -> None:
    found = LEXICON.find(normal("晨光和静流哪个省电"))
    assert found.product_ids == ("LT01", "WP01")
    assert found.rest == "和 哪个省电"


def test_signs_made_like_the_shops_own_that_are_none() -> None:
    assert unknown_codes(LEXICON.names, "wp99-01 有货吗") == [(0, 7)]
    assert unknown_codes(LEXICON.names, "wp01 有货吗 2kg") == []


@pytest.mark.parametrize(("said", "sold"), [("鱼食", True), ("koi food", True), ("鱼竿", False), ("fishing rod", False)])
def test_what_is_sold_is_told_by_the_end_of_a_phrase(said: str, sold: bool) -> None:
    assert LEXICON.sells(said) is sold


@given(st.text(max_size=60))
def test_mentions_stand_in_the_text_in_order_and_apart(text: str) -> None:
    plain = normal(text)
    found = mentions(LEXICON.names, plain)
    assert all(0 <= mention.start < mention.end <= len(plain) for mention in found)
    assert all(a.start <= b.start for a, b in pairwise(found))
