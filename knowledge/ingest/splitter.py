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
    """The entries of a document in reading order, each with the anchor of the section it starts in."""
    found: list[Entry] = []
    default = Language.EN if document.details.language == "en" else Language.ZH
    for anchor, section in _pieces(document):
        if not section.text.strip():
            continue
        language = language_of(section.text, default)
        entry = Entry(
            path=document.path,
            position=len(found),
            text=section.text,
            language=Language.EN.value if language is Language.EN else Language.ZH.value,
            anchor=f"s{anchor}",
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


def _pieces(document: Document) -> Iterator[tuple[int, Section]]:
    numbered = list(enumerate(document.sections))
    for (kind, _, _), group in groupby(numbered, key=lambda item: (item[1].kind, item[1].headings, item[1].page)):
        if kind == "text":
            yield from _join_and_cut(list(group))
        else:
            yield from group


def _join_and_cut(group: list[tuple[int, Section]]) -> Iterator[tuple[int, Section]]:
    """Paragraphs of one heading, joined while they fit and cut where one alone does not."""
    held: list[str] = []
    first, template = group[0]
    for number, section in group:
        if held and units("\n".join(held)) + units(section.text) > TARGET:
            yield first, _with_text(template, "\n".join(held))
            held = []
        if not held:
            first = number
        if units(section.text) <= TARGET:
            held.append(section.text)
            continue
        for piece in _splitter().split_text(section.text):
            yield number, _with_text(template, piece)
    if held:
        yield first, _with_text(template, "\n".join(held))


def _with_text(template: Section, text: str) -> Section:
    return Section(text, template.headings, template.kind, template.page)


@cache
def _splitter() -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # half a second to import

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, chunk_size=TARGET, chunk_overlap=0, length_function=units, keep_separator="end"
    )
