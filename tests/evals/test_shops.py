"""Shops by other hands: what is asked of them, and how a reply is checked."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.types import Card, Reply
from evals.shops import conversations, passes, shops
from evals.truth.written import Written

WRITTEN = date(2026, 11, 28)


def _checking(**checks: list[str]) -> Written:
    return Written("1", "fact", "en", ("how much does it hold",), checks, "5 litres")


def test_checks_are_of_what_is_read() -> None:
    replies = [Reply("It holds 5 litres.", cards=(Card("P1", "Watering can", "green", reason="holds enough"),))]
    assert passes(_checking(must=["5 LITRES", r"can \| green"], must_not=["enough"]), replies)
    assert passes(_checking(cards_must=["^P1 "], cards_must_not=["P2"]), replies)
    assert not passes(_checking(must_not=["litres"]), replies) and not passes(_checking(must=["gallons"]), replies)


@pytest.mark.parametrize("folder", shops(), ids=lambda folder: folder.name)
def test_every_conversation_has_checks_that_can_be_read_and_fail(folder: Path) -> None:
    by_half = conversations(folder, WRITTEN)
    asked = [one for of_half in by_half.values() for one in of_half]
    ids = {(half, one.id) for half, of_half in by_half.items() for one in of_half}
    assert len(ids) == len(asked) >= 100 and all(one.turns for one in asked)
    for one in asked:
        patterns = [pattern for patterns in one.checks.values() for pattern in patterns]
        assert patterns and all(re.compile(pattern) for pattern in patterns)
    silent = [one for one in asked if passes(one, []) and one.checks.get("must")]
    assert not silent, "what silence passes checks nothing"


def test_checks_of_dates_hold_on_one_day_only() -> None:
    days = (date(2027, 6, 1), WRITTEN)
    counted = [[sum(map(len, conversations(folder, day).values())) for day in days] for folder in shops()]
    assert all(later <= then for later, then in counted) and any(later < then for later, then in counted)
