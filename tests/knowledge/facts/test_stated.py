"""Wishes by the shop's own labels and values, labels that a product has not, and questions that only change the last one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commerce import Attribute, Product, Text
from bot.text import normal
from bot.types import Exchange, Language, Need
from knowledge.catalogue import ShopCatalogue
from knowledge.encoders.hashing import HashingEncoder
from knowledge.facts.answers import FactAnswers, may_stand_for
from knowledge.facts.goods import asks_for_nothing_else, on_the_shelf, thing_asked
from knowledge.facts.reading import LabelAsked, label_asked, pieces_of
from knowledge.facts.scales import by_highest_price, by_price
from knowledge.facts.stated import says, stated_wishes
from knowledge.facts.statements import Statement
from knowledge.followups import only_changes, resumed
from knowledge.lexicon.lexicon import Lexicon
from knowledge.recommend.constraints import read_constraints
from knowledge.recommend.recommender import ShopRecommender
from tests.knowledge.facts.telling import in_language
from tests.knowledge.shop import SHELL, SHOE, SUN, MemoryShop


def fan(product_id: str, noise: str, grade: str, wash: tuple[str, str]) -> Product:
    """A fan of a category of its own, with three attributes."""
    attributes = (
        Attribute("noise", Text("噪音", "Noise"), Text(noise, noise)),
        Attribute("grade", Text("安全类别", "Safety class"), Text(grade, grade)),
        Attribute("wash", Text("水洗", "Washing"), Text(*wash)),
    )
    return replace(
        SHOE, id=product_id, name=Text(f"{product_id}号扇", f"Fan {product_id}"), aliases=(), category="home/fans",
        category_name=Text("风扇", "Fans"), attributes=attributes,
    )  # fmt: skip


FANS = (
    fan("F1", "32 dB", "B 级", ("可", "allowed")),
    fan("F2", "132 dB", "A 级", ("不可", "not allowed")),
    replace(fan("F3", "38 dB", "A 级", ("可", "allowed")), attributes=()),
)


def read(text: str) -> list[tuple[str, bool]]:
    return [(one.value, one.wanted) for one in stated_wishes(normal(text), FANS)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("噪音32 dB的风扇", [("32 db", True)]),
        ("风扇要噪音32dB的", [("32 db", True)]),
        ("fans with noise 32 dB", [("32 db", True)]),
        ("32 dB noise fans", [("32 db", True)]),
        ("风扇噪音不要32 dB", [("32 db", False)]),
        ("除了噪音32 dB的风扇还有啥", [("32 db", False)]),
        ("any fans where noise isn't 32 dB", [("32 db", False)]),
        ("fans but no 32 dB noise", [("32 db", False)]),
        ("安全类别B 级的风扇", [("b 级", True)]),  # the 别 in 类别 denies nothing
        ("水洗不可的风扇", [("不可", True)]),
        ("是不是噪音32 dB的风扇", [("32 db", True)]),
        ("有没有噪音32 dB的风扇", [("32 db", True)]),
        ("fans with noise over 32 dB", []),  # a bound
        ("32 dB的风扇", []),
        ("噪音大吗", []),
        ("噪音35 dB的风扇", []),
    ],
)
def test_a_label_with_a_value_is_a_wish(text: str, found: list[tuple[str, bool]]) -> None:
    assert read(text) == found


def test_a_value_is_said_whole_and_not_denied() -> None:
    assert says("橡胶大底，4 mm 齿", "橡胶")
    assert not says("13.5 g", "3.5 g")
    assert not says("描金不可", "可")
    assert says("纯白可，描金不可", "可")


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("噪音32 dB的风扇", Language.ZH, ["F1"]),
        ("风扇不要噪音32 dB的", Language.ZH, ["F2", "F3"]),  # what states another value goes first
        ("fans, noise not 32 dB", Language.EN, ["F2", "F3"]),
        ("fans with washing allowed", Language.EN, ["F1"]),
    ],
)
async def test_such_wishes_are_kept_to(text: str, language: Language, shown: list[str]) -> None:
    shop = MemoryShop(items=(*MemoryShop().items, *FANS))
    found = await ShopRecommender(shop, HashingEncoder()).recommend(Need(text, language))
    assert sorted(card.product_id for card in found.cards) == shown
    assert all("：" in card.reason or ": " in card.reason for card in found.cards if card.product_id != "F3")


def test_a_stated_value_is_no_budget_and_no_other_wish() -> None:
    read_so = read_constraints("噪音32 dB以内的风扇 300以内", Lexicon(FANS))
    assert read_so.most is not None and read_so.most.minor == 30000


@pytest.mark.parametrize(
    ("text", "own"),
    [("防水指数多少", True), ("防晒指数是啥", False), ("what uv protection does it have", False)],
)
def test_a_label_that_is_asked_for(text: str, own: bool) -> None:
    asked = label_asked(text, Lexicon((SHELL, SUN)).labels(text), ["P1"])
    assert asked is not None and asked.own is own


@pytest.mark.parametrize("text", ["防水指数最高的", "防水指数高的多少钱", "有防水指数的有货吗", "多少钱"])
def test_a_question_for_something_else_asks_for_no_label(text: str) -> None:
    assert label_asked(text, Lexicon((SHELL, SUN)).labels(text), ["P1"]) is None


def test_only_a_measure_of_the_same_name_stands_for_a_label() -> None:
    shelf_life = LabelAsked("保质期", own=False, dimensions=frozenset({"time"}))
    assert not may_stand_for(Statement("P1", "warranty", "保修说明", "保修 3 个月"), shelf_life)
    assert may_stand_for(Statement("P1", "life", "开封后保质期", "3 个月"), shelf_life)
    assert may_stand_for(Statement("P1", "warranty", "鞋面", "牛皮"), LabelAsked("面料", own=False, dimensions=frozenset()))


@pytest.mark.parametrize(
    "text", ["那要3个呢", "what about 3", "if i get 2", "改成呢", "and the", "ok and the", "same for?", "3 of those"]
)
def test_what_only_changes_the_last_question(text: str) -> None:
    assert only_changes(text, ())


@pytest.mark.parametrize("text", ["要退货呢", "what about the washing", "and when does it come"])
def test_what_asks_for_more(text: str) -> None:
    assert not only_changes(text, ())


def test_the_question_stands_last_when_it_is_asked_again() -> None:
    past = [Exchange("那个多少", "¥59", ("P1",), "那个多少", "")]
    assert resumed("3 l呢", "", [(0, 3)], past).about.endswith("多少")


@pytest.mark.parametrize(("text", "pieces"), [("what about 3", 3), ("if i get 2", 2), ("what about 38", None)])
def test_so_many_without_a_word_for_pieces(text: str, pieces: int | None) -> None:
    assert pieces_of(text) == pieces


@pytest.mark.parametrize(
    ("text", "last", "asks"),
    [
        ("跑鞋咧", ("P1",), True),
        ("换姜黄呢", ("P1",), True),
        ("那要3个呢", ("P1",), True),
        ("换姜黄呢", (), False),
        ("我要换货", ("P1",), False),
        ("滚", ("P1",), False),
        ("小提琴上架没", (), True),
    ],
)
async def test_what_the_tables_answer_is_no_business_with_an_order(text: str, last: tuple[str, ...], asks: bool) -> None:
    assert await ShopCatalogue(MemoryShop()).asks(text, last) is asks


def test_things_asked_for_by_their_form_alone() -> None:
    for text, thing in (("卖口琴不", "口琴"), ("need e-readers", "e-readers"), ("小提琴上架没", "小提琴")):
        assert thing_asked(text) == thing
        assert asks_for_nothing_else(text, thing)
    for text, thing in (("do you do canoes", "canoes"), ("吉他包你们做吗", "吉他包"), ("你们做吉他包吗", "吉他包")):
        assert thing_asked(text) == thing
        assert asks_for_nothing_else(text, thing)
    assert thing_asked("do u have any") == ""
    assert thing_asked("something to get rust off") == ""
    assert on_the_shelf("小提琴上架没") and not on_the_shelf("卖家发货了没")


def test_sizes_in_figures_are_values_of_the_shop() -> None:
    lexicon = Lexicon((SHOE, SHELL))
    assert [("39的有吗")[a:b] for a, b in lexicon.values("39的有吗")] == ["39"]
    assert not lexicon.values("39元的有吗") and not lexicon.values("39件有吗")


def test_the_dearest_is_so_by_its_dearest_variant() -> None:
    assert [place.said for place in by_price((SUN,))] == ["¥159"]
    dearest = replace(SUN.variants[1], stock=0)
    sold_out = replace(SUN, variants=(SUN.variants[0], dearest))
    assert [place.said for place in by_highest_price((SUN,), in_language("the dearest"))] == ["¥169 (Light Blue, M)"]
    told = by_highest_price((sold_out,), in_language("最贵的"))
    assert [place.said for place in told] == ["¥169（浅蓝 M，暂时缺货）"]


@pytest.mark.parametrize("text", ["how heavy can i be for it", "多重的人能坐"])
async def test_what_somebody_may_weigh_is_not_what_the_thing_weighs(text: str) -> None:
    weights = (
        Attribute("weight", Text("重量", "Weight"), Text("7 kg", "7 kg")),
        Attribute("load", Text("最大承重", "Carries"), Text("110 kg", "110 kg")),
    )
    stool = replace(SHOE, id="P9", name=Text("踏凳", "Step Stool"), aliases=(), attributes=weights)
    corpus = await ShopCatalogue(MemoryShop(items=(stool,))).corpus("en")
    ranked = await FactAnswers(HashingEncoder()).ranked(text, stool, "en", corpus)
    assert "weight" not in {statement.key for _, statement in ranked}
    asked = await FactAnswers(HashingEncoder()).ranked("how heavy is it", stool, "en", corpus)
    assert "weight" in {statement.key for _, statement in asked}
