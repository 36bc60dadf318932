"""Keeps the index in step with a folder of documents, and opens it for search.

Only what changed is read and encoded again. A new generation is made beside the one in force and put in force by one small
write at the end: whatever stops a run half way, the old one goes on being served.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.errors import BadDocument
from bot.ports import Encoder
from knowledge import generation
from knowledge.documents import Document
from knowledge.generation import FileState, Generation
from knowledge.ingest import splitter
from knowledge.ingest.manifest import Calendar, read_manifest
from knowledge.ingest.reader import read_document
from knowledge.lexical import tokens
from knowledge.vectors import Vectors

# Changes when files must be read again although they did not change.
READER = "4"
# Texts encoded in one call.
ENCODE_BATCH = 64

# Where documents of our own begin: what the merchant wrote in the console. No load of a shop's folder touches them.
OWN = "console"
# What is known of them beside their text, as a row of a manifest says it, by the language in their names.
_ABOUT_OWN: Mapping[str, Mapping[str, str]] = {
    "zh": {"title": "店主的回答", "language": "zh"},
    "en": {"title": "Answers of the shop", "language": "en"},
}

# Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `problem` says why it was refused and how to mend it."""

    path: str
    status: Literal["taken", "unchanged", "refused", "removed"]
    entries: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What one run did: per file, texts encoded, seconds."""

    files: tuple[FileReport, ...]
    encoded: int
    seconds: float

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """The files that were not taken."""
        return tuple(report for report in self.files if report.status == "refused")


class Index:
    """The generation in force with its vectors."""

    def __init__(self, path: Path, encoder: Encoder, chroma_url: str = "", own: Path | None = None) -> None:
        """`path` holds generations, and vectors unless a Chroma server at `chroma_url` does; `own` the folder OWN."""
        self._root = path
        self._own = own
        self._encoder = encoder
        self._chroma_url = chroma_url
        self._vectors: Vectors | None = None
        self._generation: Generation | None = None
        self._made = ""
        self._opening = asyncio.Lock()
        self._building = asyncio.Lock()

    async def ready(self) -> tuple[Generation, Vectors]:
        """The generation in force and the vectors, opened on first use and again after another process switched."""
        async with self._opening:
            name = generation.current(self._root) or ""
            if self._vectors is None or self._generation is None or name != self._generation.name:
                loaded = await asyncio.to_thread(generation.load, self._root) or generation.assemble(name, {})
                if self._vectors is None or name != self._made:  # what this process put in force, its vectors know
                    vectors = await asyncio.to_thread(self._open, asyncio.get_running_loop())
                    # those of another encoder, or of another build of it, are none: the entries outlive them
                    await self._encode_missing(loaded.files, vectors, lambda doing, done, total: None)
                    self._vectors = vectors
                self._generation = loaded
            return self._generation, self._vectors

    async def load(self, documents: Path, calendar: Calendar, progress: Progress) -> LoadReport:
        """Bring the index in step with the folder `documents`, whose manifest is `documents.csv` beside it.

        Raises BadDocument only for a folder or manifest that cannot be used; a bad file is reported and the others go on.
        """
        async with self._building:
            started = time.perf_counter()
            old, vectors = await self.ready()
            files, reports = await asyncio.to_thread(_read_folder, documents, calendar, _shops(old.files), progress)
            own, _ = await asyncio.to_thread(_read_own, self._own, calendar, old.files)
            encoded = await self._take(files | own, old, vectors, progress)
            return LoadReport(tuple(reports), encoded, time.perf_counter() - started)

    async def load_own(self, calendar: Calendar) -> LoadReport:
        """Bring the index in step with our own documents; those of the shop stay as they are."""
        async with self._building:
            started = time.perf_counter()
            old, vectors = await self.ready()
            own, reports = await asyncio.to_thread(_read_own, self._own, calendar, old.files)
            encoded = await self._take(_shops(old.files) | own, old, vectors, lambda doing, done, total: None)
            return LoadReport(tuple(reports), encoded, time.perf_counter() - started)

    async def _take(self, files: Mapping[str, FileState], old: Generation, vectors: Vectors, progress: Progress) -> int:
        """Encode what is missing and put these files in force where they are others. Returns how many texts were encoded."""
        encoded = await self._encode_missing(files, vectors, progress)
        if files != old.files:
            await asyncio.to_thread(self._put_in_force, files, vectors)
        return encoded

    async def _encode_missing(self, files: Mapping[str, FileState], vectors: Vectors, progress: Progress) -> int:
        wanted = {entry.vector_id: entry.searchable for state in files.values() for entry in state.entries}
        known = await asyncio.to_thread(vectors.known)
        # texts of like length in one batch waste less of the encoder's time on padding
        missing = sorted((pair for pair in wanted.items() if pair[0] not in known), key=lambda pair: len(pair[1]))
        for start in range(0, len(missing), ENCODE_BATCH):
            batch = missing[start : start + ENCODE_BATCH]
            await asyncio.to_thread(vectors.add, [name for name, _ in batch], [text for _, text in batch])
            progress("encode", min(start + ENCODE_BATCH, len(missing)), len(missing))
        return len(missing)

    def _put_in_force(self, files: Mapping[str, FileState], vectors: Vectors) -> None:
        fresh = generation.assemble(f"g{time.time_ns()}", files)
        generation.save(fresh, self._root)
        self._made = fresh.name
        generation.switch(self._root, fresh.name)
        generation.sweep(self._root, fresh.name)
        vectors.delete(sorted(vectors.known() - fresh.by_vector.keys()))

    def _open(self, loop: asyncio.AbstractEventLoop) -> Vectors:
        self._root.mkdir(parents=True, exist_ok=True)
        return Vectors(self._root / "chroma", self._chroma_url, self._encoder, loop)


def _read_folder(
    root: Path, calendar: Calendar, old: Mapping[str, FileState], progress: Progress
) -> tuple[dict[str, FileState], list[FileReport]]:
    if not root.is_dir():
        raise BadDocument(f"there is no folder {root}.", remedy="Name the shop folder that holds `documents/`.")
    manifest = read_manifest(root.parent / "documents.csv")
    paths = sorted(
        str(file.relative_to(root).as_posix()) for file in root.rglob("*") if file.is_file() and is_document(file.name)
    )
    files: dict[str, FileState] = {}
    reports = [
        FileReport(
            path, "refused", problem=f"documents.csv names {path}, but there is no such file. Add it or drop the row."
        )
        for path in sorted(manifest.keys() - set(paths))
    ]
    for number, path in enumerate(paths, start=1):
        report, state = _read_file(root, path, manifest.get(path, {}), calendar, old.get(path))
        reports.append(report)
        if state is not None:
            files[path] = state
        progress("read", number, len(paths))
    reports.extend(FileReport(path, "removed") for path in old.keys() - set(paths))
    return files, reports


def _read_own(
    folder: Path | None, calendar: Calendar, old: Mapping[str, FileState]
) -> tuple[dict[str, FileState], list[FileReport]]:
    files: dict[str, FileState] = {}
    reports: list[FileReport] = []
    if folder is None:
        return files, reports
    for language, about in _ABOUT_OWN.items():
        for file in sorted((folder / OWN).glob(f"*.{language}.json")):
            path = f"{OWN}/{file.name}"
            if is_document(file.name):
                report, state = _read_file(folder, path, about, calendar, old.get(path))
                reports.append(report)
                files |= {path: state} if state is not None else {}
    return files, reports


def _shops(files: Mapping[str, FileState]) -> dict[str, FileState]:
    """What comes of the shop's folder."""
    return {path: state for path, state in files.items() if not path.startswith(f"{OWN}/")}


def is_document(name: str) -> bool:
    """Whether a file of this name is one of the documents: hidden files and locks of office programs are none."""
    return not name.startswith((".", "~$"))


def _read_file(
    root: Path, path: str, row: Mapping[str, str], calendar: Calendar, before: FileState | None
) -> tuple[FileReport, FileState | None]:
    """Read one file, or take what the generation in force has of it when nothing changed."""
    digest = _digest([(root / path).read_bytes(), repr((sorted(row.items()), calendar, READER)).encode()])
    if before is not None and before.digest == digest:
        return FileReport(path, "unchanged", len(before.entries)), before
    try:
        state = _state(read_document(root, path, row, calendar), digest)
    except BadDocument as error:
        return FileReport(path, "refused", problem=str(error)), None
    return FileReport(path, "taken", len(state.entries)), state


def _state(document: Document, digest: str) -> FileState:
    entries = splitter.entries(document)
    return FileState(digest, document.details, tuple(entries), tuple(tuple(tokens(entry.searchable)) for entry in entries))


def _digest(parts: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
