"""What was said in a room, by whom and on which evidence: rows of which each vouches for all before it.

A row's hash covers its own text and the hash of the row before it, so that none can be changed, put in or taken out
without all later hashes changing (Haber and Stornetta, "How to Time-Stamp a Digital Document", 1991). That the last rows
are there at all, only a hash says that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

# What the first row of a room follows.
BEGINNING: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done: `kind` with `subject` (an answer's or a comment's public id), by `actor`.

    `actor` is "host" or "room", `text` what was said, or why; `evidence` is what an answer rests on: addresses of
    documents, and claims on the tables.
    """

    at: datetime
    kind: str
    subject: str
    actor: str
    text: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as it is kept: `entry` is its text, `digest` covers it and `previous`."""

    room: str
    previous: str
    digest: str
    entry: str


class Audit(Protocol):
    """Where entries are kept. Nothing is ever changed or taken out."""

    async def append(self, room: str, entries: Sequence[AuditEntry]) -> None:
        """Keep these, in their order, all or none. Raises StorageUnavailable."""
        ...

    def rows(self) -> AsyncIterator[AuditRow]:
        """Every row, in the order they were kept. Raises StorageUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """The rows of a room as far as they hold: how many, and the last one's digest. `broken` is the first that does not."""

    length: int = 0
    last: str = BEGINNING
    broken: int | None = None


def chained(previous: str, entry: str) -> str:
    """The digest of a row with the text `entry` that follows the row with the digest `previous`: SHA-256, in hex."""
    return hashlib.sha256(f"{previous}\n{entry}".encode()).hexdigest()


def followed(chain: Chain, row: AuditRow) -> Chain:
    """The chain with one row more."""
    if chain.broken is not None:
        return chain
    if row.previous != chain.last or row.digest != chained(row.previous, row.entry):
        return Chain(chain.length, chain.last, chain.length + 1)
    return Chain(chain.length + 1, row.digest)


async def verified(audit: Audit) -> dict[str, Chain]:
    """The chain of every room. Raises StorageUnavailable."""
    chains: dict[str, Chain] = {}
    async for row in audit.rows():
        chains[row.room] = followed(chains.get(row.room, Chain()), row)
    return chains
