"""The shop's database as plain rows, and what differs between two readings of it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
# Bookkeeping of the migrations, and what a shop sells in the words of its folder: no work of the service's.
_BOOKKEEPING = ("alembic_version", "sqlite_")


@dataclass(frozen=True)
class Book:
    """Every table as a list of rows, by the table's name; `keys` are the columns of each primary key."""

    tables: Mapping[str, tuple[Row, ...]]
    keys: Mapping[str, tuple[str, ...]]

    def where(self, table: str, **equal: Any) -> list[Row]:
        """The rows of a table whose columns have these values."""
        column, value = next(iter(equal.items()))
        return [row for row in self._by(table, column).get(value, ()) if all(row[name] == v for name, v in equal.items())]

    def one(self, table: str, **equal: Any) -> Row:
        """The first of them. Raises IndexError where there is none."""
        return self.where(table, **equal)[0]

    @cached_property
    def _grouped(self) -> dict[tuple[str, str], dict[Any, list[Row]]]:
        return {}

    def _by(self, table: str, column: str) -> dict[Any, list[Row]]:
        if (table, column) not in self._grouped:
            groups: dict[Any, list[Row]] = defaultdict(list)
            for row in self.tables[table]:
                groups[row[column]].append(row)
            self._grouped[table, column] = dict(groups)
        return self._grouped[table, column]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it was: added (`before` is None), gone (`after` is None) or changed."""

    table: str
    before: Row | None
    after: Row | None

    def changed(self) -> dict[str, Any]:
        """The columns that have another value, with the new one; all of them for a row that was added."""
        if self.after is None:
            return {}
        return {name: value for name, value in self.after.items() if self.before is None or self.before[name] != value}

    def __str__(self) -> str:
        what = "gone" if self.after is None else f"added {dict(self.after)}" if self.before is None else self.changed()
        of = "" if self.before is None else f" {next(iter(self.before.values()))}"
        return f"{self.table}{of}: {what}"


def read_book(database: Path) -> Book:
    """All tables of a shop in SQLite; columns of JSON are read."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        names = [name for name in names if not name.startswith(_BOOKKEEPING)]
        about = {name: list(connection.execute(f'PRAGMA table_info("{name}")')) for name in names}
        rows = {name: tuple(_rows(connection, name, about[name])) for name in names}
        keys = {name: tuple(column["name"] for column in about[name] if column["pk"]) for name in names}
    return Book(rows, keys)


def differences(before: Book, after: Book) -> list[Difference]:
    """Every row, of every table, that is not the same in both."""
    found = []
    for table, key in before.keys.items():
        old = {tuple(row[name] for name in key): row for row in before.tables[table]}
        new = {tuple(row[name] for name in key): row for row in after.tables[table]}
        found += [Difference(table, old.get(k), new.get(k)) for k in {**old, **new} if old.get(k) != new.get(k)]
    return found


def _rows(connection: sqlite3.Connection, table: str, columns: list[sqlite3.Row]) -> Iterator[Row]:
    json_columns = [column["name"] for column in columns if column["type"] == "JSON"]
    for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name that the database gave
        yield {**dict(row), **{name: json.loads(row[name]) for name in json_columns if row[name]}}
