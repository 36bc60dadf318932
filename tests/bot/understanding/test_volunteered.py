"""What a message says unasked, and what an answer says beside its value."""

from __future__ import annotations

import pytest

from bot.understanding.volunteered import title_answered


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("周文", "周文"),
        ("抬头周文", "周文"),
        ("抬头就写周文", "周文"),
        ("Ann Lee", "Ann Lee"),
        ("make it out to Ann Lee", "Ann Lee"),
        ("please bill it to Ann Lee", "Ann Lee"),
        ("make it out to Birch and Vale Ltd", "Birch and Vale Ltd"),
        ("in the name of Stone Mill Ltd", "Stone Mill Ltd"),
        ("抬头", "抬头"),
    ],
)
def test_a_title_is_what_stands_behind_its_label(text: str, title: str) -> None:
    assert title_answered(text) == title
