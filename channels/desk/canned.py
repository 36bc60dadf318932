"""Canned replies: read from a file of the shop's or from ours, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BadContent

DEFAULTS = Path(__file__).parent / "canned.yml"
VARIABLES = frozenset({"customer", "agent"})


def read_canned(file: Path) -> list[dict[str, dict[str, str]]]:
    """The replies of a file: `title` and `text`, each with `zh` and `en`. Raises BadContent, which names the entry."""
    try:
        entries = YAML(typ="safe").load(file.read_text("utf-8"))
    except (OSError, YAMLError) as error:
        raise BadContent(f"cannot be read: {error}", where=str(file), remedy="Write a list; see docs/desk.md.") from error
    if not isinstance(entries, list):
        raise BadContent("is no list.", where=str(file), remedy="Write a list of entries with `title` and `text`.")
    return [_checked(entry, f"{file}, entry {number}") for number, entry in enumerate(entries, 1)]


def _checked(entry: Any, where: str) -> dict[str, dict[str, str]]:
    for part in ("title", "text"):
        words = entry.get(part) if isinstance(entry, dict) else None
        if not isinstance(words, dict) or not all(isinstance(words.get(tag), str) for tag in ("zh", "en")):
            raise BadContent(f"has no `{part}` in zh and en.", where=where, remedy=f"Write `{part}: {{zh: …, en: …}}`.")
        unknown = set(re.findall(r"\{(\w+)\}", words["zh"] + words["en"])) - VARIABLES
        if unknown:
            known = ", ".join(sorted(VARIABLES))
            raise BadContent(f"has the unknown variables {sorted(unknown)}.", where=where, remedy=f"Known: {known}.")
    return {part: {tag: entry[part][tag] for tag in ("zh", "en")} for part in ("title", "text")}
