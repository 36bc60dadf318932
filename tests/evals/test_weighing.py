"""How ways to answer are judged and their weights fitted."""

from __future__ import annotations

from evals.weighing import Judged, fit, measured


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
