"""PDF to sections: text lines become paragraphs, larger type becomes headings, tables become rows.

Pages that are scans are read as pictures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.documents import Section
from knowledge.ingest.lines import Line, is_far, joined
from knowledge.ingest.picture import recognised
from knowledge.ingest.structure import HeadingPath, first_heading, flat, pair_questions, table_sections

if TYPE_CHECKING:
    from pdfplumber.page import Page

# A line in type this much larger than the body's is a heading.
HEADING_SIZE = 1.12
# Dots an inch at which a page without text is drawn to be read as a picture.
RESOLUTION = 200


def read_pdf(path: Path) -> tuple[str, list[Section]]:
    """The first heading and the sections with their pages. What pdfplumber raises for a damaged file passes through."""
    import pdfplumber  # half a second to import, and only PDF files need it

    path_of_headings = HeadingPath()
    sections: list[Section] = []
    with pdfplumber.open(path) as pdf:
        body = _body_size(pdf.pages)
        for number, page in enumerate(pdf.pages, start=1):
            if page.chars or not page.images:
                sections.extend(_page(page, number, body, path_of_headings))
            else:  # a scan
                drawn = page.to_image(resolution=RESOLUTION).original.convert("RGB")
                sections.extend(recognised(drawn, path_of_headings, path.name, number))
    return first_heading(sections), pair_questions(sections)


def _body_size(pages: list[Page]) -> float:
    """The commonest size of type."""
    sizes = Counter(round(char["size"], 1) for page in pages for char in page.chars if char["text"].strip())
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _page(page: Page, number: int, body: float, path: HeadingPath) -> Iterator[Section]:
    tables = sorted(page.find_tables(), key=lambda table: float(table.bbox[1]))
    outside = page
    for table in tables:
        outside = outside.outside_bbox(table.bbox)
    paragraph: list[Line] = []
    for line in outside.extract_text_lines():
        while tables and line["top"] > tables[0].bbox[1]:
            yield from _flush(paragraph, number, path)
            yield from table_sections(_rows(tables.pop(0)), path.headings, number)
        size = max(char["size"] for char in line["chars"])
        if size > body * HEADING_SIZE:
            yield from _flush(paragraph, number, path)
            path.enter(1 if size > body * 1.5 else 2, flat(line["text"]))
            continue
        read = Line(flat(line["text"]), line["top"], line["bottom"])
        if paragraph and is_far(paragraph[-1], read):
            yield from _flush(paragraph, number, path)
        paragraph.append(read)
    yield from _flush(paragraph, number, path)
    for table in tables:
        yield from table_sections(_rows(table), path.headings, number)


def _rows(table: Any) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in table.extract()]


def _flush(paragraph: list[Line], number: int, path: HeadingPath) -> Iterator[Section]:
    if paragraph:
        yield Section(joined(paragraph), path.headings, page=number)
        paragraph.clear()
