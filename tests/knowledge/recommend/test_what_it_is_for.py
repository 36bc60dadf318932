"""Wishes that say what or whom a thing is for, what is not wanted, and limits that products state of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commerce import Attribute, Money, Product, Text
from bot.text import normal
from bot.types import Language, Need
from knowledge.encoders.hashing import HashingEncoder
from knowledge.lexicon.lexicon import Lexicon
from knowledge.recommend.audience import Audience, audience_of
from knowledge.recommend.constraints import read_constraints
from knowledge.recommend.recommender import ShopRecommender
from tests.knowledge.shop import MemoryShop, variant

POOLS = ("garden/pools", "泳池", "Pools")
KITES = ("toys/kites", "风筝", "Kites")
SCOOTERS = ("toys/scooters", "滑板车", "Scooters")


def thing(
    product_id: str, kind: tuple[str, str, str], name: tuple[str, str], price: str, *stated: tuple[str, str, str, str]
) -> Product:
    """A product of a kind with what it states: label and value in both languages."""
    attributes = tuple(Attribute(en.lower(), Text(zh, en), Text(value, said)) for zh, en, value, said in stated)
    return Product(
        id=product_id, name=Text(*name), category=kind[0], category_name=Text(*kind[1:]), brand="",
        attributes=attributes, variants=(variant(product_id, 1, "", "", "", price, 5),),
    )  # fmt: skip


PUMPS = ("pools/pumps", "水泵", "Pumps")
POOLS_SAY = ("适用", "For pools")
AGE, MADE_OF = ("适合年龄", "Age"), ("材质", "Material")
ITEMS = (
    thing("U1", PUMPS, ("溪流水泵", "Brook Pump"), "80", (*POOLS_SAY, "500–900 L", "500–900 L")),
    thing("U2", PUMPS, ("江河水泵", "River Pump"), "90", (*POOLS_SAY, "2000–5000 L", "2000–5000 L")),
    thing("O1", POOLS, ("小湾泳池", "Cove Pool"), "60"),
    thing("K1", KITES, ("燕子风筝", "Swallow Kite"), "30", (*AGE, "4 岁以上", "4 and up")),
    thing("K2", KITES, ("苍鹰风筝", "Hawk Kite"), "50", (*AGE, "12 岁以上", "12 and up")),
    thing("K3", KITES, ("龙风筝", "Dragon Kite"), "70", (*AGE, "9 岁以上", "9 and up")),
    thing("S1", SCOOTERS, ("飞燕儿童滑板车", "Kids' Swift Scooter"), "199", (*MADE_OF, "钢", "steel")),
    thing("S2", SCOOTERS, ("长风滑板车", "Longwind Scooter"), "399", (*MADE_OF, "碳纤维", "carbon")),
    thing("S3", SCOOTERS, ("老街滑板车", "Oldstreet Scooter"), "299", (*MADE_OF, "竹木", "bamboo")),
)
LEXICON = Lexicon(ITEMS)


async def shown(text: str, language: Language) -> list[str]:
    shop = MemoryShop(items=ITEMS)
    found = await ShopRecommender(shop, HashingEncoder()).recommend(Need(text, language))
    return sorted(card.product_id for card in found.cards)


async def test_what_a_thing_is_for_is_not_the_thing_and_its_measure_fits() -> None:
    assert await shown("a pump for a small 700 L pool", Language.EN) == ["U1"]
    assert await shown("pump for my 3000 L pool, not over 95 yuan", Language.EN) == ["U2"]
    assert read_constraints("looking for a small pool and a pump", LEXICON).kinds == ("pool", "pump")


@pytest.mark.parametrize("text", ["something to clean my pool", "anything for the pumps i have"])
def test_what_something_unnamed_is_for_is_not_wanted(text: str) -> None:
    assert read_constraints(text, LEXICON).kinds == ()


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("a kite for a 6yo", Language.EN, ["K1"]),
        ("a kite, my son is 10", Language.EN, ["K1", "K3"]),
        ("kites for a 13-year-old", Language.EN, ["K1", "K2", "K3"]),
        ("a kite for my niece, she's 6", Language.EN, ["K1"]),
        ("家里娃七岁 想要个风筝", Language.ZH, ["K1"]),
    ],
)
async def test_a_stated_age_keeps_out_who_is_younger(text: str, language: Language, right: list[str]) -> None:
    assert await shown(text, language) == right


async def test_where_every_one_is_for_older_ones_that_is_said() -> None:
    found = await ShopRecommender(MemoryShop(items=ITEMS), HashingEncoder()).recommend(
        Need("a kite for a 2 year old", Language.EN)
    )
    assert [passage.text for passage in found.passages] == ["Nothing in stock fits that age or size. This comes nearest:"]
    assert [card.product_id for card in found.cards] == ["K1"]


async def test_a_grown_up_gets_nothing_that_is_called_a_childs() -> None:
    assert await shown("大人骑的滑板车", Language.ZH) == ["S2", "S3"]
    assert await shown("给五岁娃买个滑板车", Language.ZH) == ["S1"]
    assert not read_constraints("大人骑的滑板车", LEXICON).wishes
    assert audience_of("not for kids") is None
    assert audience_of("for kids and adults") is None
    assert audience_of("a gift for my children") is Audience.CHILD


async def test_what_others_state_of_the_same_attribute_is_no_answer() -> None:
    assert await shown("a really light carbon one of your scooters", Language.EN) == ["S2"]


@pytest.mark.parametrize("text", ["滑板车有啥 竹木的就别给我发了", "scooters, don't show me bamboo ones"])
async def test_a_denied_verb_behind_it_leaves_something_out(text: str) -> None:
    language = Language.EN if text.isascii() else Language.ZH
    assert await shown(text, language) == ["S1", "S2"]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("kites not over 60 yuan", None, "60"),
        ("kites, 60 yuan tops", None, "60"),
        ("no more than ¥60 for a kite", None, "60"),
        ("风筝不超过60元", None, "60"),
        ("kites over 60 yuan", "60", None),
    ],
)
def test_a_limit_from_either_side(text: str, least: str | None, most: str | None) -> None:
    read = read_constraints(text, LEXICON)
    assert read.least == (Money.of(least) if least else None)
    assert read.most == (Money.of(most) if most else None)
    assert all(wish.wanted for wish in read.wishes)


def test_not_to_fear_something_is_no_wish_without_it() -> None:
    read = read_constraints(normal("想要个不怕盐水的水泵"), LEXICON)
    assert all(wish.wanted for wish in read.wishes)


async def test_of_all_that_is_sold_what_speaks_of_it_is_meant() -> None:
    dry = replace(ITEMS[2], description=Text("不用插座。", "It works without a socket."))
    shop = MemoryShop(items=(*ITEMS[:2], dry, *ITEMS[3:]))
    found = await ShopRecommender(shop, HashingEncoder()).recommend(Need("something fun, no socket", Language.EN))
    assert [card.product_id for card in found.cards] == ["O1"]
