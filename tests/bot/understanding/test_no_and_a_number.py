""" "No 5" is a link; "no 90 mm blade" and "no 100% wool" are measures that are not wanted."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding.entities import find_entities


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("no 5 please", [5]),
        ("no. 12 in M", [12]),
        ("tools but no 90 mm blade", []),
        ("sweaters but no 100% cashmere", []),
        ("no 2.5 kg ones", []),
    ],
)
def test_a_number_behind_no(text: str, links: list[int]) -> None:
    found = find_entities(text, {}, date(2026, 6, 18))
    assert [int(entity.value) for entity in found if entity.kind == "link_number"] == links
