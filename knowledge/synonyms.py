"""Questions in the documents' own words (`synonyms.yml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from knowledge.concepts import normal


def in_document_words(text: str) -> str:
    """A question, lower case and simplified, with what customers say replaced by what documents say."""
    words, pattern = _table()
    return pattern.sub(lambda match: words[match.group()], normal(text))


@cache
def _table() -> tuple[Mapping[str, str], re.Pattern[str]]:
    groups = YAML(typ="safe").load(Path(__file__).with_name("synonyms.yml").read_text("utf-8"))
    words = {said: written for written, variants in groups.items() for said in variants}
    # the longest first, Latin ones as whole words
    said = sorted(words, key=len, reverse=True)
    return words, re.compile("|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in said))
