"""One state of the index on disk: its entries, its BM25 matrix, and which file gave what.

A generation is a folder that is written whole and never changed; the file `current` names the one in force and is replaced
in one step. Vectors are kept beside, under the hash of the words they stand for, so that generations share them.
"""

from __future__ import annotations

import os
import shutil
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from knowledge.documents import Details, Entry
from knowledge.lexical import Lexicon

POINTER = "current"


@dataclass(frozen=True, slots=True)
class FileState:
    """What a document's file was when it was read: the digest of bytes and details, and the words of its entries."""

    digest: str
    details: Details
    entries: tuple[Entry, ...]
    tokens: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Generation:
    """Everything that search needs except the vectors. `tokens` are the words of each entry; `by_*` give entry numbers.

    `changes` are the moments at which entries begin or cease to hold, in order.
    """

    name: str
    files: Mapping[str, FileState]
    entries: tuple[Entry, ...]
    tokens: tuple[tuple[str, ...], ...]
    lexicon: Lexicon
    by_vector: Mapping[str, list[int]]
    by_product: Mapping[str, list[int]] = field(default_factory=dict)
    changes: tuple[datetime, ...] = ()

    def stretch(self, at: datetime) -> int:
        """The number of the stretch of time around a moment in which the same entries hold."""
        return bisect_right(self.changes, at)


def assemble(name: str, files: Mapping[str, FileState], lexicon: Lexicon | None = None) -> Generation:
    """A generation from its files; the BM25 matrix is built unless given."""
    entries = tuple(entry for state in files.values() for entry in state.entries)
    tokens = tuple(words for state in files.values() for words in state.tokens)
    if lexicon is None:
        lexicon = Lexicon.build(tokens)
    by_vector: defaultdict[str, list[int]] = defaultdict(list)
    by_product: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        by_vector[entry.vector_id].append(number)
        for product_id in entry.details.products:
            by_product[product_id].append(number)
    ends = {end for state in files.values() for end in (state.details.valid_from, state.details.valid_until) if end}
    return Generation(name, files, entries, tokens, lexicon, dict(by_vector), dict(by_product), tuple(sorted(ends)))


def save(generation: Generation, root: Path) -> None:
    """Write a generation's folder. It is not in force before `switch`."""
    folder = root / generation.name
    folder.mkdir(parents=True)
    with (folder / "files.jsonl").open("wb") as out:
        for path, state in generation.files.items():
            out.write(orjson.dumps(_to_json(path, state)) + b"\n")
    generation.lexicon.save(folder / "bm25")


def load(root: Path) -> Generation | None:
    """The generation in force, or None when there is none yet."""
    name = current(root)
    if name is None:
        return None
    files: dict[str, FileState] = {}
    with (root / name / "files.jsonl").open("rb") as lines:
        for line in lines:
            path, state = _from_json(orjson.loads(line))
            files[path] = state
    size = sum(len(state.entries) for state in files.values())
    return assemble(name, files, Lexicon.load(root / name / "bm25", size))


def current(root: Path) -> str | None:
    """The name of the generation in force."""
    pointer = root / POINTER
    return pointer.read_text("utf-8").strip() if pointer.is_file() else None


def switch(root: Path, name: str) -> None:
    """Put a generation in force: the pointer is replaced in one step and survives a power cut."""
    fresh = root / f"{POINTER}.new"
    with fresh.open("w", encoding="utf-8") as out:
        out.write(name)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(root / POINTER)


def sweep(root: Path, keep: str) -> None:
    """Remove the folders of all generations but one."""
    for folder in root.iterdir():
        if folder.is_dir() and folder.name.startswith("g") and folder.name != keep:
            shutil.rmtree(folder)


def _to_json(path: str, state: FileState) -> dict[str, Any]:
    details = state.details
    return {
        "path": path,
        "digest": state.digest,
        "details": {
            "title": details.title,
            "language": details.language,
            "products": details.products,
            "categories": details.categories,
            "audience": details.audience,
            "valid_from": details.valid_from,
            "valid_until": details.valid_until,
        },
        "entries": [entry.to_json() for entry in state.entries],
        "tokens": state.tokens,
    }


def _from_json(data: dict[str, Any]) -> tuple[str, FileState]:
    raw = data["details"]
    moments = {key: datetime.fromisoformat(raw[key]) if raw[key] else None for key in ("valid_from", "valid_until")}
    lists = {key: tuple(raw[key]) for key in ("products", "categories")}
    details = Details(**{**raw, **moments, **lists})
    entries = tuple(Entry.from_json(entry, details) for entry in data["entries"])
    return data["path"], FileState(data["digest"], details, entries, tuple(tuple(words) for words in data["tokens"]))
