"""What a product states of a measure for each of its variants, and what a measure that is given falls into."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bot.commerce import Attribute, Money, Product, Text, Variant
from bot.text import normal
from knowledge.encoders.hashing import HashingEncoder
from knowledge.facts.answers import FactAnswers
from knowledge.facts.limits import for_variants, ranges_of
from knowledge.facts.relevance import corpus_of, dimensions_by_unit
from knowledge.facts.statements import Statement, statements
from knowledge.lexicon.quantities import quantities
from tests.knowledge.facts.telling import in_language, inquiry_of

SIZES = tuple(
    Variant(f"V{n}-{color.en}", color, size, Money(90, "CNY"), stock)
    for n, size in enumerate(("S", "M", "L"))
    for color, stock in ((Text("黑色", "black"), 4), (Text("橙色", "orange"), 0 if size == "M" else 2))
)
VEST = Product(
    "V",
    Text("浮力背心", "Float Vest"),
    "vests",
    "",
    SIZES,
    attributes=(
        Attribute(
            "chest",
            Text("胸围", "Chest"),
            Text("S 30–40 cm；M 40–55 cm；L 55 cm 以上", "S 30–40 cm; M 40–55 cm; L from 55 cm"),
        ),
        Attribute("load", Text("浮力", "Buoyancy"), Text("S 20 N；M 30 N；L 45 N", "S 20 N; M 30 N; L 45 N")),
    ),
)
CHEST = Statement("V", "chest", "Chest", "S 30–40 cm; M 40–55 cm; L from 55 cm")


def test_ranges_are_those_of_the_variants_that_each_part_begins_with() -> None:
    ranges = ranges_of(CHEST, VEST)
    assert [(one.low, one.high) for one in ranges] == [(300, 400), (400, 550), (550, math.inf)]
    assert [{variant.size for variant in one.variants} for one in ranges] == [{"S"}, {"M"}, {"L"}]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("12–20 kg", (12_000, 20_000)),
        ("up to 13 kg", (-math.inf, 13_000)),
        ("最大 45 kg", (-math.inf, 45_000)),
        ("18 kg 以上", (18_000, math.inf)),
        ("45 kg", None),
    ],
)
def test_a_range_may_have_no_end(text: str, ends: tuple[float, float] | None) -> None:
    ranges = ranges_of(Statement("V", "k", "Weight", text), VEST)
    assert [(one.low, one.high) for one in ranges] == ([ends] if ends else [])


def test_of_what_is_stated_of_each_variant_the_chosen_ones_are_told() -> None:
    medium = [variant for variant in SIZES if variant.size == "M"]
    assert for_variants("S 20 N; M 30 N; L 45 N", VEST, medium) == "M 30 N"
    assert for_variants("Neoprene; dries fast", VEST, medium) == "Neoprene; dries fast"


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("胸围五十厘米穿哪个码", ["M 40–55 cm"], ["S 30", "不行"]),
        ("chest 50 cm, which size", ["M 40–55 cm"], ["S 30", "No."]),
        ("胸围70厘米穿得上吗", ["可以", "L 55 cm 以上"], ["不行"]),
        ("does it go round a chest of 20 cm", ["No.", "S 30–40 cm"], ["Yes"]),
        ("胸围50厘米要橙色 拿哪个码 有货吗", ["M 40–55 cm", "没货"], ["不行"]),
    ],
)
async def test_a_measure_finds_its_variant(question: str, said: list[str], unsaid: list[str]) -> None:
    asked = inquiry_of(question, [VEST])
    corpus = corpus_of(statements(VEST, asked.language))
    found = await FactAnswers(HashingEncoder()).tell(asked, [VEST], in_language(question), corpus)
    assert found is not None
    text = "\n".join(passage.text for passage in found.passages)
    assert all(part in text for part in said) and not any(part in text for part in unsaid), text


def test_a_unit_that_is_asked_for_is_answered_in_it() -> None:
    assert dimensions_by_unit(normal("用几伏的电")) == {"voltage"}
    assert dimensions_by_unit(normal("how many volts does it need")) == {"voltage"}
    assert dimensions_by_unit(normal("how heavy is it")) == frozenset()


@pytest.mark.parametrize("text", ["一家五口", "a family of five", "5 people", "5人"])
def test_people_are_a_measure(text: str) -> None:
    assert [(one.low, one.dimension) for one in quantities(normal(text))] == [(5, "people")]


def test_nothing_is_kept_of_a_product_without_variants_to_tell_apart() -> None:
    single = replace(VEST, variants=SIZES[:1])
    assert ranges_of(CHEST, single)[0].variants == ()
