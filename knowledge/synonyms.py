"""Questions with the documents' own words (`synonyms.yml`) added."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.text import normal


def with_document_words(text: str) -> str:
    """A question, lower case and simplified, followed by what documents call the things that it speaks of."""
    plain = normal(text)
    added = [written for written, said in _table() if written not in plain and said.search(plain)]
    return " ".join([plain, *added])


@cache
def _table() -> tuple[tuple[str, re.Pattern[str]], ...]:
    groups: dict[str, str] = YAML(typ="safe").load(Path(__file__).with_name("synonyms.yml").read_text("utf-8"))
    return tuple((written, re.compile(_whole(said))) for written, said in groups.items())


def _whole(said: str) -> str:
    """Chinese stands anywhere, Latin letters as whole words."""
    return rf"\b(?:{said})\b" if said.isascii() else said
