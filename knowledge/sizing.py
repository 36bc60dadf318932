"""Which size of a chart fits a body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.commerce import SizeRow
from bot.types import Entity

KG_PER_JIN = 0.5
KG_PER_LB = 0.45359237
CM_PER_INCH = 2.54

_FEET = re.compile(r"\b([3-7])\s*(?:'|’|ft|feet|foot)\s*(\d{1,2})?\b")
_CM = re.compile(r"(?<!\d)(1[0-9]{2}|[5-9]\d)\s*(?:cm|厘米|公分)", re.IGNORECASE)
_METRES = re.compile(r"(?<!\d)1\s*(?:米|m)\s*([0-9]{1,2})(?!\d)|(?<!\d)1\.([0-9]{2})\s*(?:米|m)?(?!\d)", re.IGNORECASE)
_KG = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d)?)\s*(?:kg|kilos?|公斤|千克)", re.IGNORECASE)
_JIN = re.compile(r"(?<![\d.])(\d{2,3})\s*斤")
_LB = re.compile(r"(?<![\d.])(\d{2,3})\s*(?:lbs?|pounds?)\b", re.IGNORECASE)
_FOOT = re.compile(r"(?:脚长|foot\D{0,12})\s*(\d{2}(?:\.\d)?)|(\d{2}(?:\.\d)?)\s*(?:cm)?\s*(?:的脚|foot)", re.IGNORECASE)
# `160 100斤`, `165/55`: a height, then a weight that may lack its unit.
_PAIR = re.compile(
    r"(?<![\d.])(1[3-9]\d|20\d)\s*(?:cm)?\s*[,，/、 和高]*\s*(?:体重|weight)?\s*(\d{2,3})(?![\d%])", re.IGNORECASE
)
_LONE_HEIGHT = re.compile(
    r"(?<![\d.])(?:身高|height|i'?m)?\s*(1[3-9]\d|20\d)(?![\d.%])(?!\s*(?:斤|元|块|kg|lb|件|ml|g))", re.IGNORECASE
)
# A bare weight above this is in jin, at or below it in kilograms: few adults are under 40 kg, few over 80 kg say so in kg.
_JIN_FROM = 80

_MEASURES = ("height", "weight", "foot_length")
# Distances are in widths of a size: up to half a width is inside, a little more still fits.
_INSIDE = 0.5
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Body:
    """Measures of a person, as far as known: centimetres and kilograms."""

    height: float | None = None
    weight: float | None = None
    foot: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return any(value is not None for value in (self.height, self.weight, self.foot))


@dataclass(frozen=True, slots=True)
class Advice:
    """The size that fits best. `other` also fits or is the nearest neighbour; `exact`: every known measure is inside."""

    row: SizeRow
    exact: bool
    other: SizeRow | None = None


def body(text: str, entities: Sequence[Entity] = ()) -> Body:
    """Measures in a text. Entities of kinds height (cm), weight (kg) and foot_length (cm) win over what is read here."""
    found = {
        entity.kind: float(entity.value) for entity in entities if entity.kind in _MEASURES and _is_number(entity.value)
    }
    read = _read(text)
    return Body(found.get("height", read.height), found.get("weight", read.weight), found.get("foot_length", read.foot))


def advise(chart: Sequence[SizeRow], person: Body) -> Advice | None:
    """The best row of a chart for a person; None when the chart says nothing about the known measures."""
    scored = [(distance, -n, row) for n, row in enumerate(chart) if (distance := _distance(row, person)) is not None]
    if not scored:
        return None
    scored.sort(key=lambda item: item[:2])  # of two that fit alike the larger one: too tight is worse than too wide
    (best, _, row), rest = scored[0], scored[1:]
    other = rest[0][2] if rest and rest[0][0] <= _NEAR else None
    return Advice(row, best <= _INSIDE, other)


def _read(text: str) -> Body:
    foot = next((float(group) for match in _FOOT.finditer(text) for group in match.groups() if group), None)
    if foot is not None:
        return Body(foot=foot)
    height, weight = _height(text), _weight(text)
    if pair := _PAIR.search(text):
        height = height or float(pair.group(1))
        weight = weight or _bare_weight(float(pair.group(2)))
    elif height is None and (lone := _LONE_HEIGHT.search(text)):
        height = float(lone.group(1))
    return Body(height, weight)


def _height(text: str) -> float | None:
    if match := _CM.search(text):
        return float(match.group(1))
    if match := _FEET.search(text):
        return round((int(match.group(1)) * 12 + int(match.group(2) or 0)) * CM_PER_INCH, 1)
    if match := _METRES.search(text):
        digits = match.group(1) or match.group(2)
        return 100.0 + float(digits if len(digits) == 2 else f"{digits}0")
    return None


def _weight(text: str) -> float | None:
    for pattern, factor in ((_KG, 1.0), (_JIN, KG_PER_JIN), (_LB, KG_PER_LB)):
        if match := pattern.search(text):
            return round(float(match.group(1)) * factor, 1)
    return None


def _bare_weight(value: float) -> float:
    return value * KG_PER_JIN if value > _JIN_FROM else value


def _distance(row: SizeRow, person: Body) -> float | None:
    """How far a person is from the middle of a size, in widths of the size; the worst measure counts."""
    distances = [
        _from_middle(person.height, row.height_cm) if row.height_cm and person.height is not None else None,
        _from_middle(person.weight, row.weight_kg) if row.weight_kg and person.weight is not None else None,
        abs(person.foot - row.foot_cm) if row.foot_cm is not None and person.foot is not None else None,
    ]
    known = [distance for distance in distances if distance is not None]
    return max(known) if known else None


def _from_middle(value: float | None, span: tuple[float, float]) -> float:
    low, high = span
    return abs((value or 0.0) - (low + high) / 2) / max(high - low, 1.0)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "", 1).isdigit())
