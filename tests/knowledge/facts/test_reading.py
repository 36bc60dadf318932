"""Questions to the tables as they are read: acts, quantities, wishes, and things that nobody sells."""

from __future__ import annotations

import pytest

from bot.text import normal
from knowledge.facts.goods import thing_asked
from knowledge.facts.reading import Act, acts_of, pieces_of
from knowledge.facts.relevance import asked_dimensions, corpus_of, measures_alone
from knowledge.facts.statements import Statement, sentences
from knowledge.facts.wishes import bounds, support, unwanted
from knowledge.lexicon.quantities import quantities


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("这个怎么卖", Act.PRICE),
        ("what does it go for", Act.PRICE),
        ("三个加起来多少", Act.TOTAL),
        ("the bill for all of them", Act.TOTAL),
        ("two of the blue with 10 off = ?", Act.TOTAL),
        ("3 盒打八折 = 多少", Act.TOTAL),
        ("还剩几件", Act.STOCK),
        ("有哪些口味", Act.CHOICES),
        ("哪款最轻", Act.EXTREME),
        ("which is the quietest", Act.EXTREME),
        ("有赠品吗", Act.OFFERS),
        ("保修多久", Act.WARRANTY),
    ],
)
def test_an_act_by_its_form(text: str, act: Act) -> None:
    assert acts_of(text, "")[0] is act


@pytest.mark.parametrize("text", ["is it the latest test", "这是最新款", "how much does it weigh", "I need rest"])
def test_what_only_looks_like_an_act(text: str) -> None:
    assert not {Act.EXTREME, Act.PRICE} & set(acts_of(text, ""))


@pytest.mark.parametrize("text", ["how much for two metres", "一米多少钱", "what does the 5 kg bag cost"])
def test_a_measure_that_is_said_leaves_money_money(text: str) -> None:
    assert {Act.PRICE, Act.EACH} & set(acts_of(text, ""))


def test_who_does_not_want_a_thing_looks_for_none() -> None:
    assert Act.FIND in acts_of("想要这个", "")
    assert Act.FIND not in acts_of("不想要了", "")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("来三罐", 3), ("2 x filters", 2), ("two big tins", 2), ("how much for 4 hoses", 4), ("买两", None),
     ("in 2 days", None),
     ("10-46那套来5套", 5), ("一共多少钱", None)],
)  # fmt: skip
def test_how_many_are_wanted(text: str, pieces: int | None) -> None:
    assert pieces_of(normal(text)) == pieces


@pytest.mark.parametrize(
    ("text", "low", "high", "dimension"),
    [
        ("58–90 mm", 58, 90, "length"),
        ("minus 30 celsius", -30, -30, "temperature"),
        ("1.2 kg", 1200, 1200, "mass"),
        ("17斤", 8500, 8500, "mass"),
        ("一米三", 1300, 1300, "length"),
        ("两个小时", 2, 2, "time"),
        ("三十来斤", 15000, 15000, "mass"),
        ("50多公斤", 50000, 50000, "mass"),
        ("40 to 60 dB", 40, 60, "loudness"),
    ],
)
def test_quantities_in_the_base_of_their_dimension(text: str, low: float, high: float, dimension: str) -> None:
    (found,) = quantities(normal(text))
    assert (found.low, found.high, found.dimension) == (pytest.approx(low), pytest.approx(high), dimension)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("几伏断电", "voltage"),
        ("how many psi", "pressure"),
        ("多重", "mass"),
        ("how wide is it", "length"),
        ("能用几天", "time"),
        ("差多少 几公斤", "mass"),
    ],
)
def test_a_measure_that_is_asked_for(text: str, dimension: str) -> None:
    assert dimension in asked_dimensions(normal(text))


def test_a_measure_may_be_all_that_is_asked_for() -> None:
    assert measures_alone("how heavy is it") == {"mass"}
    assert not measures_alone("how long is the cable")
    assert not measures_alone("is it any good")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("不要塑料的", "塑料"), ("food without corn", "corn"), ("bottles, but no glass please", "glass"), ("除了红色", "红色")],
)
def test_what_is_not_wanted(text: str, phrase: str) -> None:
    assert [said for said, _ in unwanted(normal(text))] == [phrase]


@pytest.mark.parametrize("text", ["有没有灯", "收不收运费", "能不能退"])
def test_whether_is_no_not(text: str) -> None:
    assert unwanted(normal(text)) == []


def test_bounds_on_a_measure() -> None:
    [(bound, _)] = bounds(normal("lighter than 6 kg"))
    assert (bound.dimension, bound.least, bound.most) == ("mass", None, 6000)
    [(bound, _)] = bounds(normal("20升以上的"))
    assert (bound.dimension, bound.least, bound.most) == ("volume", 20000, None)


TOLD = (
    Statement("X", "filter", "过滤", "三层过滤，不含活性炭", "Filter three layers, free of carbon"),
    Statement("X", "light", "灯", "无", "Light none"),
    Statement("X", "", "", "适合淡水鱼，不适合海水鱼。", ""),
)


@pytest.mark.parametrize(
    ("phrase", "says"), [("过滤", 1), ("活性炭", -1), ("灯", -1), ("淡水鱼", 1), ("海水鱼", -1), ("投喂器", 0)]
)
def test_a_product_says_that_it_is_so_that_it_is_not_or_nothing(phrase: str, says: int) -> None:
    found = support(phrase, TOLD, corpus_of(TOLD))
    assert (found > 0.5) - (found < -0.5) == says


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("你们卖鱼缸吗", "鱼缸"),
        ("do you sell snow tyres", "snow tyres"),
        ("有没有卖手表的", "手表"),
        ("怎么退货", ""),
        ("有哪些", ""),
    ],
)
def test_the_thing_that_is_asked_for(text: str, thing: str) -> None:
    assert thing_asked(normal(text)) == thing


def test_sentences_keep_their_numbers_whole() -> None:
    assert sentences("Weighs 1.5 kg. Runs quietly!") == ("Weighs 1.5 kg.", "Runs quietly!")
