"""Which size of a chart fits a body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commerce import SizeRow
from bot.values.measures import measures

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


def body(text: str) -> Body:
    """Measures in a text that asks for a size."""
    found = {entity.kind: entity.value for entity in measures(text, of_sizes=True)}
    return Body(found.get("height"), found.get("weight"), found.get("foot_length"))


def advise(chart: Sequence[SizeRow], person: Body) -> Advice | None:
    """The best row of a chart for a person; None when the chart says nothing about the known measures."""
    scored = [(distance, -n, row) for n, row in enumerate(chart) if (distance := _distance(row, person)) is not None]
    if not scored:
        return None
    scored.sort(key=lambda item: item[:2])  # of two that fit alike the larger one: too tight is worse than too wide
    (best, _, row), rest = scored[0], scored[1:]
    other = rest[0][2] if rest and rest[0][0] <= _NEAR else None
    return Advice(row, best <= _INSIDE, other)


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
