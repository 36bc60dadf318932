"""What a message says unasked, and what an answer says beside its value."""

from __future__ import annotations

import pytest

from bot.types import Entity
from bot.understanding.entities import find_entities
from bot.understanding.volunteered import address_answered, title_answered, volunteered
from tests.bot.conftest import EPOCH


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


def test_what_is_called_tax_is_no_tax_number() -> None:
    said = {value.name: value.value for value in volunteered("a tax invoice please, vat GB700112233445566", ())}
    assert said["tax_id"] == "GB700112233445566"
    assert "tax_id" not in {value.name for value in volunteered("where do i request the tax invoice", ())}


@pytest.mark.parametrize("text", ["最后四个数 0182", "末四个数字0201", "the last 4 digits are 0019"])
def test_the_digits_of_a_number_are_no_pieces(text: str) -> None:
    assert "quantity" not in {value.name for value in volunteered(text, find_entities(text, {}, EPOCH.date()))}


def test_a_problem_is_told_behind_what_it_is_called() -> None:
    said = {
        value.name: value.value for value in volunteered("what happened: the inside is broken, all in little pieces", ())
    }
    assert said["problem"] == "the inside is broken, all in little pieces"


def test_a_particle_that_ends_what_is_said_is_no_part_of_a_name() -> None:
    place = "四川省成都市青羊区桂花巷8号"
    said = address_answered(f"{place}，周文吧", (Entity("address", place, place, 0, len(place)),), "周文吧")
    assert said is not None and "周文" in said and "吧" not in said
