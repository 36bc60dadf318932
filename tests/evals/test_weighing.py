"""How ways to answer are judged and their weights fitted."""

from __future__ import annotations

from bot.types import Card, Reply
from evals.weighing import Judged, fit, measured, passes


def _asked(money: float, *, right: str) -> list[Judged]:
    return [
        Judged("money", {"": 1.0, "said": money}, right == "money"),
        Judged("documents", {"": 1.0, "sure": 1.0 - money}, right == "documents"),
    ]


def test_what_is_right_becomes_likely() -> None:
    questions = [_asked(1.0, right="money"), _asked(0.0, right="documents")] * 20 + [_asked(0.5, right="")] * 5
    weights = fit(questions, ridge=0.001)
    found = measured(questions, weights)
    assert found["n"] == 45
    assert found["likeliest is right"] == found["any is right"] == 40 / 45
    assert weights["money"]["said"] > 0 < weights["documents"]["sure"]


def test_checks_are_of_what_is_read() -> None:
    replies = [Reply("It holds 5 litres.", cards=(Card("P1", "Watering can", "green", reason="holds enough"),))]
    assert passes({"must": ["5 LITRES", r"can \| green"], "must_not": ["enough"]}, replies)
    assert passes({"cards_must": ["^P1 "], "cards_must_not": ["P2"]}, replies)
    assert not passes({"must_not": ["litres"]}, replies) and not passes({"must": ["gallons"]}, replies)
