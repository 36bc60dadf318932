"""Questions put plainly (`questions.yml`): what an intent asks, in the words under which documents answer it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML


def plainly(intent: str, language: str) -> str:
    """What an intent asks, in a language; empty for intents that ask for nothing documents say."""
    said = _questions().get(intent, {})
    return said.get("en" if language == "en" else "zh", "")


@cache
def _questions() -> dict[str, dict[str, str]]:
    raw = YAML(typ="safe").load(Path(__file__).with_name("questions.yml").read_text("utf-8"))
    return {str(intent): dict(texts) for intent, texts in raw.items()}
