"""Markdown to sections, with YAML front matter."""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BadDocument
from knowledge.documents import Section
from knowledge.ingest.html import read_html

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)


def read_markdown(text: str, path: str) -> tuple[dict[str, Any], str, list[Section]]:
    """Front matter, title (the first heading) and sections. Raises BadDocument for front matter that is no YAML mapping."""
    front: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        front = _front_matter(match.group(1), path)
        text = text[match.end() :]
    title, sections = read_html(MarkdownIt("commonmark").enable("table").render(text))
    return front, title, sections


def _front_matter(text: str, path: str) -> dict[str, Any]:
    try:
        front = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise BadDocument(
            f"the front matter is no YAML: {error}", where=path, remedy="Mend the lines between ---."
        ) from error
    if front is None:
        return {}
    if not isinstance(front, dict):
        raise BadDocument("the front matter is no mapping.", where=path, remedy="Write `title: ...` lines between ---.")
    return {str(key): value for key, value in front.items()}
