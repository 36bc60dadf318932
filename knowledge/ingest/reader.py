"""A file of the shop's documents -> a Document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.errors import BadDocument
from knowledge.documents import Details, Document, Section
from knowledge.ingest.html import read_html
from knowledge.ingest.manifest import Calendar, details
from knowledge.ingest.markdown import read_markdown
from knowledge.ingest.pdf import read_pdf
from knowledge.ingest.picture import read_picture
from knowledge.ingest.structure import flat
from knowledge.ingest.tables import read_csv, read_json, read_xlsx
from knowledge.ingest.word import read_docx

_REMEDY = "Open it in the program that made it and save it again."


def read_document(root: Path, path: str, row: Mapping[str, str], calendar: Calendar) -> Document:
    """Read `root/path`. A row of the manifest wins over the file's own front matter.

    Raises BadDocument for an unknown kind of file, one that cannot be read, and one without text.
    """
    file = root / path
    if file.suffix.lower() not in SUFFIXES:
        remedy = f"Use one of {', '.join(SUFFIXES)}."
        raise BadDocument(f"files of kind {file.suffix or '(none)'} cannot be read.", where=path, remedy=remedy)
    try:
        front, title, sections = _parse(file, path)
    except BadDocument:
        raise
    except UnicodeDecodeError as error:
        raise BadDocument("the text is not UTF-8.", where=path, remedy="Save it as UTF-8.") from error
    except Exception as error:  # parsers raise whatever a damaged file makes them stumble over
        raise BadDocument(f"the file is damaged ({type(error).__name__}: {error}).", where=path, remedy=_REMEDY) from error
    if not any(section.text.strip() for section in sections):
        raise BadDocument("there is no text in it.", where=path, remedy="Write what it should say, or drop it.")
    own = details(Details(title=title or _title_from(file)), front, calendar, path)
    return Document(path, details(own, row, calendar, f"documents.csv, row {path}"), tuple(sections))


def _parse(file: Path, path: str) -> tuple[Mapping[str, object], str, list[Section]]:
    """Front matter, title and sections."""
    suffix = file.suffix.lower()
    if suffix in (".md", ".markdown"):
        return read_markdown(_text(file), path)
    return {}, *_TITLED[suffix](file)


def _plain(file: Path) -> tuple[str, list[Section]]:
    return "", [Section(flat(block)) for block in _text(file).split("\n\n")]


# Title (empty where the format has none) and sections by kind of file.
_TITLED: Mapping[str, Callable[[Path], tuple[str, list[Section]]]] = {
    ".txt": _plain,
    ".html": lambda file: read_html(_text(file)),
    ".htm": lambda file: read_html(_text(file)),
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".csv": lambda file: ("", read_csv(_text(file))),
    ".xlsx": lambda file: ("", read_xlsx(file)),
    ".json": lambda file: read_json(_text(file)),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp"), read_picture),
}
SUFFIXES = (".md", ".markdown", *_TITLED)


def _text(file: Path) -> str:
    return file.read_text("utf-8-sig").replace("\r\n", "\n")


def _title_from(file: Path) -> str:
    return file.stem.replace("_", " ").replace("-", " ")
