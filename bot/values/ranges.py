"""Measures that a question gives, and the rows of a table that are made for them: "138 cm" falls into "125–150 cm". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.text import normal, number_of
from bot.values.measures import measures

# What a number is a measure of, by its unit or by the words beside it, in the base unit of a table of that kind.
_UNITS = (
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:cm|厘米|公分)"), "length", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:kg|公斤|千克|kilos?)"), "mass", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*斤"), "mass", 0.5),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:lbs?|pounds?)\b"), "mass", 0.45359237),
    (
        re.compile(
            r"(?:身高|height(?: is| of)?|我|\bi['’]?m|\bi am)\s*(1[3-9]\d|20\d)"
            r"(?![\d.]|\s*(?:斤|公斤|千克|kg|[块元克升]|g\b|ml|lbs?))"
        ),
        "length",
        1.0,
    ),
    (re.compile(r"(?:体重|weight(?: is| of)?)\s*(\d{2,3})(?![\d.]|\s*斤)"), "mass", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:岁|years? old)"), "years", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:个月|月龄|months?)"), "months", 1.0),
)
# What a person's measures are measures of.
_OF_A_BODY = {"height": "length", "weight": "mass"}
_RANGE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:cm|kg|岁|个月|m)?\s*(?:-|–|—|~|至|到|to)\s*(\d+(?:\.\d+)?)\s*(cm|厘米|kg|公斤|千克|斤|岁|years?|个月|months?|月)?"
)
# A Chinese numeral before a unit.
_NUMERAL = re.compile(r"[一二两三四五六七八九十百]{1,4}(?=\s*(?:斤|公斤|千克|厘米|公分|岁|个月|月龄))")
_ALONE = re.compile(r"(\d+(?:\.\d+)?)\s*(cm|厘米|公分|kg|公斤|千克|岁|years?|个月|months?)?")
# What a column is of, where its unit stands in its head: "Height (cm)", "体重（公斤）".
_HEADS = (
    (re.compile(r"身高|height|cm|厘米|公分"), "length"),
    (re.compile(r"体重|weight|kg|公斤|千克|斤"), "mass"),
    (re.compile(r"岁|years?\b"), "years"),
    (re.compile(r"月|months?\b"), "months"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of somebody or something: what of, and how much in centimetres, kilograms, years or months."""

    kind: str
    value: float


def given_measures(text: str) -> tuple[Measure, ...]:
    """The measures that a text gives; a range is none."""
    plain = _RANGE.sub(" ", _NUMERAL.sub(lambda match: str(number_of(match.group())), normal(text)))
    found = [Measure(_OF_A_BODY[e.kind], float(e.value)) for e in measures(plain) if e.kind in _OF_A_BODY]
    for pattern, kind, factor in _UNITS:
        found += [Measure(kind, float(match.group(1)) * factor) for match in pattern.finditer(plain)]
    return tuple(dict.fromkeys(found))


def falls_into(given: Sequence[Measure], row: str) -> bool:
    """Whether each measure given that a row (`column: value; …`) has a range of is inside it, and at least one is.

    Of several columns of one kind the first counts: a table is looked up by what stands in front. A number alone in its cell
    is a range without extent.
    """
    ranges: dict[str, tuple[float, float]] = {}
    for cell in row.split("\n", 1)[0].split(";"):
        column, _, value = cell.partition(":")
        plain = normal(value).strip()
        alone = _ALONE.fullmatch(plain)
        found = [(alone.group(1), alone.group(1), alone.group(2))] if alone else [m.groups() for m in _RANGE.finditer(plain)]
        for low, high, unit in found:
            kind = next((kind for head, kind in _HEADS if head.search(normal(f"{unit or ''} {column}"))), "")
            ranges.setdefault(kind, (float(low), float(high)))
    inside = [low <= m.value <= high for m in given if m.kind in ranges for low, high in [ranges[m.kind]]]
    return bool(inside) and all(inside)
