"""PDF to sections: text lines become paragraphs, larger type becomes headings, tables become rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.documents import Section
from knowledge.ingest.structure import HeadingPath, flat, pair_questions, table_sections

if TYPE_CHECKING:
    from pdfplumber.page import Page

# A line in type this much larger than the body's is a heading.
HEADING_SIZE = 1.12
# Lines further apart than this many line heights belong to different paragraphs.
PARAGRAPH_GAP = 0.75


def read_pdf(path: Path) -> tuple[str, list[Section]]:
    """The first heading and the sections with their pages. What pdfplumber raises for a damaged file passes through."""
    import pdfplumber  # half a second to import, and only PDF files need it

    path_of_headings = HeadingPath()
    sections: list[Section] = []
    with pdfplumber.open(path) as pdf:
        body = _body_size(pdf.pages)
        for number, page in enumerate(pdf.pages, start=1):
            sections.extend(_page(page, number, body, path_of_headings))
    title = next((section.headings[0] for section in sections if section.headings), "")
    return title, pair_questions(sections)


def _body_size(pages: list[Page]) -> float:
    """The commonest size of type."""
    sizes = Counter(round(char["size"], 1) for page in pages for char in page.chars if char["text"].strip())
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _page(page: Page, number: int, body: float, path: HeadingPath) -> Iterator[Section]:
    tables = sorted(page.find_tables(), key=lambda table: float(table.bbox[1]))
    outside = page
    for table in tables:
        outside = outside.outside_bbox(table.bbox)
    paragraph: list[dict[str, Any]] = []
    for line in outside.extract_text_lines():
        while tables and line["top"] > tables[0].bbox[1]:
            yield from _flush(paragraph, number, path)
            yield from table_sections(_rows(tables.pop(0)), path.headings, number)
        size = max(char["size"] for char in line["chars"])
        if size > body * HEADING_SIZE:
            yield from _flush(paragraph, number, path)
            path.enter(1 if size > body * 1.5 else 2, flat(line["text"]))
            continue
        if paragraph and _far(paragraph[-1], line):
            yield from _flush(paragraph, number, path)
        paragraph.append(line)
    yield from _flush(paragraph, number, path)
    for table in tables:
        yield from table_sections(_rows(table), path.headings, number)


def _rows(table: Any) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in table.extract()]


def _far(before: dict[str, Any], line: dict[str, Any]) -> bool:
    height = float(before["bottom"] - before["top"])
    return bool(line["top"] - before["bottom"] > height * PARAGRAPH_GAP)


def _flush(paragraph: list[dict[str, Any]], number: int, path: HeadingPath) -> Iterator[Section]:
    if paragraph:
        yield Section(_join([flat(line["text"]) for line in paragraph]), path.headings, page=number)
        paragraph.clear()


def _join(lines: list[str]) -> str:
    """One paragraph: a line break is a space between Latin words, and nothing between Chinese characters."""
    text = lines[0]
    for line in lines[1:]:
        listed = line[:1] in "-•·" or line[:2].rstrip(".、)").isdigit()
        glue = "\n" if listed else (" " if text[-1:].isascii() and line[:1].isascii() else "")
        text += glue + line
    return text
