"""Tables among the documents: which row names the columns, and what stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from knowledge.documents import Section
from knowledge.ingest.structure import table_sections
from knowledge.ingest.tables import read_csv, read_xlsx

HEADER, ROWS = ("Region", "Days", "Fee"), (("East", 2, 8), ("West", 5, 15))


def workbook(path: Path, above: Sequence[Sequence[str | None]], merged: Sequence[str], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in (*above, HEADER, *ROWS):
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    book.save(path)
    return path


def told(sections: Sequence[Section]) -> list[tuple[tuple[str, ...], str]]:
    return [(section.headings, section.text) for section in sections]


NAMED = ["Region: East; Days: 2; Fee: 8", "Region: West; Days: 5; Fee: 15"]


@pytest.mark.parametrize(
    ("above", "merged", "headings"),
    [
        ([], [], ()),
        ([["Delivery 2026", None, None]], ["A1:C1"], ("Delivery 2026",)),
        ([[None, "Delivery 2026", None]], ["B1:C1"], ("Delivery 2026",)),
        ([["Delivery 2026"], ["Prices in yuan"], []], ["A1:C1", "A2:C2"], ("Delivery 2026", "Prices in yuan")),
        ([[], ["Delivery 2026"], []], ["A2:C2"], ("Delivery 2026",)),
    ],
    ids=["none", "merged", "merged from the second column", "two and an empty row", "after an empty row"],
)
def test_the_header_of_a_sheet_is_found_below_its_titles(
    tmp_path: Path, above: list[list[str | None]], merged: list[str], headings: tuple[str, ...]
) -> None:
    sections = read_xlsx(workbook(tmp_path / "fees.xlsx", above, merged))
    assert told(sections) == [(headings, text) for text in NAMED]


def test_a_title_that_is_the_sheets_name_is_said_once(tmp_path: Path) -> None:
    sections = read_xlsx(workbook(tmp_path / "fees.xlsx", [["Delivery"]], ["A1:C1"], sheet="Delivery"))
    assert {section.headings for section in sections} == {("Delivery",)}


def test_a_csv_saved_from_such_a_sheet() -> None:
    for mark in ",;\t":
        text = "\n".join(mark.join(row) for row in (("Delivery", "", ""), ("Region", "Days", "Fee"), ("East", "2", "8")))
        assert told(read_csv(text)) == [(("Delivery",), NAMED[0])]
    assert told(read_csv("Delivery\nRegion;Days;Fee\nEast;2;8\n")) == [(("Delivery",), NAMED[0])]


def test_questions_below_a_title_are_pairs() -> None:
    [section] = read_csv("Frequently asked,\nquestion,answer\nIs it dry?,Yes.\n")
    assert (section.kind, section.text, section.headings) == ("qa", "Is it dry?\nYes.", ("Frequently asked",))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # merged cells as Word gives them: the text in each
        ([["Fees", "Fees"], ["Region", "Days"], ["East", "2"]], [(("Fees",), "Region: East; Days: 2")]),
        # one column: its first row is its header
        ([["Regions"], ["East"], ["West"]], [((), "Regions: East"), ((), "Regions: West")]),
        # a note below the table is no title
        ([["Region", "Days"], ["East", "2"], ["Without islands", ""]],
         [((), "Region: East; Days: 2"), ((), "Region: Without islands")]),
        # a list in which a comma made two cells of one line
        ([["Towns"], ["Ely"], ["Wick"], ["Ayr"], ["Deal", "Kent"]],
         [((), "Towns: Ely"), ((), "Towns: Wick"), ((), "Towns: Ayr"), ((), "Towns: Deal; Kent")]),
        ([["Fees", ""], ["Region", "Days"]], [(("Fees",), "Region；Days")]),
    ],
    ids=["Word", "one column", "a note", "a list", "no rows"],
)  # fmt: skip
def test_tables_of_every_form(rows: list[list[str]], expected: list[tuple[tuple[str, ...], str]]) -> None:
    assert told(list(table_sections(rows, ()))) == expected
