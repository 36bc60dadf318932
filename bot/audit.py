"""What was said in a room, by whom and on which evidence: rows of which each vouches for all before it.

A row's hash covers its own text and the hash of the row before it, so that none can be changed, put in or taken out
without all later hashes changing (Haber and Stornetta, "How to Time-Stamp a Digital Document", 1991). That the last rows
are there at all, only a hash says that was noted elsewhere.

A person may have what was said of them taken out. The row stays with its hash, so that the rows around it still hold, and a
new row of the kind REDACTED names that hash: a row that does not match its hash is sound where a sound row says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from bot.errors import StorageUnavailable

# What the first row of a room follows.
BEGINNING: Final = "0" * 64
# The kind of an entry whose subject is the hash of a row that lost its words.
REDACTED: Final = "redacted"


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
    """Where entries are kept. Nothing is ever changed; words are taken out for a person's rights alone."""

    async def append(self, room: str, entries: Sequence[AuditEntry]) -> None:
        """Keep these, in their order, all or none. Raises StorageUnavailable."""
        ...

    def rows(self) -> AsyncIterator[AuditRow]:
        """Every row, in the order they were kept. Raises StorageUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Chain:
    """The rows of a room as far as they hold: how many, and the last one's digest. `broken` is the first that does not.

    `redacted` of them have lost their words.
    """

    length: int = 0
    last: str = BEGINNING
    broken: int | None = None
    redacted: int = 0


def chained(previous: str, entry: str) -> str:
    """The digest of a row with the text `entry` that follows the row with the digest `previous`: SHA-256, in hex."""
    return hashlib.sha256(f"{previous}\n{entry}".encode()).hexdigest()


def followed(chain: Chain, row: AuditRow, redacted: Collection[str] = ()) -> Chain:
    """The chain with one row more. `redacted` are the digests of rows whose words were taken out."""
    if chain.broken is not None:
        return chain
    whole = row.digest == chained(row.previous, row.entry)
    if row.previous != chain.last or not (whole or row.digest in redacted):
        return replace(chain, broken=chain.length + 1)
    return replace(chain, length=chain.length + 1, last=row.digest, redacted=chain.redacted + (not whole))


async def verified(audit: Audit) -> dict[str, Chain]:
    """The chain of every room. Raises StorageUnavailable."""
    redacted = {digest async for row in audit.rows() if (digest := _redacted(row))}
    chains: dict[str, Chain] = {}
    async for row in audit.rows():
        chains[row.room] = followed(chains.get(row.room, Chain()), row, redacted)
    return chains


def entry_of(row: AuditRow) -> AuditEntry:
    """The entry that a row keeps. Raises StorageUnavailable for one of another version."""
    try:
        fields = json.loads(row.entry)
        at = datetime.fromisoformat(fields["at"])
        return AuditEntry(**fields | {"at": at, "evidence": tuple(fields.get("evidence", ()))})
    except (ValueError, KeyError, TypeError) as error:
        raise StorageUnavailable(f"an audit row of room {row.room!r} cannot be read: {error}") from error


async def entries_of(audit: Audit, room: str) -> list[AuditEntry]:
    """Everything that was done in a room, in the order it was written down. Raises StorageUnavailable."""
    return [entry_of(row) async for row in audit.rows() if row.room == room]


def _redacted(row: AuditRow) -> str:
    """The digest of the row that this one says has lost its words, or nothing. Only a row that is whole says so."""
    if row.digest != chained(row.previous, row.entry):
        return ""
    entry = json.loads(row.entry)
    return str(entry["subject"]) if entry["kind"] == REDACTED else ""
