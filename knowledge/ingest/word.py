"""DOCX to sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge.documents import Section
from knowledge.ingest.structure import HeadingPath, flat, pair_questions, table_sections

_HEADING = re.compile(r"^(?:Heading|标题) (\d)$")


def read_docx(path: Path) -> tuple[str, list[Section]]:
    """Title and sections in reading order. Whatever python-docx raises for a damaged file passes through."""
    document = docx.Document(str(path))
    sections = pair_questions(_sections(document))
    first = sections[0].headings[0] if sections and sections[0].headings else ""
    return document.core_properties.title or first, sections


def _sections(document: WordDocument) -> Iterator[Section]:
    path = HeadingPath()
    items: list[str] = []
    for block in document.iter_inner_content():
        listed = isinstance(block, Paragraph) and _style(block).startswith("List")
        if items and not listed:
            yield Section("\n".join(items), path.headings)
            items = []
        if isinstance(block, Table):
            yield from table_sections([[cell.text for cell in row.cells] for row in block.rows], path.headings)
            continue
        text = flat(block.text)
        if level := _level(block):
            path.enter(level, text)
        elif listed and text:
            number = f"{len(items) + 1}. " if "Number" in _style(block) else "- "
            items.append(number + text)
        elif text:
            yield Section("\n".join(line for line in map(flat, block.text.split("\n")) if line), path.headings)
    if items:
        yield Section("\n".join(items), path.headings)


def _style(paragraph: Paragraph) -> str:
    return (paragraph.style.name if paragraph.style else None) or ""


def _level(paragraph: Paragraph) -> int:
    """The heading's level, 1 for the title, 0 for running text."""
    if _style(paragraph) == "Title":
        return 1
    match = _HEADING.match(_style(paragraph))
    return int(match.group(1)) + 1 if match else 0
