"""What loads of a shop's folder came to, and what is known of the documents in force: the nouns and the port between
`streamdesk load` and the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

# Loads that are kept, and complaints of each.
KEPT: Final = 10
MOST_COMPLAINTS: Final = 500


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something of a file that was refused, or `taken` with a reservation: where it is, what is wrong and how to mend it.

    `row` counts as a spreadsheet does; 0 is the file as a whole. `private`: its value may be somebody's, and is not kept.
    """

    file: str
    why: str
    row: int = 0
    column: str = ""
    value: str = ""
    taken: bool = False
    private: bool = False

    def __str__(self) -> str:
        if not self.row:
            return self.why
        cell = f", {self.column} = {self.value!r}" if self.column or self.value else ""
        return f"row {self.row}{cell}: {self.why}"


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """One file, or the pictures or models of a folder: how much of it was taken, kept as it was there, and refused.

    `status` is what became of a document (taken, unchanged, refused, removed), empty for the others.
    """

    name: str
    taken: int = 0
    kept: int = 0
    refused: int = 0
    status: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a shop's folder. `pack` is what the shop brings over the defaults, `more` counts the complaints left out.

    With a `fault` nothing or not everything was loaded: it says why, and how to mend it.
    """

    at: datetime
    folder: str
    files: tuple[LoadedFile, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    pack: tuple[str, ...] = ()
    more: int = 0
    fault: str = ""


def to_keep(load: Load) -> Load:
    """A load as it is kept: without what may be somebody's, and with so many complaints at most. Pure."""
    shown = load.complaints[:MOST_COMPLAINTS]
    complaints = tuple(replace(one, value="") if one.private else one for one in shown)
    return replace(load, complaints=complaints, more=load.more + len(load.complaints) - len(shown))


class Loads(Protocol):
    """The last loads, whichever process made them. Raises StorageUnavailable."""

    async def note(self, load: Load) -> None:
        """Keep a load as the last, `to_keep`; only `KEPT` are kept."""
        ...

    async def last(self) -> Sequence[Load]:
        """Those that are kept, the last one first."""
        ...


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document that is in force. `kinds` are text, row (of a table) and qa; `passages` is how many can be found of it.

    `audience` is public, customer or agent; it holds from `valid_from` until before `valid_until`, where these are given.
    """

    path: str
    title: str
    languages: tuple[str, ...]
    kinds: tuple[str, ...]
    audience: str
    valid_from: datetime | None
    valid_until: datetime | None
    passages: int


# Every document that is in force, by path.
KnownDocuments = Callable[[], Awaitable[Sequence[KnownDocument]]]
