"""Responses of the domain, in Rasa's format: variations with conditions on slots, placeholders, buttons."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml.error import YAMLError

from bot.errors import BadContent
from bot.text import traditional
from bot.types import Button, Language, Reply, Say
from bot.yaml import read_yaml

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to say a response: it may be used where every slot of `conditions` has its value."""

    text: str
    conditions: Mapping[str, Any]
    buttons: tuple[tuple[str, str], ...] = ()
    image: str = ""


class Templates:
    """The `responses` of domain files or folders."""

    def __init__(self, domains: Sequence[Path], timezone: str = "Asia/Shanghai") -> None:
        """Read the domains, a later one over the others; times in arguments are said in `timezone`.

        Raises BadContent for a malformed response.
        """
        self._responses = {name: said for domain in domains for name, said in read_responses(domain).items()}
        self._zone = ZoneInfo(timezone)

    def variations(self, name: str) -> Sequence[Variation]:
        """The ways to say a response; none of an unknown one."""
        return self._responses.get(name, ())

    def names(self) -> frozenset[str]:
        """All responses."""
        return frozenset(self._responses)

    def say(self, name: str, args: Mapping[str, Any], language: Language, slots: Mapping[str, Any], seed: str) -> Reply:
        """Utter a response: the same `seed` gives the same variation. Arguments win over slots.

        Raises BadContent for an unknown name, a response without a variation for the language, and a missing argument.
        """
        if name not in self._responses:
            remedy = "Write it under `responses` of the domain."
            raise BadContent(f"there is no response {name!r}.", where="domain", remedy=remedy)
        fitting = _fitting(self._responses[name], language, slots)
        if not fitting:
            remedy = f"Add a variation with the condition language = {language.value}, or one without conditions."
            raise BadContent(f"{name} has nothing to say in {language.value}.", where="domain", remedy=remedy)
        chosen = fitting[zlib.crc32(f"{seed}/{name}".encode()) % len(fitting)]
        values = {**slots, **{key: self._words(arg, language, slots, seed) for key, arg in args.items()}}

        def fill(template: str) -> str:
            return _in_script(_filled(template, values, name, language, self._zone), language)

        buttons = tuple(Button(fill(title), payload) for title, payload in chosen.buttons)
        return Reply(fill(chosen.text), buttons=buttons, image=chosen.image, language=language)

    def _words(self, value: Any, language: Language, slots: Mapping[str, Any], seed: str) -> Any:
        """An argument that is a Say, or a list of them, is said itself: names of flows, for example."""
        if isinstance(value, Say):
            return self.say(value.response, value.args, language, slots, seed).text
        if isinstance(value, list | tuple):
            return [self._words(item, language, slots, seed) for item in value]
        return value


def read_responses(domain: Path) -> dict[str, tuple[Variation, ...]]:
    """All responses of a domain file, or of every YAML file in a folder. Raises BadContent."""
    files = sorted(domain.glob("**/*.yml")) if domain.is_dir() else [domain]
    responses: dict[str, tuple[Variation, ...]] = {}
    for file in files:
        for name, variations in (_read(file).get("responses") or {}).items():
            if name in responses:
                raise BadContent(f"{name} is written twice.", where=str(file), remedy="Merge the two.")
            if not isinstance(variations, list) or not variations:
                raise BadContent(f"{name} has no variations.", where=str(file), remedy="Give it a list of `- text: ...`.")
            responses[str(name)] = tuple(_variation(raw, str(name), file) for raw in variations)
    return responses


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = read_yaml(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadContent("there is no such file.", where=str(file), remedy="Name the bot's domain file.") from error
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file), remedy="Mend the place that it names.") from error
    return content if isinstance(content, dict) else {}


def _variation(raw: Any, name: str, file: Path) -> Variation:
    where = f"{file}, {name}"
    if not isinstance(raw, dict) or not isinstance(raw.get("text", ""), str):
        raise BadContent("a variation is no mapping with `text`.", where=where, remedy="Write `- text: ...`.")
    conditions: dict[str, Any] = {}
    for condition in raw.get("condition") or ():
        if condition.get("type") != "slot" or "name" not in condition or "value" not in condition:
            remedy = "Write `- {type: slot, name: language, value: en}`."
            raise BadContent(f"condition {condition!r} is not understood.", where=where, remedy=remedy)
        conditions[condition["name"]] = condition["value"]
    buttons = tuple((str(button["title"]), str(button.get("payload", ""))) for button in raw.get("buttons") or ())
    return Variation(raw.get("text", ""), conditions, buttons, str(raw.get("image", "")))


def _fitting(variations: Sequence[Variation], language: Language, slots: Mapping[str, Any]) -> list[Variation]:
    """The variations whose conditions hold; those with most conditions where there are several kinds."""
    spoken = [language.value, Language.ZH.value] if language is Language.ZH_HANT else [language.value]
    for tag in spoken:
        values = {**slots, "language": tag}
        held = [v for v in variations if all(values.get(slot) == wanted for slot, wanted in v.conditions.items())]
        said_for_it = [v for v in held if "language" in v.conditions]
        if said_for_it or tag == spoken[-1]:
            candidates = said_for_it or held
            most = max((len(v.conditions) for v in candidates), default=0)
            return [v for v in candidates if len(v.conditions) == most]
    return []


def _filled(template: str, values: Mapping[str, Any], name: str, language: Language, zone: ZoneInfo) -> str:
    def value(match: re.Match[str]) -> str:
        key = match.group(1)
        if values.get(key) is None:
            remedy = "Pass it with the Say, or set the slot before."
            raise BadContent(f"{name} needs a value for {{{key}}}.", where="domain", remedy=remedy)
        return _said(values[key], language, zone)

    return _PLACEHOLDER.sub(value, template)


def _said(value: Any, language: Language, zone: ZoneInfo) -> str:
    """A value as people read it: times in the shop's zone, lists with the language's comma."""
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{local.day} {local:%b %H:%M}" if language is Language.EN else f"{local.month}月{local.day}日 {local:%H:%M}"
    if isinstance(value, list | tuple):
        return (", " if language is Language.EN else "、").join(_said(item, language, zone) for item in value)
    return str(value)


def _in_script(text: str, language: Language) -> str:
    return traditional(text) if language is Language.ZH_HANT else text
