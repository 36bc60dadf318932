"""Pictures of text to sections, read by RapidOCR, which carries its models (extra `ocr`)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bot.errors import BadDocument
from knowledge.documents import Section
from knowledge.ingest.lines import Line, is_far, joined
from knowledge.ingest.structure import HeadingPath, first_heading, flat, pair_questions

if TYPE_CHECKING:
    from PIL.Image import Image

# A line this much higher than the middle one is a heading.
HEADING_HEIGHT = 1.35
# Lines that are less sure than this are not taken; of 0 to 1.
SURE = 0.6
# Pieces of text whose middles are closer than this part of their height stand in one row.
_SAME_ROW = 0.5


def read_picture(path: Path) -> tuple[str, list[Section]]:
    """The first heading and the sections. Raises BadDocument without the extra; what Pillow raises passes through."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        sections = pair_questions(recognised(image.convert("RGB"), HeadingPath(), path.name))
    return first_heading(sections), sections


def recognised(image: Image, path: HeadingPath, where: str, page: int | None = None) -> Iterator[Section]:
    """The paragraphs of a picture, under its headings. `where` names the file in what is raised without the extra."""
    lines = _rows(_read(image, where))
    body = median(line.height for line in lines) if lines else 0.0
    paragraph: list[Line] = []
    for line in lines:
        heading = line.height > body * HEADING_HEIGHT
        if paragraph and (heading or is_far(paragraph[-1], line)):
            yield Section(joined(paragraph), path.headings, page=page)
            paragraph = []
        if heading:
            path.enter(1, line.text)
        else:
            paragraph.append(line)
    if paragraph:
        yield Section(joined(paragraph), path.headings, page=page)


def _read(image: Image, where: str) -> list[tuple[float, Line]]:
    """The pieces of text with their left edges, from top to bottom."""
    try:
        found = _engine()(image)
    except ImportError as error:
        remedy = "Install the extra: pip install 'streamdesk[ocr]', or save it with its text recognised."
        raise BadDocument("pictures of text cannot be read without RapidOCR.", where=where, remedy=remedy) from error
    pieces = zip(found.boxes, found.txts, found.scores, strict=True) if found.boxes is not None else ()
    lines = [
        (float(box[:, 0].min()), Line(flat(text), float(box[:, 1].min()), float(box[:, 1].max())))
        for box, text, score in pieces
        if score >= SURE and flat(text)
    ]
    return sorted(lines, key=lambda piece: piece[1].top + piece[1].bottom)


def _rows(pieces: Sequence[tuple[float, Line]]) -> list[Line]:
    """Pieces beside each other, as the cells of a table are, in one line."""
    rows: list[list[tuple[float, Line]]] = []
    for left, line in pieces:
        before = rows[-1][-1][1] if rows else None
        if before is not None and abs(line.top + line.bottom - before.top - before.bottom) / 2 < line.height * _SAME_ROW:
            rows[-1].append((left, line))
        else:
            rows.append([(left, line)])
    return [_one([line for _, line in sorted(row, key=lambda piece: piece[0])]) for row in rows]


def _one(row: Sequence[Line]) -> Line:
    text = "  ".join(line.text for line in row)
    return Line(text, min(line.top for line in row), max(line.bottom for line in row))


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # two seconds to load its models

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)  # it tells of every model that it opens
    return RapidOCR(params={"Global.log_level": "error"})
