"""Critiques as they are read and kept to, and the question that divides what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Attribute, Product, Text
from bot.types import Language, Need, Said, Search
from knowledge.catalogue import ShopCatalogue
from knowledge.encoders.hashing import HashingEncoder
from knowledge.recommend.aspects import COLOR, KIND, PRICE, values
from knowledge.recommend.critiques import Demand, kept_to, known_values, picked, read_critique
from knowledge.recommend.narrowing import LEAST_GAIN, MAX_QUESTIONS, gain, question
from knowledge.recommend.recommender import ShopRecommender
from tests.knowledge.shop import SHELL, SUN, MemoryShop, variant

COLORS = (("黑色", "Black"), ("白色", "White"), ("墨绿", "Dark Green"))
FABRICS = (("羊毛", "wool"), ("亚麻", "linen"))


def jacket(n: int) -> Product:
    """One of twelve jackets: price, weight, colour and fabric differ."""
    zh, en = COLORS[n % 3]
    fabric = Attribute("material", Text("面料", "Material"), Text(*FABRICS[n % 2]))
    weight = Attribute("mass", Text("单件重量", "Item weight"), Text(f"{300 + 50 * n} g", f"{300 + 50 * n} g"))
    name = Text(f"{n}号外套", f"Jacket No{n}")
    own = (variant(f"J{n}", 1, zh, en, "M", str(100 + 20 * n), 5),)
    return replace(SHELL, id=f"J{n:02}", name=name, aliases=(), attributes=(fabric, weight), variants=own, size_chart=())


JACKETS = tuple(map(jacket, range(12)))
KNOWN = known_values([*JACKETS, SUN])
SHOWN = JACKETS[3:6]


def only(text: str) -> Demand:
    critique = read_critique(text, SHOWN, KNOWN)
    assert critique is not None, text
    (demand,) = critique.demands
    return demand


@pytest.mark.parametrize("text", ["便宜点的", "太贵了", "cheaper please", "something less expensive"])
def test_cheaper_is_below_everything_shown(text: str) -> None:
    assert only(text) == Demand(PRICE, below=16_000)


@pytest.mark.parametrize("text", ["太便宜了", "要贵一点的", "a pricier one"])
def test_dearer_is_above_everything_shown(text: str) -> None:
    assert only(text) == Demand(PRICE, above=20_000)


@pytest.mark.parametrize(
    ("text", "heavier"),
    [
        ("重一点的", True),
        ("单件重量要更低的", False),
        ("heavier", True),
        ("with a lower item weight", False),
        ("太重了", False),
    ],
)
def test_measures_are_compared_by_label_or_adjective(text: str, heavier: bool) -> None:
    demand = only(text)
    assert demand.aspect == "mass" and (demand.above if heavier else demand.below) == (550 if heavier else 450)


@pytest.mark.parametrize("text", ["不要这个颜色", "not this colour"])
def test_another_colour_is_none_of_those_shown(text: str) -> None:
    demand = read_critique(text, SHOWN[:1], KNOWN)
    assert demand is not None
    met = [product.id for product in JACKETS if demand.demands[0].met_by(product)]
    assert met == [product.id for product in JACKETS if values(product, COLOR) != values(SHOWN[0], COLOR)]


@pytest.mark.parametrize("text", ["像第二款那样的，但是要羊毛的", "like the second but in wool"])
def test_like_the_second_but_in_wool(text: str) -> None:
    critique = read_critique(text, SHOWN, KNOWN)
    assert critique is not None and critique.like == SHOWN[1].id
    assert [(d.aspect, d.wanted) for d in critique.demands] == [("material", True)]


@pytest.mark.parametrize("text", ["不要亚麻的", "not linen", "without linen"])
def test_what_is_not_wanted_is_not_there(text: str) -> None:
    demand = only(text)
    assert not demand.wanted and {p.id for p in JACKETS if demand.met_by(p)} == {p.id for p in JACKETS[::2]}


@pytest.mark.parametrize(
    "text",
    ["第一款多少钱？", "is it waterproof?", "我要退货", "where is my order", "", "黑色的有货吗"],
)
def test_what_asks_or_wants_other_things_is_no_critique(text: str) -> None:
    assert read_critique(text, SHOWN, KNOWN) is None


@pytest.mark.parametrize("text", ['/narrow{"aspect":"color"}', "/narrow{}", "/narrow{[}", "/narrow[1]", "/narrow"])
def test_a_spoilt_button_picks_nothing(text: str) -> None:
    assert picked(text) is None


@given(st.lists(st.integers(0, 11), min_size=1, max_size=12, unique=True), st.sampled_from(["zh", "en"]))
def test_every_answer_to_a_question_is_read_and_leaves_something(chosen: list[int], language: str) -> None:
    products = [JACKETS[n] for n in chosen]
    asks = question(products, (), language)
    for choice in asks.choices if asks else ():
        demand = picked(choice.payload)
        assert demand is not None and any(demand.met_by(product) for product in products), choice
        typed = read_critique(choice.title, products, KNOWN)
        assert typed is not None and any(typed.demands[0].met_by(product) for product in products), choice.title


def test_the_question_tells_most_and_no_third_is_asked() -> None:
    asks = question(JACKETS, (), "en")
    assert asks is not None and asks.aspect == "mass" and asks.asks.startswith("Item weight")
    second = question(JACKETS, ("mass",), "en")
    assert second is not None and second.aspect == COLOR
    assert question(JACKETS, ("a", "b")[:MAX_QUESTIONS], "en") is None
    assert question(JACKETS[:1], (), "en") is None


@given(st.lists(st.sampled_from(JACKETS), min_size=1, max_size=12))
def test_gain_is_the_entropy_of_the_answers(products: list[Product]) -> None:
    found = gain(["羊毛", "亚麻"], products, "material")
    assert -1e-9 <= found <= 1 + 1e-9
    assert (found < 1e-9) is (len({p.attributes[0].value.zh for p in products}) == 1)
    assert LEAST_GAIN > 0


def test_the_oldest_demand_is_given_up_first() -> None:
    wool, dear = Demand("material", frozenset({"wool"})), Demand(PRICE, above=31_000)
    assert [p.id for p in kept_to([wool, dear], JACKETS)[0]] == ["J11"] and kept_to([wool, dear], JACKETS)[1] == 1
    assert kept_to([Demand(PRICE, above=1e9)], JACKETS) == ([], 1)


def recommender() -> ShopRecommender:
    return ShopRecommender(MemoryShop(items=(*JACKETS, SUN)), HashingEncoder())


def searching(*said: tuple[str, tuple[str, ...]]) -> Search:
    seen = tuple(name for _, shown in said for name in shown)
    return Search(tuple(Said(text, shown) for text, shown in said), seen=seen)


async def test_a_critique_refines_the_search_shows_what_is_new_and_says_why() -> None:
    shown = ("J05", "J06", "J07")
    search = searching(("jackets", ()), ("cheaper", shown), ("in wool", ()))
    found = await recommender().recommend(Need("jackets", Language.EN, search=search))
    assert {card.product_id for card in found.cards} == {"J00", "J02", "J04"}
    assert all("Material: wool" in card.reason and "from ¥" in card.reason for card in found.cards)


async def test_where_nothing_has_all_of_it_that_is_said() -> None:
    search = searching(("jackets", ()), ("in wool", ("J01",)), ("dearer", ("J10",)))
    found = await recommender().recommend(Need("jackets", Language.EN, search=search))
    assert [card.product_id for card in found.cards] == ["J11"]
    assert "Nothing in stock has all of that" in found.passages[0].text


async def test_another_kind_leaves_what_the_search_began_with() -> None:
    search = searching(("jackets", ()), ("sun protection", ("J01",)))
    found = await recommender().recommend(Need("jackets", Language.EN, search=search))
    assert [card.product_id for card in found.cards] == ["P2"]
    assert only("sun protection").aspect == KIND


async def test_the_catalogue_tells_a_critique_from_a_name() -> None:
    catalogue = ShopCatalogue(MemoryShop(items=(*JACKETS, SUN)))
    assert await catalogue.criticises("cheaper", ["J01"])
    assert not await catalogue.criticises("冰感防晒衣", ["J01"])
    assert not await catalogue.criticises("cheaper", [])
