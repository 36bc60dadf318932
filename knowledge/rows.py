"""The rows of a table that are made for what a question names: a measure that it gives, its place, or what a row calls so.

Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.text import normal
from bot.values.places import country_of, places
from bot.values.ranges import falls_into, given_measures
from knowledge.facts.relevance import features

# What stands behind the head of a column says its unit: "Thread length (m)".
_UNIT = re.compile(r"[(（][^()（）]*[)）]")
_HAN, _LATIN = re.compile(r"[㐀-鿿]{2,}"), re.compile(r"[a-z]{2,}")


def made_for(question: str, rows: Sequence[str]) -> list[int]:
    """The numbers of the rows (`column: value; …`) that are for the place or the measures of a question; none: none is.

    A town is in a row of its region; one that no row has is in the row of its country. Of rows that are called by what a
    question says, those that have the most of it: "crucian carp" is no carp.
    """
    given = given_measures(question)
    if fitting := [n for n, row in enumerate(rows) if falls_into(given, row)]:
        return fitting
    asked = place_codes(question)
    of_rows = [place_codes(row) for row in rows]
    for codes in (asked, {country_of(code) for code in asked}):
        if found := [n for n, own in enumerate(of_rows) if own & codes]:
            return found
    named = [called(row, question) for row in rows]
    most = max(named, default=0)
    return [n for n, share in enumerate(named) if share == most] if most and min(named) < most else []


def called(row: str, question: str) -> int:
    """How much of what stands in the first cell of a row a question says, in words or Chinese characters; 0: not all of it.

    A cell that says the same in both languages is called by either.
    """
    name = normal(row.split(";", 1)[0].partition(":")[2])
    plain = normal(question)
    latin = features(" ".join(_LATIN.findall(name)))
    han = next((run for run in _HAN.findall(name) if run in plain), "")
    return max(len(latin) if latin and latin <= features(plain) else 0, len(han))


def looks_up(row: str, question: str) -> bool:
    """Whether a question names a row by its first cell, and what it wants of it by the head of another column."""
    heads_of = [_UNIT.sub(" ", cell.partition(":")[0]) for cell in row.split(";")[1:]]
    asked = features(question)
    heads = (features(part) for head in heads_of for part in (*_HAN.findall(head), " ".join(_LATIN.findall(normal(head)))))
    return called(row, question) > 0 and any(head and head <= asked for head in heads)


@lru_cache(16_384)
def place_codes(text: str) -> frozenset[str]:
    """The ISO 3166 codes of the places that a text names."""
    return frozenset(code for place in places(normal(text)) for code in place.codes)
