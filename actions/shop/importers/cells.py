"""Reading CSV files cell by cell, so that every complaint can name the file, the row, the column and the value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import InvalidOperation
from pathlib import Path

from actions.shop.importers.report import Refusal
from bot.commerce import Money
from bot.errors import BadDocument


class RowRefused(Exception):
    """A row cannot be taken; carries the Refusal."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


@dataclass(frozen=True, slots=True)
class Cells:
    """One row. Every reader raises RowRefused naming the column and the value."""

    number: int
    values: dict[str, str]
    shift: timedelta
    zone: tzinfo

    def text(self, column: str) -> str:
        """The cell, or "" when it is empty or the column is missing."""
        return (self.values.get(column) or "").strip()

    def required(self, column: str) -> str:
        """The cell, which must not be empty."""
        value = self.text(column)
        if not value:
            raise self.refuse(column, "must not be empty")
        return value

    def one_of(self, column: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(column) or default or ""
        if value not in allowed:
            raise self.refuse(column, f"must be one of {', '.join(allowed)}")
        return value

    def whole(self, column: str, default: int | None = None, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = self.text(column)
        if not value and default is not None:
            return default
        try:
            number = int(value)
        except ValueError:
            raise self.refuse(column, "must be a whole number") from None
        if number < least:
            raise self.refuse(column, f"must be at least {least}")
        return number

    def number_or_none(self, column: str) -> float | None:
        """A number, or None for an empty cell."""
        value = self.text(column)
        try:
            return float(value) if value else None
        except ValueError:
            raise self.refuse(column, "must be a number") from None

    def money(self, column: str, currency: str) -> int:
        """An amount in major units, as minor units. Not negative."""
        try:
            minor = Money.of(self.required(column), currency).minor
        except (InvalidOperation, ValueError):
            raise self.refuse(column, "must be an amount like 199.00") from None
        if minor < 0:
            raise self.refuse(column, "must not be negative")
        return minor

    def money_or_none(self, column: str, currency: str) -> int | None:
        """An amount, or None for an empty cell."""
        return self.money(column, currency) if self.text(column) else None

    def time_or_none(self, column: str) -> datetime | None:
        """A moment, shifted with the folder; without a zone it is in the shop's."""
        value = self.text(column)
        if not value:
            return None
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise self.refuse(column, "must be a time like 2026-06-18T19:00:00+08:00") from None
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)) + self.shift

    def time(self, column: str) -> datetime:
        """A moment, which must be there."""
        at = self.time_or_none(column)
        if at is None:
            raise self.refuse(column, "must not be empty")
        return at

    def words(self, column: str) -> tuple[str, ...]:
        """The parts of a cell that `|` separates."""
        return tuple(part.strip() for part in self.text(column).split("|") if part.strip())

    def refuse(self, column: str, why: str) -> RowRefused:
        """The exception that refuses this row."""
        return RowRefused(Refusal(self.number, column, self.text(column)[:80], why))


def read_rows(path: Path, columns: tuple[str, ...], shift: timedelta, zone: tzinfo) -> Iterator[Cells]:
    """The rows of a CSV file. Raises BadDocument when it is no UTF-8 or lacks one of `columns`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        remedy = "Save it as UTF-8."
        raise BadDocument(f"byte {error.start} is not UTF-8.", where=path.name, remedy=remedy) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        remedy = f"The header needs {', '.join(columns)}."
        raise BadDocument(f"column {missing[0]!r} is missing.", where=path.name, remedy=remedy)
    for number, values in enumerate(reader, start=2):
        yield Cells(number, {key: value or "" for key, value in values.items() if key}, shift, zone)


def days_to(today: date, as_of: date | None) -> timedelta:
    """How far to shift dates written as of `as_of`, so that this day is today."""
    return today - as_of if as_of else timedelta(0)
