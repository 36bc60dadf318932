"""Whether the goods are not as they should be, or not wanted."""

from __future__ import annotations

import pytest

from bot.understanding.reasons import UNASKED, UNCLEAR, kind_of


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        ({"fault": 0.4, "not_as_described": 0.3, "unwanted": 0.3}, "fault"),
        ({"fault": 0.3, "not_as_described": 0.15, "unwanted": 0.55}, UNCLEAR),
        ({"fault": 0.1, "unwanted": 0.8, "none": 0.1}, "unwanted"),
        ({"fault": 0.1, "unwanted": 0.3, "none": 0.6}, ""),
        ({"fault": 0.1, "unwanted": 0.45, "misfit": 0.45}, ""),
        ({}, ""),
    ],
)
def test_the_sellers_kinds_count_together(kinds: dict[str, float], kind: str) -> None:
    assert kind_of(kinds) == kind


def test_a_wish_must_be_surer_than_an_answer() -> None:
    kinds = {"fault": 0.65, "unwanted": 0.35}
    assert (kind_of(kinds), kind_of(kinds, UNASKED)) == ("fault", UNCLEAR)
