"""Values given, values taken back, and which texts have a language."""

from __future__ import annotations

import pytest

from bot.fakes import EPOCH, FakeOrderNumbers
from bot.text import language_of
from bot.types import CorrectSlot, Language, SetSlot
from bot.understanding.corrections import corrected
from bot.understanding.entities import find_entities
from bot.understanding.parts import nothing_but_values

NUMBER = SetSlot("order_number", "SD2610000006")
EARLIER = {"order_number": "SD2610000005"}


@pytest.mark.parametrize(
    "text",
    ["不对，我要查的是SD2610000006", "說錯了 SD2610000006", "sorry, I meant SD2610000006", "no, it's actually SD2610000006"],
)
def test_a_value_after_taking_back_is_a_correction(text: str) -> None:
    assert corrected(text, [NUMBER], EARLIER) == (CorrectSlot("order_number", "SD2610000006"),)


@pytest.mark.parametrize("text", ["不对，是0003", "Actually 0003", "oops, should be 0003"])
def test_four_digits_after_taking_back_are_the_phones(text: str) -> None:
    assert corrected(text, [], {}) == (CorrectSlot("phone_last4", "0003"),)


@pytest.mark.parametrize("text", ["SD2610000006", "查一下SD2610000006", "order SD2610000006 please", "颜色不对"])
def test_what_takes_nothing_back_is_no_correction(text: str) -> None:
    assert corrected(text, [NUMBER], EARLIER) == ()


@pytest.mark.parametrize("known", [{}, {"order_number": None}, {"order_number": "SD2610000006"}])
def test_what_was_never_given_or_is_the_same_is_no_correction(known: dict[str, str | None]) -> None:
    """ "Wrong, I want another size. Order SD2610000006" takes back what the bot understood, not the number."""
    assert corrected("错了，我想换个码，单号SD2610000006", [NUMBER], known) == ()


@pytest.mark.parametrize(
    ("text", "nothing_else"),
    [
        ("SD2610000003", True),
        ("订单号SD2610000003", True),
        ("my order number is SD2610000003", True),
        ("SD2610000003，尾号0003", True),
        ("查物流SD2610000003", False),
        ("where is SD2610000003", False),
        ("多久发货", False),
    ],
)
def test_nothing_but_values(text: str, nothing_else: bool) -> None:
    assert nothing_but_values(text, find_entities(text, {}, EPOCH.date(), FakeOrderNumbers().forms)) is nothing_else


@pytest.mark.parametrize(
    ("text", "language"),
    [("SD2610000003", Language.ZH), ("5XL", Language.ZH), ("size 40", Language.EN), ("帮我check一下order", Language.ZH)],
)
def test_numbers_of_things_have_no_language(text: str, language: Language) -> None:
    assert language_of(text, Language.ZH) is language
