"""What the formats share: heading paths, table rows as readable lines, questions with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Section

_SPACES = re.compile(r"\s+")
_QUESTION = re.compile(r"^(?:Q(?:uestion)?\s*\d*|问题?\s*\d*)\s*[:：.、]\s*", re.IGNORECASE)
_ANSWER = re.compile(r"^(?:A(?:nswer)?\s*\d*|答案?\s*\d*)\s*[:：.、]\s*", re.IGNORECASE)
_QUESTION_COLUMN = re.compile(r"^(?:q|question|问题|常见问题|问)(?:[_ (（]?(zh|en|中文|英文)[)）]?)?$", re.IGNORECASE)
_ANSWER_COLUMN = re.compile(r"^(?:a|answer|回答|答案|答|解答)(?:[_ (（]?(zh|en|中文|英文)[)）]?)?$", re.IGNORECASE)

# Titles that a table may have above its header; more rows of one cell are rows.
MAX_TITLES = 3


def flat(text: str) -> str:
    """One line, spaces folded."""
    return _SPACES.sub(" ", text).strip()


@dataclass(slots=True)
class HeadingPath:
    """The headings above the place that a reader has come to."""

    _stack: list[tuple[int, str]]

    def __init__(self) -> None:
        self._stack = []

    def enter(self, level: int, heading: str) -> None:
        """A heading of `level` (1 is the highest) closes all of its own and lower levels."""
        self._stack = [(other, text) for other, text in self._stack if other < level]
        if heading:
            self._stack.append((level, heading))

    @property
    def headings(self) -> tuple[str, ...]:
        """From the highest down."""
        return tuple(text for _, text in self._stack)


def first_heading(sections: Iterable[Section]) -> str:
    """The highest heading of the first section that has one: what a document without a title is called."""
    return next((section.headings[0] for section in sections if section.headings), "")


def table_sections(rows: Sequence[Sequence[str]], headings: tuple[str, ...], page: int | None = None) -> Iterator[Section]:
    """A table with a header row, one section a row. Columns of questions and answers become pairs.

    Titles across the whole table, above its header, are headings of every row.
    """
    cells = [[flat(cell) for cell in row] for row in rows if any(cell and cell.strip() for cell in row)]
    if not cells:
        return
    titles = _titles(cells)
    headings = (*headings, *(title for title in titles if title not in headings))
    header, body = cells[len(titles)], cells[len(titles) + 1 :]
    if not body:
        yield Section("；".join(cell for cell in header if cell), headings, "row", page)
        return
    pairs = _question_columns(header)
    for row in body:
        if pairs:
            yield from _pairs(pairs, row, headings, page)
        else:
            yield Section(_row_text(header, row), headings, "row", page)


def _titles(rows: Sequence[Sequence[str]]) -> list[str]:
    """What stands above the header: rows of one text, in one cell or repeated in those that were merged into one.

    None where every row is like that, or too many: a table of one column has a header of one cell.
    """
    texts = [list(dict.fromkeys(cell for cell in row if cell)) for row in rows]
    header = next((number for number, row in enumerate(texts) if len(row) > 1), 0)
    return [row[0] for row in texts[:header]] if header <= MAX_TITLES else []


def pair_questions(sections: Iterable[Section]) -> list[Section]:
    """Sections that start with `Q:` and `A:` (`问：`, `答：`), together or one after the other, become pairs."""
    paired: list[Section] = []
    for section in sections:
        lines = section.text.split("\n")
        if len(lines) > 1 and _QUESTION.match(lines[0]) and _ANSWER.match(lines[1]):
            answer = "\n".join([_ANSWER.sub("", lines[1]), *lines[2:]])
            paired.append(replace(section, text=f"{_QUESTION.sub('', lines[0])}\n{answer}", kind="qa"))
        elif paired and _ANSWER.match(section.text) and _QUESTION.match(paired[-1].text) and paired[-1].kind == "text":
            question = paired.pop()
            text = f"{_QUESTION.sub('', question.text)}\n{_ANSWER.sub('', section.text)}"
            paired.append(replace(question, text=text, kind="qa"))
        else:
            paired.append(section)
    return paired


def _question_columns(header: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of column numbers: the question's and its answer's, matched by language suffix."""
    questions = {(match.group(1) or ""): n for n, name in enumerate(header) if (match := _QUESTION_COLUMN.match(name))}
    answers = {(match.group(1) or ""): n for n, name in enumerate(header) if (match := _ANSWER_COLUMN.match(name))}
    return [(column, answers[suffix]) for suffix, column in questions.items() if suffix in answers]


def _pairs(
    pairs: list[tuple[int, int]], row: Sequence[str], headings: tuple[str, ...], page: int | None
) -> Iterator[Section]:
    for question, answer in pairs:
        if max(question, answer) < len(row) and row[question] and row[answer]:
            yield Section(f"{row[question]}\n{row[answer]}", headings, "qa", page)


def _row_text(header: Sequence[str], row: Sequence[str]) -> str:
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell]
    return "; ".join([*named, *(cell for cell in row[len(header) :] if cell)])
