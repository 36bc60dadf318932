"""The rows of a table that are made for what a question names: its place, or a measure that it gives. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import normal
from bot.values.places import country_of, places
from bot.values.ranges import falls_into, given_measures


def made_for(question: str, rows: Sequence[str]) -> list[int]:
    """The numbers of the rows (`column: value; …`) that are for the place or the measures of a question; none: none is.

    A town is in a row of its region; one that no row has is in the row of its country.
    """
    given = given_measures(question)
    if fitting := [n for n, row in enumerate(rows) if falls_into(given, row)]:
        return fitting
    asked = _codes(question)
    of_rows = [_codes(row) for row in rows]
    for codes in (asked, {country_of(code) for code in asked}):
        if found := [n for n, own in enumerate(of_rows) if own & codes]:
            return found
    return []


def _codes(text: str) -> set[str]:
    return {code for place in places(normal(text)) for code in place.codes}
