"""What is told of a product whose variants differ: the measure that is asked for, and not what it costs."""

from __future__ import annotations

import pytest

from bot.commerce import Attribute, Money, Product, Text, Variant
from knowledge.encoders.hashing import HashingEncoder
from knowledge.facts.answers import FactAnswers
from knowledge.facts.relevance import corpus_of
from knowledge.facts.statements import statements
from tests.knowledge.facts.telling import in_language, inquiry_of

PUMP = Product(
    "V", Text("潮汐泵", "Tidal Pump"), "pumps", "",
    tuple(
        Variant(f"V-{n}", Text(zh, en), "", Money(9900 + 100 * n), stock)
        for n, (zh, en, stock) in enumerate([("铜头", "Brass head", 4), ("塑料头", "Plastic head", 0)])
    ),
    attributes=(
        Attribute("power", Text("功率", "Power"), Text("铜头 45 W；塑料头 30 W", "Brass head 45 W; Plastic head 30 W")),
        Attribute(
            "weight", Text("重量", "Weight"), Text("铜头 2 kg；塑料头 1.1 kg", "Brass head 2 kg; Plastic head 1.1 kg")
        ),
    ),
)  # fmt: skip
ROPE = Product(
    "R", Text("攀岩绳", "Climbing Rope"), "ropes", "",
    tuple(
        Variant(f"R-{n}", Text(zh, en), size, Money(20000), 1)
        for n, (zh, en, size) in enumerate([("红", "Red", "40 m"), ("红", "Red", "60 m"), ("蓝", "Blue", "70 m")])
    ),
)  # fmt: skip


async def told_of(product: Product, question: str) -> str:
    asked = inquiry_of(question, [product])
    corpus = corpus_of(statements(product, asked.language))
    found = await FactAnswers(HashingEncoder()).tell(asked, [product], in_language(question), corpus)
    return "\n".join(passage.text for passage in found.passages) if found else ""


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("how many watts each, brass or plastic head", ["45 W", "30 W"], ["99"]),
        ("brass head or plastic head, which weighs less and by how much", ["2 kg", "1.1 kg"], ["99"]),
        ("铜头和塑料头哪个轻 差多少公斤", ["2 kg", "1.1 kg"], ["99"]),
        ("铜头的重多少", ["2 kg"], ["1.1 kg", "99"]),
        ("铜头的多少钱", ["99"], ["kg"]),
    ],
)
async def test_a_measure_is_told_of_the_variants_meant(question: str, said: list[str], unsaid: list[str]) -> None:
    text = await told_of(PUMP, question)
    assert all(part in text for part in said) and not any(part in text for part in unsaid), text


@pytest.mark.parametrize("question", ["能买的还有几个款式", "what versions are there to pick"])
async def test_an_act_that_says_nothing_gives_way_to_the_next(question: str) -> None:
    assert "没货" in (text := await told_of(PUMP, question)) or "sold out" in text


def test_what_sizes_measure_is_stated_by_colour() -> None:
    assert [s.text for s in statements(ROPE, "en") if s.key == "size"] == ["Red 40 m/60 m; Blue 70 m"]
    assert not [s for s in statements(PUMP, "en") if s.key == "size"]


CLOTH = Product(
    "C", Text("河岸棉布", "Riverbank Cotton"), "cloth", "",
    tuple(
        Variant(f"C-{n}", color, "0.5 m", Money(1900), 90)
        for n, color in enumerate((Text("米", "Cream"), Text("蓝", "Blue")))
    ),
    attributes=(Attribute("warmth", Text("保暖", "Warmth"), Text("每米 2 托格", "2 tog a metre")),),
)  # fmt: skip


@pytest.mark.parametrize("question", ["3 metres of the cream, what does it come to in total", "米色来3米 一共多少钱"])
async def test_a_measure_of_what_is_sold_by_one_is_a_number_of_pieces(question: str) -> None:
    assert "114" in await told_of(CLOTH, question)


async def test_what_is_asked_of_each_is_money_only_where_money_is_asked_for() -> None:
    assert "2 tog" in await told_of(CLOTH, "warmth per metre")
