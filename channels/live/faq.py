"""Adds questions with answers to the FAQ documents of the shop's folder, `documents/faq-from-shows.zh.csv` and `.en.csv`.

They are tables with the columns question and answer, a row for each wording, which a load reads as questions (see
docs/shop-folder.md). A question that is there already is left as it is: the merchant may have mended its answer.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path
from typing import Final

from bot.errors import BadSettings
from bot.text import normal
from bot.types import Language
from channels.live.report import Candidate

COLUMNS: Final = ("question", "answer")
# A cell that begins with one of these is a formula to spreadsheets.
_FORMULA: Final = "=+-@\t\r"


def faq_file(folder: Path, language: Language) -> Path:
    """The document for this language under a shop's folder."""
    return folder / "documents" / f"faq-from-shows.{'en' if language is Language.EN else 'zh'}.csv"


def add_to_faq(folder: Path | None, candidate: Candidate) -> tuple[Path, int]:
    """Write the wordings that are not there yet. Returns the document and how many were written.

    Raises BadSettings where there is no folder, or it cannot be written to; then nothing was changed.
    """
    if folder is None or not folder.is_dir():
        remedy = "Set live.faq_folder to the folder that you give to `streamdesk load`."
        raise BadSettings(f"there is no shop folder at {str(folder or '')!r}.", where="live.faq_folder", remedy=remedy)
    file = faq_file(folder, candidate.language)
    try:
        rows = _rows(file)
        there = {normal(question) for question, _ in rows}
        new = [[_cell(words), _cell(candidate.answer)] for words in candidate.wordings if normal(_cell(words)) not in there]
        if new:
            _write(file, [*rows, *new])
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        remedy = "Let the service write there, or mend the file by hand."
        raise BadSettings(f"{file} cannot be written: {error}", where="live.faq_folder", remedy=remedy) from error
    return file, len(new)


def _rows(file: Path) -> list[list[str]]:
    """Questions with answers, without the header. Raises ValueError for a file with other columns."""
    if not file.exists():
        return []
    table = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    if not table or tuple(table[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in table[1:] if row):
        raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
    return [row for row in table[1:] if row]


def _write(file: Path, rows: list[list[str]]) -> None:
    """All or nothing: a load that reads at the same time sees the old file or the new one."""
    file.parent.mkdir(exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as fresh:
            fresh.write(text.getvalue())
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _cell(text: str) -> str:
    return " ".join(text.split()).lstrip(_FORMULA)
