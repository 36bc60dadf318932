"""How long a sentence takes: enough to be spoken, and no more than a stuck engine is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.stage.pace import BREATH_S, expected_s


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", BREATH_S, BREATH_S),
        ("现在给大家介绍的是这一款两人帐篷。", 3, 5),
        ("Here is the next one, a tent for two people.", 4, 6),
        ("¥12,900", 1, 3),
    ],
)
def test_a_text_takes_about_as_long_as_people_need(text: str, least: float, most: float) -> None:
    assert least <= expected_s(text) <= most


@given(st.text(), st.text())
def test_more_words_take_longer(one: str, other: str) -> None:
    assert expected_s(f"{one} {other}") >= max(expected_s(one), expected_s(other))
