"""The nouns of the knowledge room: a document, its sections, and the entries that the index holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

Kind = Literal["text", "row", "qa"]

AUDIENCES = ("public", "customer", "agent")


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document as its author structured it.

    `headings` is the path from the title down. A `row` is one line of a table, written out as `column: value`; a `qa` is a
    question, a line break and its answer; neither is ever cut. `page` counts from 1 where the format has pages.
    """

    text: str
    headings: tuple[str, ...] = ()
    kind: Kind = "text"
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is known about a document beside its text. Empty `language` means both; `valid_until` is exclusive."""

    title: str = ""
    language: str = ""
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    audience: str = "public"
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: `path` is relative to the folder of documents, with forward slashes."""

    path: str
    details: Details
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed piece of a document. `anchor` names its section in the page that shows the document."""

    path: str
    position: int
    text: str
    language: str
    anchor: str = ""
    headings: tuple[str, ...] = ()
    kind: Kind = "text"
    page: int | None = None
    details: Details = field(default_factory=Details)

    @property
    def location(self) -> str:
        """Where in the document, for people: the last headings, and the page."""
        parts = [*(heading for heading in self.headings[-2:] if heading != self.details.title)]
        if self.page is not None:
            parts.append(f"p. {self.page}")
        return " › ".join(parts)

    @property
    def searchable(self) -> str:
        """What is searched: the title and headings say what the text takes for granted."""
        head = " / ".join(dict.fromkeys(part for part in (self.details.title, *self.headings) if part))
        return f"{head}\n{self.text}" if head else self.text

    @property
    def vector_id(self) -> str:
        """Names the vector of `searchable`: the same words have the same vector, wherever they stand."""
        return hashlib.sha256(self.searchable.encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """As plain data, without the document's details (they are kept once a document)."""
        return {
            "path": self.path,
            "position": self.position,
            "text": self.text,
            "language": self.language,
            "anchor": self.anchor,
            "headings": self.headings,
            "kind": self.kind,
            "page": self.page,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], details: Details) -> Self:
        """Read `to_json` back."""
        return cls(**{**data, "headings": tuple(data["headings"])}, details=details)
