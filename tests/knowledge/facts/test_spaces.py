"""Does it fit there: exact from the stated dimensions, in both languages, and honest where nothing is stated."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import Attribute, Money, Product, Text, Variant
from bot.text import normal
from knowledge.encoders.hashing import HashingEncoder
from knowledge.facts.answers import FactAnswers
from knowledge.facts.relevance import corpus_of
from knowledge.facts.spaces import Space, asked_space, in_space
from knowledge.facts.statements import statements
from tests.knowledge.facts.telling import in_language, inquiry_of

EN = in_language("does it fit")


def thing(dimensions: str | None, product_id: str = "T") -> Product:
    stated = (Attribute("k9", Text("外形尺寸", "Overall size"), Text(dimensions, dimensions)),) if dimensions else ()
    variant = Variant("T-1", Text(), "", Money(90, "CNY"), 4)
    return Product(product_id, Text("陶艺转盘", "Pottery Wheel"), "tools", "", (variant,), attributes=stated)


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("does it fit under a 40 cm shelf", (40,)),
        ("Will this go into a 12 inch cabinet?", (30.48,)),
        ("does it fit in a 50 x 40 x 20 cm box", (50, 40, 20)),
        ("my shelf is 40 cm high, does it fit?", (40,)),
        ("放得进30厘米的柜子吗", (30,)),
        ("能不能塞到 25cm 高的床底", (25,)),
        ("40公分的架子放得下吗", (40,)),
        ("柜子深35厘米，能放进去吗", (35,)),
        ("能放进 50×40×20cm 的箱子吗", (50, 40, 20)),
        # what a thing holds, what somebody measures, and what is no space
        ("放得下16寸的电脑吗", None),
        ("does a 16 inch laptop fit in it", None),
        ("can it fit a 30 cm plate", None),
        ("胸围50厘米穿哪个码", None),
        ("does it fit a chest of 50 cm", None),
        ("does it fit in a car boot", None),
        ("柜子放得下吗", None),
        ("180 cm tall, will L fit me", None),
        ("is it 40 cm high", None),
        ("40厘米够不够长", None),
    ],
)
def test_which_space_is_asked_about(text: str, measures: tuple[float, ...] | None) -> None:
    space = asked_space(normal(text))
    assert (space.measures if space else None) == (pytest.approx(measures) if measures else None)


EDGE = st.integers(1, 200)
EDGES = st.lists(EDGE, min_size=3, max_size=3)


def verdict(edges: list[int], room: list[int]) -> str:
    stated = " × ".join(str(edge) for edge in edges) + " cm"
    space = Space(tuple(sorted(map(float, room), reverse=True)))
    return in_space(space, [thing(stated)], EN)[0].text


@given(EDGES, EDGE)
def test_one_measure(edges: list[int], most: int) -> None:
    said = verdict(edges, [most])
    if max(edges) <= most:
        assert "Yes, whichever" in said or "Just" in said
        assert ("Just" in said) == (max(edges) == most)
    elif min(edges) > most:
        assert "No: one edge" in said
    else:
        assert "Only one way" in said
    assert " × ".join(map(str, edges)) in said, "with the figures"


@given(EDGES, EDGES)
def test_a_box_is_tried_every_way(edges: list[int], box: list[int]) -> None:
    fits = any(all(e <= b for e, b in zip(turned, box, strict=True)) for turned in itertools.permutations(edges))
    assert ("No: one edge" not in verdict(edges, box)) == fits


@pytest.mark.parametrize(
    ("question", "dimensions", "said"),
    [
        (
            "does it fit under a 40 cm shelf",
            "46 × 30 × 14 cm",
            ["Only one way", "46 cm", "30 cm or 14 cm"],
        ),
        ("放得进30厘米的柜子吗", "28 × 20 × 14 cm", ["放得下", "28 × 20 × 14 cm"]),
        ("放得进30厘米的柜子吗", "62 × 40 × 35 cm", ["放不下", "35 cm", "超过 30 cm"]),
        ("40公分的架子放得下吗", None, ["没有写明", "尺寸"]),
        ("does it fit under a 40 cm shelf", None, ["no stated dimensions", "cannot say"]),
        ("does it fit under a 40 cm shelf", "32 cm wide, 9 cm deep", ["Yes", "only these two"]),
    ],
)
async def test_what_is_said(question: str, dimensions: str | None, said: list[str]) -> None:
    product = thing(dimensions)
    asked = inquiry_of(question, [product])
    found = await FactAnswers(HashingEncoder()).tell(
        asked, [product], in_language(question), corpus_of(statements(product, asked.language))
    )
    assert found is not None
    text = found.passages[0].text
    assert all(part in text for part in said), text
