"""What `streamdesk load` tells of a load: as a noun that is printed, and kept for the console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StreamdeskError
from bot.loads import Complaint, Load, LoadedFile
from bot.redaction import redacted
from bot.settings import Settings

if TYPE_CHECKING:
    from actions.shop.importers.report import FileReport
    from bot.app import Loaded
    from knowledge.index import FileReport as DocumentReport
    from knowledge.index import LoadReport as DocumentsReport

# Tables of goods and offers; a value of any other table may be somebody's.
GOODS = frozenset(
    {"products", "variants", "categories", "attributes", "size_charts", "links", "promotions", "coupons", "inventory"}
)


def load_of(loaded: Loaded, folder: Path, at: datetime) -> Load:
    """A load as it is told of. Pure."""
    documents, models = loaded.documents.files, loaded.models
    files = (
        *(LoadedFile(file.name, file.taken, file.kept, len(file.refused) + len(file.unknown)) for file in loaded.shop.files),
        *map(_document, documents),
        LoadedFile("pictures", loaded.pictures, refused=len(loaded.bad_pictures)),
        LoadedFile("models", len(models.taken), refused=len(models.refused)),
    )
    complaints = (
        *(said for file in loaded.shop.files for said in _of_table(file)),
        *(_of_document(file) for file in loaded.documents.refused),
        *(Complaint(name, problem) for name, problem in (*loaded.bad_pictures.items(), *models.refused.items())),
        *(Complaint(name, doubt, taken=True) for name, doubt in models.noted.items()),
    )
    return Load(at, str(folder), files, complaints, loaded.pack)


def load_of_changes(load: Load, report: DocumentsReport, at: datetime) -> Load:
    """The same once its documents were loaded anew, and nothing else. Pure."""
    tables = tuple(file for file in load.files if not file.status)
    said = tuple(one for one in load.complaints if not one.file.startswith("documents/"))
    complaints = (*said, *map(_of_document, report.refused))
    return replace(load, at=at, files=(*tables, *map(_document, report.files)), complaints=complaints)


def load_that_failed(folder: Path, error: StreamdeskError, at: datetime) -> Load:
    """A load that came to its end before everything was taken. Pure."""
    return Load(at, str(folder), fault=redacted(str(error)))


async def note(settings: Settings, load: Load) -> None:
    """Keep a load for the console, where services see it as well. Raises BadSettings and StorageUnavailable."""
    from bot.storage.sql import SqlStore

    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        await store.loads().note(load)
    finally:
        await store.close()


def _of_table(file: FileReport) -> Iterator[Complaint]:
    private = file.table not in GOODS
    yield from (Complaint(file.name, one.why, row=1) for one in file.unknown)
    for refusals, taken in ((file.refused, False), (file.noted, True)):
        yield from (Complaint(file.name, r.why, r.row, r.column, r.value, taken, private) for r in refusals)


def _document(file: DocumentReport) -> LoadedFile:
    return LoadedFile(f"documents/{file.path}", file.entries, refused=int(file.status == "refused"), status=file.status)


def _of_document(file: DocumentReport) -> Complaint:
    return Complaint(f"documents/{file.path}", file.problem)
