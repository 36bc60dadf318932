"""The nouns of the knowledge room: a document, its sections, and the entries that the index holds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self
from urllib.parse import quote

Kind = Literal["text", "row", "qa"]

AUDIENCES = ("public", "customer", "agent")

_NOT_IN_ANCHORS = re.compile(r"[^\w-]+")


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
    """One indexed piece of a document; `position` counts the pieces of its document from 0."""

    path: str
    position: int
    text: str
    language: str
    headings: tuple[str, ...] = ()
    kind: Kind = "text"
    page: int | None = None
    details: Details = field(default_factory=Details)

    @property
    def location(self) -> str:
        """Where in the document, for people: the last headings, a pair's question, the page, or the row."""
        parts = [heading for heading in self.headings[-2:] if heading != self.details.title]
        if self.kind == "qa":
            parts.append(self.text.split("\n", 1)[0])
        if self.page is not None:
            parts.append(f"p. {self.page}")
        if self.kind == "row" and not parts:
            parts.append(f"row {self.position + 1}")
        return " › ".join(parts)

    @property
    def url(self) -> str:
        """Opens the document at this place, in the form that the web door serves."""
        fragment = _NOT_IN_ANCHORS.sub("-", self.location.lower()).strip("-")
        return f"/sources/{quote(self.path)}" + (f"?at={quote(self.location)}#{quote(fragment)}" if fragment else "")

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
            "headings": self.headings,
            "kind": self.kind,
            "page": self.page,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], details: Details) -> Self:
        """Read `to_json` back."""
        return cls(**{**data, "headings": tuple(data["headings"])}, details=details)
