"""HTML to sections. Markdown comes through here, too, once it is rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from knowledge.documents import Section
from knowledge.ingest.structure import HeadingPath, flat, pair_questions, table_sections

# Page furniture that says nothing about the subject.
_FURNITURE = ["script", "style", "nav", "noscript", "template", "form"]
_HEADING = re.compile(r"^h([1-6])$")
_CONTAINERS = ["div", "section", "article", "main", "body", "html", "details", "figure", "header", "footer", "aside", "dl"]
_BLOCKS = [*_CONTAINERS, "p", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"]


def read_html(text: str) -> tuple[str, list[Section]]:
    """The page's title and its sections in reading order."""
    soup = BeautifulSoup(text, "lxml")
    for furniture in soup(_FURNITURE):
        furniture.decompose()
    title = flat(soup.title.get_text()) if soup.title else ""
    first = soup.find("h1")
    root = soup.body or soup
    return title or (flat(first.get_text()) if first else ""), pair_questions(_walk(root, HeadingPath()))


def _walk(node: Tag, path: HeadingPath) -> Iterator[Section]:
    for child in node.children:
        if not isinstance(child, Tag):
            if text := flat(str(child)):
                yield Section(text, path.headings)
            continue
        heading = _HEADING.match(child.name)
        if heading or child.name in ("summary", "dt"):
            path.enter(int(heading.group(1)) if heading else 6, flat(child.get_text()))
        elif child.name == "table":
            yield from table_sections(_cells(child), path.headings)
        elif child.name in ("ul", "ol"):
            yield from _list(child, path)
        elif child.name in _CONTAINERS and child.find(_BLOCKS):
            yield from _walk(child, path)
        elif text := _lines(child):
            yield Section(text, path.headings)


def _list(node: Tag, path: HeadingPath) -> Iterator[Section]:
    """A whole list is one section: its items explain each other."""
    items = [flat(item.get_text(" ")) for item in node.find_all("li", recursive=False)]
    marks = [f"{number}. " for number in range(1, len(items) + 1)] if node.name == "ol" else ["- "] * len(items)
    if lines := [mark + item for mark, item in zip(marks, items, strict=True) if item]:
        yield Section("\n".join(lines), path.headings)


def _lines(node: Tag) -> str:
    for line_break in node.find_all("br"):
        line_break.replace_with("\n")
    return "\n".join(line for line in map(flat, node.get_text().split("\n")) if line)


def _cells(table: Tag) -> list[list[str]]:
    return [[flat(cell.get_text(" ")) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
