"""Shops by other hands: what is asked of them, and how a reply is checked."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.types import Card, Reply
from evals.shops import Conversation, conversations, shops

WRITTEN = date(2026, 11, 28)


def _checking(**checks: list[str]) -> Conversation:
    return Conversation("1", "fact", "en", "opened", ("how much does it hold",), checks, "5 litres")


def test_checks_are_of_what_is_read() -> None:
    replies = [Reply("It holds 5 litres.", cards=(Card("P1", "Watering can", "green", reason="holds enough"),))]
    assert _checking(must=["5 LITRES", r"can \| green"], must_not=["enough"]).passes(replies)
    assert _checking(cards_must=["^P1 "], cards_must_not=["P2"]).passes(replies)
    assert not _checking(must_not=["litres"]).passes(replies) and not _checking(must=["gallons"]).passes(replies)


@pytest.mark.parametrize("folder", shops(), ids=lambda folder: folder.name)
def test_every_conversation_has_checks_that_can_be_read_and_fail(folder: Path) -> None:
    asked = conversations(folder, WRITTEN)
    assert len({(one.half, one.id) for one in asked}) == len(asked) >= 100 and all(one.turns for one in asked)
    for one in asked:
        patterns = [pattern for patterns in one.checks.values() for pattern in patterns]
        assert patterns and all(re.compile(pattern) for pattern in patterns)
    silent = [one for one in asked if one.passes([]) and one.checks.get("must")]
    assert not silent, "what silence passes checks nothing"


def test_checks_of_dates_hold_on_one_day_only() -> None:
    counted = [(len(conversations(folder, date(2027, 6, 1))), len(conversations(folder, WRITTEN))) for folder in shops()]
    assert all(later <= then for later, then in counted) and any(later < then for later, then in counted)
