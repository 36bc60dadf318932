"""Product words: which of them a text says, and which products they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commerce import Product, Text
from knowledge.lexicon.kinds import Kinds
from tests.knowledge.shop import SHELL, SHOE

EARPHONES = replace(
    SHELL,
    id="P8",
    name=Text("主动降噪头戴耳机", "Quiet Pro Noise-cancelling Headphones (black)"),
    category_name=Text("数码", "Electronics"),
    aliases=(),
)
BOOTS = replace(SHOE, id="P9", name=Text("防水鞋", "Waterproof Hiking Boots"), category_name=Text("鞋", "Shoes"), aliases=())
KINDS = Kinds([EARPHONES, BOOTS])


@pytest.mark.parametrize(
    ("text", "said", "of"),
    [
        ("哪个耳机续航最久", "耳机", "P8"),
        ("有头戴耳机吗", "头戴耳机", "P8"),
        ("a pair of hiking boots", "hiking boot", "P9"),
        ("is there a boot for kids", "boot", "P9"),
        ("noise-cancelling headphones please", "noise-cancelling headphone", "P8"),
        ("防水的鞋", "鞋", "P9"),
    ],
)
def test_the_longest_end_of_a_name_that_is_said(text: str, said: str, of: str) -> None:
    assert KINDS.said(text) == (said,)
    assert [name for name in ("P8", "P9") if KINDS.named_by((said,), name)] == [of]


@pytest.mark.parametrize("text", ["鞋底好滑", "something for my rebooted laptop", "主动一点", ""])
def test_what_names_no_kind(text: str) -> None:
    assert KINDS.said(text) == ()


def test_the_product_itself_or_its_category() -> None:
    assert KINDS.named_by(("鞋",), "P9") and KINDS.own_name_says(("鞋",), "P9")
    assert KINDS.named_by(("electronic",), "P8") and not KINDS.own_name_says(("electronic",), "P8")


def test_a_product_nobody_knows_is_of_no_kind() -> None:
    assert not KINDS.named_by(("boot",), "P0")


def test_a_word_of_one_character_is_said_with_its_ending() -> None:
    assert KINDS.said("有几种鞋子") == ("鞋子",) and KINDS.named_by(("鞋子",), "P9")


def test_what_tells_products_of_one_category_apart_names_no_other() -> None:
    def of(name: str, *called: str) -> Product:
        kind = Text("骑行装备", "Riding gear")
        return replace(
            SHOE, id=name, name=Text("", called[0]), aliases=called[1:], category="gear", category_name=kind,
            category_aliases=("bells", "mudguards"),
        )  # fmt: skip

    kinds = Kinds([of("B1", "Robin Bell"), of("B2", "Wren Brass Bell"), of("M1", "Heron Mudguard"), of("G1", "Wool Gloves")])
    assert [name for name in ("B1", "B2", "M1", "G1") if kinds.named_by(kinds.said("a bell"), name)] == ["B1", "B2"]
    assert all(kinds.named_by(kinds.said("riding gear"), name) for name in ("B1", "M1", "G1"))


def bus(product_id: str, *called: str) -> Product:
    """A vehicle of a category that is called so as well."""
    kind = Text("客车", "Coaches")
    return replace(SHELL, id=product_id, name=Text(called[0], ""), aliases=(), category="road/coaches",
                   category_name=kind, category_aliases=called[1:])  # fmt: skip


def test_one_character_that_all_words_for_a_category_end_in_is_a_kind() -> None:
    kinds = Kinds([bus("V1", "青蓝客车", "大巴车", "班车"), bus("V2", "车窗清洁布")])
    assert kinds.said("哪辆车最长") == ("车",) and kinds.said("车里面哪个最长") == ("车",)
    assert kinds.said("车有哪些") == ("车",) and kinds.said("想买车票") == ()
    assert kinds.named_by(("车",), "V1")
    assert Kinds([bus("V3", "青蓝客车", "大巴")]).said("哪辆车最长") == ()  # not all of them end so


def test_one_character_that_a_category_is_called_is_no_other_that_ends_so() -> None:
    brush = replace(bus("V4", "狼毫毛笔", "毛笔", "笔"), category_name=Text("毛笔", "Brushes"), category="art/brushes")
    crayon = replace(bus("V5", "十二色粉笔"), category_name=Text("画材", "Art"), category="art/chalk")
    kinds = Kinds([brush, crayon])
    assert kinds.said("这里哪支笔最细") == ("笔",)
    assert kinds.named_by(("笔",), "V4") and not kinds.named_by(("笔",), "V5")
    assert kinds.named_by(("粉笔",), "V5")
