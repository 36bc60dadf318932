"""The shop's documents as pages, opened at the place that an answer came from. Everything in them is escaped."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from channels.common.pages import SECURITY
from channels.common.problems import problem_responses

_NOT_IN_ANCHORS = re.compile(r"[^\w-]+")
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A piece of a document. `location` is its heading, page or row for people, `name` the anchor that citations use."""

    text: str
    location: str = ""
    name: str = ""

    @property
    def anchor(self) -> str:
        """The fragment that opens this part: its name, or the letters and digits of its location."""
        return self.name or anchor(self.location)


@dataclass(frozen=True, slots=True)
class Source:
    """A document to be read by people."""

    title: str
    parts: tuple[SourcePart, ...]
    language: str = "zh"


# A document by the path that citations give, or None.
SourceReader = Callable[[str], Awaitable[Source | None]]


def sources_router(read: SourceReader) -> APIRouter:
    """Route /sources/{path}."""
    router = APIRouter(tags=["Sources"])

    @router.get(
        "/sources/{path:path}", summary="Read a document", response_class=HTMLResponse, responses=problem_responses(404)
    )
    async def source(path: str, at: str = "", quote: str = "") -> Response:
        """The document as a page. The part named by `at` (or by the URL's fragment) and the words in `quote` are marked."""
        found = await read(path)
        if found is None:
            raise HTTPException(404, "No such document")
        return HTMLResponse(_page(found, at, quote), headers=SECURITY)

    return router


def anchor(location: str) -> str:
    """A location as a fragment: its letters and digits, joined by hyphens."""
    return _NOT_IN_ANCHORS.sub("-", location.lower()).strip("-")


def _page(source: Source, at: str, quote: str) -> str:
    parts = "\n".join(_part(part, at, quote) for part in source.parts)
    return f"""<!doctype html>
<html lang="{escape(source.language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(source.title)}</title>
<link rel="stylesheet" href="/static/base.css">
<link rel="stylesheet" href="/static/source.css">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<script type="module" src="/static/source.js"></script>
<main class="source">
<h1>{escape(source.title)}</h1>
{parts}
</main>
</html>
"""


def _part(part: SourcePart, at: str, quote: str) -> str:
    here = bool(at) and part.anchor in (at, anchor(at))
    heading = f"<h2>{escape(part.location)}</h2>" if part.location else ""
    paragraphs = (_marked(text.strip(), quote) for text in _BLANK_LINES.split(part.text) if text.strip())
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f'<section id="{escape(part.anchor)}"{" class=here" if here else ""}>{heading}{body}</section>'


def _marked(text: str, quote: str) -> str:
    before, found, after = text.partition(quote) if quote else (text, "", "")
    return f"{escape(before)}<mark>{escape(found)}</mark>{escape(after)}" if found else escape(text)
