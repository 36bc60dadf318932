"""Sections to entries: short paragraphs under one heading are joined, long ones cut at sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from bot.text import language_of
from bot.types import Language
from knowledge.documents import Document, Entry, Section

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

# Sizes in units: a Chinese character, or three quarters of a Latin word (about a token of the encoder each).
TARGET = 220
_UNITS_PER_WORD = 1.33

_HAN = re.compile(r"[㐀-䶿一-鿿]")
_WORD = re.compile(r"[A-Za-z0-9]+")
# Where to cut, best first. Chinese stops need no space after them.
_SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", ". ", "! ", "? ", "; ", "，", ", ", " ", ""]


def entries(document: Document) -> list[Entry]:
    """The entries of a document in reading order."""
    found: list[Entry] = []
    default = Language.EN if document.details.language == "en" else Language.ZH
    for section in _pieces(document):
        if not section.text.strip():
            continue
        language = language_of(section.text, default)
        entry = Entry(
            path=document.path,
            position=len(found),
            text=section.text,
            language=Language.EN.value if language is Language.EN else Language.ZH.value,
            headings=section.headings,
            kind=section.kind,
            page=section.page,
            details=document.details,
        )
        found.append(entry)
    return found


def units(text: str) -> int:
    """How long a text is: characters of Chinese plus 1.33 a Latin word or number."""
    return len(_HAN.findall(text)) + round(len(_WORD.findall(text)) * _UNITS_PER_WORD)


def _pieces(document: Document) -> Iterator[Section]:
    for (kind, _, _), group in groupby(
        document.sections, key=lambda section: (section.kind, section.headings, section.page)
    ):
        if kind == "text":
            yield from _join_and_cut(list(group))
        else:
            yield from group


def _join_and_cut(group: list[Section]) -> Iterator[Section]:
    """Paragraphs of one heading, joined while they fit and cut where one alone does not."""
    held: list[str] = []
    for section in group:
        if held and units("\n".join(held)) + units(section.text) > TARGET:
            yield _with_text(section, "\n".join(held))
            held = []
        if units(section.text) <= TARGET:
            held.append(section.text)
        else:
            yield from (_with_text(section, piece) for piece in _splitter().split_text(section.text))
    if held:
        yield _with_text(group[0], "\n".join(held))


def _with_text(template: Section, text: str) -> Section:
    return Section(text, template.headings, template.kind, template.page)


@cache
def _splitter() -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # half a second to import

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, chunk_size=TARGET, chunk_overlap=0, length_function=units, keep_separator="end"
    )
