"""Measures that a question gives, and the rows of a table that are made for them: "138 cm" falls into "125–150 cm". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.text import normal

# What a number is a measure of, by its unit or by the words beside it, in the base unit of a table of that kind.
_UNITS = (
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:cm|厘米|公分)"), "length", 1.0),
    (re.compile(r"(?<![\d.])([12])\s*(?:米|m)\s*(\d{1,2})(?!\d)"), "metres", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:kg|公斤|千克|kilos?)"), "mass", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*斤"), "mass", 0.5),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:lbs?|pounds?)\b"), "mass", 0.45359237),
    (re.compile(r"(?:身高|height(?: is| of)?|我)\s*(1[3-9]\d|20\d)(?![\d.])"), "length", 1.0),
    (re.compile(r"(?:体重|weight(?: is| of)?)\s*(\d{2,3})(?![\d.]|\s*斤)"), "mass", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:岁|years? old)"), "years", 1.0),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:个月|月龄|months?)"), "months", 1.0),
)
_RANGE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:cm|kg|岁|个月|m)?\s*(?:-|–|—|~|至|到|to)\s*(\d+(?:\.\d+)?)\s*(cm|厘米|kg|公斤|千克|斤|岁|years?|个月|months?|月)?"
)
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
    plain = _RANGE.sub(" ", normal(text))
    found = []
    for pattern, kind, factor in _UNITS:
        for match in pattern.finditer(plain):
            if kind == "metres":
                found.append(Measure("length", float(match.group(1)) * 100 + float(match.group(2).ljust(2, "0"))))
            else:
                found.append(Measure(kind, float(match.group(1)) * factor))
    return tuple(found)


def falls_into(given: Sequence[Measure], row: str) -> bool:
    """Whether each measure given that a row (`column: value; …`) has a range of is inside it, and at least one is."""
    inside = []
    for cell in row.split(";"):
        column, _, value = cell.partition(":")
        for match in _RANGE.finditer(normal(value)):
            kind = next((kind for head, kind in _HEADS if head.search(normal(f"{match.group(3) or ''} {column}"))), "")
            low, high = float(match.group(1)), float(match.group(2))
            inside += [low <= measure.value <= high for measure in given if measure.kind == kind]
    return bool(inside) and all(inside)
