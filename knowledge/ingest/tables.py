"""CSV, XLSX and JSON to sections."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from knowledge.documents import Section
from knowledge.ingest.structure import flat, table_sections


def read_csv(text: str) -> list[Section]:
    """One section a row; the first row of more than a title names the columns. Comma, semicolon or tab."""
    first = next((line for line in text.split("\n") if any(mark in line for mark in ",;\t")), "")
    delimiter = max(",;\t", key=first.count)
    return list(table_sections(list(csv.reader(io.StringIO(text), delimiter=delimiter)), ()))


def read_xlsx(path: Path) -> list[Section]:
    """One section a row, under the sheet's name and the titles above its header.

    Whatever openpyxl raises for a damaged file passes through.
    """
    import openpyxl  # only spreadsheets need it

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sections: list[Section] = []
        for sheet in book.worksheets:
            rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
            heading = () if sheet.title.lower().startswith("sheet") else (sheet.title,)
            sections.extend(table_sections(rows, heading))
        return sections
    finally:
        book.close()


def read_json(text: str) -> tuple[str, list[Section]]:
    """Title and sections: keys become headings, lists of objects become tables. Raises JSONDecodeError for no JSON."""
    data = orjson.loads(text)
    title = str(data.get("title", "")) if isinstance(data, dict) else ""
    return title, list(_json_sections(data, ()))


def _json_sections(data: Any, headings: tuple[str, ...]) -> Iterator[Section]:
    if isinstance(data, list):
        yield from _json_list(data, headings)
    elif isinstance(data, dict):
        plain = {key: value for key, value in data.items() if not isinstance(value, dict | list)}
        if facts := [f"{key}: {flat(str(value))}" for key, value in plain.items() if key != "title" and value is not None]:
            yield Section("; ".join(facts), headings, "row")
        for key, value in data.items():
            if key not in plain:
                yield from _json_sections(value, (*headings, str(key)))
    elif data is not None and (text := flat(str(data))):
        yield Section(text, headings)


def _json_list(data: list[Any], headings: tuple[str, ...]) -> Iterator[Section]:
    """A list of flat objects is a table; anything else is read item by item."""
    tabular = [item for item in data if isinstance(item, dict)]
    flat_rows = tabular and all(not isinstance(value, dict | list) for row in tabular for value in row.values())
    if flat_rows and len(tabular) == len(data):
        columns = list(dict.fromkeys(key for row in tabular for key in row))
        yield from table_sections([columns, *([_cell(row.get(key)) for key in columns] for row in tabular)], headings)
        return
    for item in data:
        yield from _json_sections(item, headings)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
