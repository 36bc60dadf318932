"""Which size of a chart fits a body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.commerce import SizeRow
from bot.text import normal
from bot.values.measures import CM_PER_INCH, measures
from knowledge.lexicon.quantities import quantities

# A waist with its measure, on either side of the word; a bare number below this is in inches.
_INCHES_BELOW = 50
_NUMBER = re.compile(r"\d+(?:\.\d)?")
_MEASURE = (
    r"(?:[一二两三四五]尺[一二三四五六七八九半]?|\d(?:\.\d)?尺\d?"
    r"|\d{2,3}(?:\.\d)?\s*(?:cm|厘米|公分|inch(?:es)?|in|寸|\")?(?![\d.斤k]))"
)
_IS = r"(?:\s|是|为|有|大概|大约|差不多|is|of|about|around|:)*"
_WAIST = re.compile(rf"(?:腰围?|\bwaist){_IS}{_MEASURE}|{_MEASURE}\s*(?:的腰围?|-?waist\b)")
# Distances are in widths of a size: up to half a width is inside, a little more still fits.
_INSIDE = 0.5
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Body:
    """Measures of a person, as far as known: centimetres and kilograms."""

    height: float | None = None
    weight: float | None = None
    foot: float | None = None
    waist: float | None = None

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return any(value is not None for value in (self.height, self.weight, self.foot, self.waist))


@dataclass(frozen=True, slots=True)
class Advice:
    """The size that fits best. `other` also fits or is the nearest neighbour; `exact`: every known measure is inside."""

    row: SizeRow
    exact: bool
    other: SizeRow | None = None


def body(text: str) -> Body:
    """Measures in a text that asks for a size."""
    waist, rest = _waist(text)
    found = {entity.kind: entity.value for entity in measures(rest, of_sizes=True)}
    return Body(found.get("height"), found.get("weight"), found.get("foot_length"), waist)


def _waist(text: str) -> tuple[float | None, str]:
    """The waist that a text gives, in centimetres, and the text without it."""
    plain = normal(text)
    said = _WAIST.search(plain)
    if said is None:
        return None, text
    rest = plain[: said.start()] + " " + plain[said.end() :]
    length = next((q for q in quantities(said.group()) if q.dimension == "length"), None)
    if length is not None:
        return length.low / 10, rest
    number = float(_NUMBER.findall(said.group())[0])
    return (number * CM_PER_INCH if number < _INCHES_BELOW else number), rest


def advise(chart: Sequence[SizeRow], person: Body) -> Advice | None:
    """The best row of a chart for a person; None when the chart says nothing about the known measures."""
    step = _step([row.waist_cm for row in chart if row.waist_cm is not None])
    scored = [(distance, -n, row) for n, row in enumerate(chart) if (distance := _distance(row, person, step)) is not None]
    if not scored:
        return None
    scored.sort(key=lambda item: item[:2])  # of two that fit alike the larger one: too tight is worse than too wide
    (best, _, row), rest = scored[0], scored[1:]
    other = rest[0][2] if rest and rest[0][0] <= _NEAR else None
    return Advice(row, best <= _INSIDE, other)


def _step(values: Sequence[float]) -> float:
    """How far the values of neighbouring sizes lie apart, in the middle."""
    apart = sorted(b - a for a, b in pairwise(sorted(set(values))))
    return apart[len(apart) // 2] if apart else 1.0


def _distance(row: SizeRow, person: Body, waist_step: float) -> float | None:
    """How far a person is from the middle of a size, in widths of the size; the worst measure counts."""
    distances = [
        _from_middle(person.height, row.height_cm) if row.height_cm and person.height is not None else None,
        _from_middle(person.weight, row.weight_kg) if row.weight_kg and person.weight is not None else None,
        abs(person.foot - row.foot_cm) if row.foot_cm is not None and person.foot is not None else None,
        abs(person.waist - row.waist_cm) / waist_step if row.waist_cm is not None and person.waist is not None else None,
    ]
    known = [distance for distance in distances if distance is not None]
    return max(known) if known else None


def _from_middle(value: float | None, span: tuple[float, float]) -> float:
    low, high = span
    return abs((value or 0.0) - (low + high) / 2) / max(high - low, 1.0)
