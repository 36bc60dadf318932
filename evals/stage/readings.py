"""How well texts are read aloud: two hundred sentences with the readings that people expect, right and wrong by half."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from channels.stage.templates import read_yaml
from channels.stage.voice.screen import HAN
from channels.stage.voice.spoken import spoken

SENTENCES = Path("tests/channels/stage/voice/sentences.yml")

_BESIDE_HAN = re.compile(rf"(?<=[{HAN}]) | (?=[{HAN}])")


async def measure(console: Console) -> dict[str, Any]:
    """Read them all; the misreadings of the half that may be looked at are printed."""
    sentences = read_yaml(SENTENCES)
    table = Table("language", "half", "right", "wrong", title="read as expected")
    found: dict[str, Any] = {}
    for language, halves in sentences.items():
        for half, readings in halves.items():
            wrong = misread(readings, language)
            found[f"{language}_{half}"] = 1 - len(wrong) / len(readings)
            table.add_row(language, half, str(len(readings) - len(wrong)), str(len(wrong)))
            for text in wrong if half == "seen" else ():
                console.print(f"{text!r} is read {wrong[text]!r}", style="red")
    console.print(table)
    return found


def misread(readings: Mapping[str, str], language: str) -> dict[str, str]:
    """The texts that are read otherwise than expected, with what is read."""
    heard = {text: spoken(text, language) for text in readings}
    return {text: heard[text] for text, expected in readings.items() if in_words(heard[text]) != in_words(expected)}


def in_words(reading: str) -> str:
    """A reading without pauses, capitals and hyphens, for comparing."""
    return _BESIDE_HAN.sub("", re.sub(rf"[^a-z{HAN}]+", " ", reading.lower())).strip()
