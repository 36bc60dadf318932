"""The section `postage` of a shop's rules: what it becomes, and what a wrong one says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from actions.policy import figures, load_policy
from bot.errors import BadContent
from bot.postage import Band

GOOD = """
postage:
  fees: {30: 2.5, 0: 4.95, 60: 0}
  counts: goods
  not_counting: [category:bulk/sand]
  zones:
    - {places: [Tibet, 新疆], fees: {0: 18}}
    - {places: [港澳], on_top: 7}
    - {places: [Japan], served: false}
"""


def policy(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "policy.yml"
    file.write_text(text, "utf-8")
    return file


def test_a_section_becomes_the_rule_that_is_reckoned_with(tmp_path: Path) -> None:
    read = load_policy(policy(tmp_path, GOOD))
    assert read.postage is not None
    rule = read.postage.postage()
    assert [(band.least, band.fee) for band in rule.bands] == [(0, Decimal("4.95")), (30, Decimal("2.5")), (60, 0)]
    assert [zone.places for zone in rule.zones] == [("CN-XZ", "CN-XJ"), ("HK", "MO"), ("JP",)]
    assert rule.zones[0].bands == (Band(Decimal(0), Decimal(18)),)
    assert (rule.zones[1].on_top, rule.zones[2].served, rule.counts) == (7, False, "goods")
    assert rule.not_counting == ("category:bulk/sand",)
    assert "4.95" in figures(read)["postage"]


def test_the_retail_defaults_say_nothing_of_postage() -> None:
    assert load_policy().postage is None


@pytest.mark.parametrize(
    ("wrong", "where", "message"),
    [
        ("fees: {9: 0}", "postage", "fees need one from 0 on"),
        ("fees: {0: -1}", "postage.fees", "greater than or equal to 0"),
        ("fees: {0: 9}\n  zone: []", "postage.zone", "Did you mean zones?"),
        ("fees: {0: 9}\n  zones: [{places: [Xinjang], fees: {0: 8}}]", "postage.zones.0", "xinjiang?"),
        ("fees: {0: 9}\n  zones: [{places: [Tibet]}]", "postage.zones.0", "one of fees, on_top and served"),
        ("fees: {0: 9}\n  zones: [{places: [Tibet], fees: {5: 8}}]", "postage.zones.0", "fees need one from 0 on"),
        (
            "fees: {0: 9}\n  zones: [{places: [Tibet], on_top: 1}, {places: [西藏], on_top: 2}]",
            "postage",
            "CN-XZ is in two zones",
        ),
        ("fees: {0: 9}\n  not_counting: [sand]", "postage.not_counting.0", "pattern"),
    ],
)
def test_a_wrong_one_is_refused_with_its_place(tmp_path: Path, wrong: str, where: str, message: str) -> None:
    with pytest.raises(BadContent) as refused:
        load_policy(policy(tmp_path, f"postage:\n  {wrong}\n"))
    assert message in str(refused.value) and where in str(refused.value)
