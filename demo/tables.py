"""Writing CSV files that are the same on every machine."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_csv(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows under the keys of the first one. None and "" are empty cells."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
