"""What the importers of shops in JSON share: a file read as one object, and its entries turned into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

import orjson

from actions.shop.importers.records import type_row
from actions.shop.importers.report import FileReport, LoadReport, Refusal
from bot.errors import BadDocument


def read_object(file: Path) -> dict[str, Any]:
    """The object that a file holds. Raises BadDocument where it holds none."""
    try:
        content = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise BadDocument(f"no valid JSON: {error}", where=file.name) from error
    if not isinstance(content, dict):
        raise BadDocument("expected an object.", where=file.name)
    return content


def read_rows(
    told: LoadReport,
    name: str,
    table: str,
    entries: Iterable[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], list[type_row]],
    *,
    missing: str = "is missing",
) -> list[type_row]:
    """The rows that `read` makes of the entries; an entry of which it can make none is refused, in a report of its own.

    `missing` is what is said of a key that is not there.
    """
    report = FileReport(name, table=table)
    told.files.append(report)
    taken: list[type_row] = []
    for number, entry in enumerate(entries, 1):
        try:
            taken += read(entry)
            report.taken += 1
        except KeyError as key:
            report.refused.append(Refusal(number, str(key.args[0]), "", missing))
        except (TypeError, ValueError, AttributeError, InvalidOperation) as error:
            report.refused.append(Refusal(number, "", str(entry)[:80], f"has another form: {error}"))
    return taken
