"""Conditions of flows: what they mean, and what is refused with the word it stumbled over."""

from __future__ import annotations

import pytest

from bot.dialogue.conditions import compile_condition
from bot.errors import BadContent

SLOTS = {"yes": True, "no": False, "n": 3.0, "name": "SD2610000001", "colors": ["red", "blue"]}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("slots.yes", True),
        ("slots.no", False),
        ("slots.missing", False),
        ("slots.yes is true", True),
        ("slots.n is true", False),
        ("slots.missing is null", True),
        ("slots.missing is not null", False),
        ("not slots.no and slots.yes", True),
        ("slots.no or slots.no or slots.yes", True),
        ("not (slots.no or slots.yes)", False),
        ("slots.n >= 3 and slots.n < 4", True),
        ("slots.missing < 4", False),
        ("slots.missing > 4", False),
        ("slots.name < 4", False),
        ('slots.name matches "SD\\d{10}"', True),
        ('slots.name matches "SD"', False),
        ('slots.name contains "2610"', True),
        ('slots.colors contains "red"', True),
        ('slots.name in ["x", "SD2610000001"]', True),
        ('slots.name not in ["x"]', True),
        ('context.reason == "empty"', True),
        ('context.reason != "empty"', False),
        ("false", False),
    ],
)
def test_meaning(text: str, holds: bool) -> None:
    assert compile_condition(text).holds(SLOTS, {"reason": "empty"}) is holds


def test_names_are_known() -> None:
    assert compile_condition("slots.a is true or context.b > 1").names == {"slots.a", "context.b"}


@pytest.mark.parametrize(
    ("text", "stumble"),
    [
        ("slots.a is", "missing at the end"),
        ("confirmed is true", "slots.confirmed"),
        ("slots.a & slots.b", "'& slots.b'"),
        ("(slots.a", "')' is missing"),
        ("slots.a slots.b", "'slots.b' is not expected"),
        ("slots.a not 3", "needs `in`"),
        ("", "missing at the end"),
    ],
)
def test_refused(text: str, stumble: str) -> None:
    with pytest.raises(BadContent, match="condition") as refused:
        compile_condition(text)
    assert stumble in str(refused.value)
