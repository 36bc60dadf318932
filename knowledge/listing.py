"""What is known of the documents in force, for whoever looks after them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.loads import KnownDocument
from knowledge.generation import FileState


def known_documents(files: Mapping[str, FileState]) -> list[KnownDocument]:
    """The documents of a generation, by path."""
    return [_known(path, state) for path, state in sorted(files.items())]


def _known(path: str, state: FileState) -> KnownDocument:
    details = state.details
    return KnownDocument(
        path,
        details.title,
        tuple(sorted({entry.language for entry in state.entries if entry.language})),
        tuple(sorted({entry.kind for entry in state.entries})),
        details.audience,
        details.valid_from,
        details.valid_until,
        len(state.entries),
    )
