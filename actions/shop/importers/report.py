"""What an import took and refused, per file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken. `row` counts as a spreadsheet does, the header is row 1; in JSON, entries from 1."""

    row: int
    column: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} = {self.value!r}: {self.why}"


@dataclass(slots=True)
class FileReport:
    """One file: how many rows were taken, which were refused, how many were there already and kept.

    `table` is the one that its rows are for.
    """

    name: str
    taken: int = 0
    kept: int = 0
    refused: list[Refusal] = field(default_factory=list)
    table: str = ""


@dataclass(slots=True)
class LoadReport:
    """All files of one import."""

    files: list[FileReport] = field(default_factory=list)
    shifted_days: int = 0

    @property
    def refused(self) -> int:
        """How many rows were refused in all."""
        return sum(len(file.refused) for file in self.files)
