"""What an import took and refused, per file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken, or taken with a reservation.

    `row` counts as a spreadsheet does, the header is row 1; in JSON, entries from 1.
    """

    row: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} = {self.value!r}: {self.why}"


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that no table of this name has, and the nearest that it has."""

    name: str
    nearest: str

    @property
    def why(self) -> str:
        """What is wrong with it, and what was perhaps meant."""
        return f"there is no column {self.name!r}, and it was not read. The nearest is {self.nearest!r}."

    def __str__(self) -> str:
        return f"row 1: {self.why}"


@dataclass(slots=True)
class FileReport:
    """One file: how many rows were taken, which were refused, how many were there already and kept.

    `table` is the one that its rows are for. `unknown` columns were not read; `noted` are rows that were taken although
    something that they name was not.
    """

    name: str
    taken: int = 0
    kept: int = 0
    refused: list[Refusal] = field(default_factory=list)
    table: str = ""
    unknown: list[UnknownColumn] = field(default_factory=list)
    noted: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class LoadReport:
    """All files of one import."""

    files: list[FileReport] = field(default_factory=list)
    shifted_days: int = 0

    @property
    def refused(self) -> int:
        """How many rows and columns were refused in all."""
        return sum(len(file.refused) + len(file.unknown) for file in self.files)
