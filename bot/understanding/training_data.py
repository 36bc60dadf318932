"""Training data in Rasa's NLU format: examples of intents, synonyms and lookup tables."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from bot.errors import BadContent
from bot.yaml import read_yaml

# `[red](color)`, `[red]{"entity": "color", "value": "red"}`
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\(([^)]+)\)|\{[^}]*\})")
_ITEM = re.compile(r"^\s*-\s?(.*)$")
# One example in so many.
_KEPT_BACK = 7


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that people write, without annotations, and what it means."""

    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything under `data/nlu`.

    `synonyms` maps a lower-case way to say something to its value, `lookups` a kind of entity to the words for it.
    """

    examples: tuple[Example, ...]
    synonyms: Mapping[str, str]
    lookups: Mapping[str, tuple[str, ...]]

    @property
    def intents(self) -> tuple[str, ...]:
        """Every intent that has examples, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))

    @property
    def colors(self) -> Mapping[str, str]:
        """Every way to say a colour, in lower case, with the colour's value."""
        said = {word.lower(): self.synonyms.get(word.lower(), word.lower()) for word in self.lookups.get("color", ())}
        values = set(said.values())
        return said | {word: value for word, value in self.synonyms.items() if value in values}


def kept_back(text: str) -> bool:
    """Whether an example teaches no encoder: how sure the classifiers may be is measured on these. By the text alone."""
    return zlib.crc32(text.encode()) % _KEPT_BACK == 0


def load_training_data(*folders: Path) -> TrainingData:
    """Read every YAML file under the folders, or a file itself. What a later one says goes before what an earlier one does.

    Raises BadContent for malformed files, empty intents and contradictions within a folder.
    """
    read = [_load(folder) for folder in folders]
    examples = {example.text: example for one in read for example in one.examples}
    lookups: dict[str, tuple[str, ...]] = {}
    for one in read:
        lookups |= {kind: (*lookups.get(kind, ()), *words) for kind, words in one.lookups.items()}
    if not examples:
        where = ", ".join(map(str, folders))
        raise BadContent("there are no examples of any intent.", where=where, remedy="Add `- intent: ...` sections.")
    return TrainingData(tuple(examples.values()), {k: v for one in read for k, v in one.synonyms.items()}, lookups)


def _load(folder: Path) -> TrainingData:
    examples: list[Example] = []
    synonyms: dict[str, str] = {}
    lookups: dict[str, tuple[str, ...]] = {}
    intent_of: dict[str, str] = {}
    for file in [folder] if folder.is_file() else sorted(folder.glob("**/*.yml")):
        for section in _sections(file):
            lines = list(_lines(section, file))
            if "intent" in section:
                for line in lines:
                    example = Example(_ANNOTATION.sub(r"\1", line), str(section["intent"]))
                    _must_agree(example, intent_of, file)
                    examples.append(example)
            elif "synonym" in section:
                synonyms |= {line.lower(): str(section["synonym"]) for line in lines}
            elif "lookup" in section:
                lookups[str(section["lookup"])] = tuple(lines)
    return TrainingData(tuple(examples), synonyms, lookups)


def annotated(file: Path) -> Iterator[str]:
    """The examples of a file as they are written, with their annotations. Raises BadContent for a malformed file."""
    for section in _sections(file):
        yield from _lines(section, file)


def _sections(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        content = read_yaml(file.read_text("utf-8"))
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    sections = content.get("nlu") if isinstance(content, dict) else None
    if not isinstance(sections, list):
        raise BadContent("there is no list `nlu`.", where=str(file), remedy="Begin with `nlu:` and `- intent: ...`.")
    yield from sections


def _lines(section: Mapping[str, Any], file: Path) -> Iterator[str]:
    name = next((section[key] for key in ("intent", "synonym", "lookup", "regex") if key in section), None)
    if name is None:
        raise BadContent(
            f"a section with {sorted(section)} is not understood.", where=str(file), remedy="Give it an intent."
        )
    items = (_ITEM.match(line) for line in str(section.get("examples", "")).splitlines() if line.strip())
    found = [match.group(1).strip() for match in items if match and match.group(1).strip()]
    if not found:
        raise BadContent(f"{name!r} has no examples.", where=str(file), remedy="Write them as `- ...` under `examples: |`.")
    yield from found


def _must_agree(example: Example, intent_of: dict[str, str], file: Path) -> None:
    other = intent_of.setdefault(example.text, example.intent)
    if other != example.intent:
        what = f"{example.text!r} is an example of both {other} and {example.intent}."
        raise BadContent(what, where=str(file), remedy="Keep it in one of them.")
