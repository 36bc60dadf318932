"""Words with variants, `{a|b}`, and values, `{price}`, in both languages: reading, drawing and filling them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.commerce import Text
from bot.errors import BadContent
from channels.stage.claims import Shown, Span
from channels.stage.months import MONTHS

LANGUAGES = ("zh", "en")
# So many times the dice are thrown for the variants of one template before another one is tried.
DRAWS = 12

_FIELD = re.compile(r"\{(\w+)\}")
_MARKED = re.compile(r"\x00(\w+)\x01")
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variants. Its values stand as marks while variants are drawn, so that no value is taken for a variant."""

    marked: str
    fields: frozenset[str]

    @classmethod
    def of(cls, text: str, allowed: frozenset[str], where: str) -> Template:
        """Read a text. Raises BadContent for a value that is not known here, and for braces that do not close."""
        fields = frozenset(_FIELD.findall(text))
        unknown = sorted(fields - allowed)
        if unknown:
            remedy = f"There are {', '.join(sorted(allowed)) or 'no values'}; variants are written {{a|b}}."
            raise BadContent(f"nothing is known as {{{unknown[0]}}} in {text!r}.", where=where, remedy=remedy)
        marked = _FIELD.sub("\x00\\1\x01", text)
        left = marked
        while (shorter := _CHOICE.sub("", left)) != left:
            left = shorter
        if "{" in left or "}" in left:
            raise BadContent(f"the braces of {text!r} do not fit.", where=where, remedy="Write variants as {a|b}.")
        return cls(marked, fields)

    def drawn(self, shown: Mapping[str, str], dice: Random) -> str:
        """One of the variants, with its values. `shown` has every one of `fields`."""
        text = self.marked
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda found: dice.choice(found.group(1).split("|")), text)
        return " ".join(_MARKED.sub(lambda found: shown[found.group(1)], text).split())


def read_templates(file: Path, topics: Mapping[str, frozenset[str]]) -> dict[str, dict[str, tuple[Template, ...]]]:
    """The templates of every topic in every language. Raises BadContent for a topic without words, or one that is none."""
    raw = read_yaml(file)
    for name in raw.keys() - topics.keys():
        raise BadContent(f"there is no topic {name!r}.", where=str(file), remedy=f"There are {', '.join(topics)}.")
    return {topic: _topic(topic, raw.get(topic), fields, file) for topic, fields in topics.items()}


def read_yaml(file: Path) -> Mapping[str, Any]:
    """A YAML file that holds a mapping. Raises BadContent."""
    try:
        content = YAML(typ="safe").load(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadContent("there is no such file.", where=str(file)) from error
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    if not isinstance(content, dict):
        raise BadContent("it holds no mapping.", where=str(file), remedy="Write `key: value` lines.")
    return content


def _topic(topic: str, raw: Any, fields: frozenset[str], file: Path) -> dict[str, tuple[Template, ...]]:
    found = {}
    for language in LANGUAGES:
        texts = raw.get(language) if isinstance(raw, dict) else None
        if not isinstance(texts, list) or not texts:
            remedy = f"Write a list of texts under `{topic}: {language}:`."
            raise BadContent(f"{topic!r} has nothing to say in {language}.", where=str(file), remedy=remedy)
        found[language] = tuple(Template.of(str(text), fields, f"{file}, {topic}, {language}") for text in texts)
    return found


def draws(templates: tuple[Template, ...], shown: Mapping[str, str], dice: Random) -> Iterator[str]:
    """Wordings in a random order, as far as their values are there; some come more than once."""
    for template in dice.sample(templates, len(templates)):
        if template.fields <= shown.keys():
            for _ in range(DRAWS):
                yield template.drawn(shown, dice)


# ---------------------------------------------------------------- values


def shown_in(values: Mapping[str, Shown], language: str, zone: ZoneInfo) -> dict[str, str]:
    """Values as they are read on a screen. What has no words in the language is left out."""
    found = {name: _shown(value, language, zone) for name, value in values.items()}
    name = values.get("name")
    if isinstance(name, Text):
        found["name"] = name.in_(language)
    return {key: text for key, text in found.items() if text}


def _shown(value: Shown, language: str, zone: ZoneInfo) -> str:
    match value:
        case Text():
            return value.en if language == "en" else value.zh
        case Span(low, high):
            return _number(low) if low == high else f"{_number(low)} {'to' if language == 'en' else '到'} {_number(high)}"
        case datetime():
            return _moment(value.astimezone(zone), language)
        case tuple():
            return _listed([_shown(part, language, zone) for part in value], language)
        case _:
            return str(value)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _moment(at: datetime, language: str) -> str:
    if language == "en":
        return f"{at.day} {MONTHS[at.month - 1]}, {at:%H:%M}"
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def _listed(parts: list[str], language: str) -> str:
    """The parts as a list in a sentence; nothing where one of them has no words."""
    if not all(parts):
        return ""
    if language == "en":
        return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return "、".join(parts)
