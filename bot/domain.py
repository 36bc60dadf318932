"""The bot's domain in Rasa's format: what may be named in flows, rules and training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from bot.errors import BadContent
from bot.pack import DOMAIN, RESPONSES, RULES, Pack
from bot.yaml import read_yaml

DEFAULT = Pack()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that is remembered. `type` is Rasa's: text, float, bool, categorical, list, any."""

    name: str
    type: str
    initial: Any = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """Intents, entities, slots and actions, the names of all responses, and how long a session lasts."""

    intents: tuple[str, ...]
    entities: tuple[str, ...]
    slots: Mapping[str, Slot]
    actions: tuple[str, ...]
    responses: frozenset[str]
    session_length: timedelta
    rules: Mapping[str, str]


def load_domain(pack: Pack = DEFAULT) -> Domain:
    """Read the domain, the names of the responses and the rules, with the shop's own over them. Raises BadContent."""
    domains = [(file, _read(file)) for file in pack.layers(DOMAIN)]
    slots: dict[str, Slot] = {}
    minutes: Any = 60
    for file, raw in domains:
        slots |= {name: _slot(name, value or {}, file) for name, value in (raw.get("slots") or {}).items()}
        minutes = (raw.get("session_config") or {}).get("session_expiration_time", minutes)
    return Domain(
        intents=_named("intents", domains),
        entities=_named("entities", domains),
        slots=slots,
        actions=_named("actions", domains),
        responses=frozenset((*_named("responses", domains), *_responses(pack))),
        session_length=timedelta(minutes=float(minutes)),
        rules={intent: action for file in pack.layers(RULES) for intent, action in _rules(file).items()},
    )


def _named(key: str, domains: Sequence[tuple[Path, Mapping[str, Any]]]) -> tuple[str, ...]:
    """All names under a key of the domain files, each once."""
    return tuple(dict.fromkeys(str(name) for _, raw in domains for name in raw.get(key) or ()))


def _responses(pack: Pack) -> Iterator[str]:
    for folder in pack.layers(RESPONSES):
        for file in sorted(folder.glob("**/*.yml")):
            yield from _read(file).get("responses") or ()


def _slot(name: str, raw: Mapping[str, Any], file: Path) -> Slot:
    if "type" not in raw:
        raise BadContent(f"slot {name!r} has no type.", where=str(file), remedy="Write `type: text`.")
    values = tuple(str(value) for value in raw.get("values") or ())
    return Slot(name, str(raw["type"]), raw.get("initial_value"), values)


def _rules(file: Path) -> dict[str, str]:
    """The action of every rule that is one intent and one action: the single-turn part, as Rasa's RulePolicy takes it."""
    rules: dict[str, str] = {}
    for rule in _read(file).get("rules") or () if file.exists() else ():
        match rule.get("steps"):
            case [{"intent": str(intent)}, {"action": str(action)}]:
                rules[intent] = action
            case _:
                remedy = "Longer things are flows, under data/flows/."
                what = f"rule {rule.get('rule')!r} is not one intent and one action."
                raise BadContent(what, where=str(file), remedy=remedy)
    return rules


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = read_yaml(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadContent("there is no such file.", where=str(file), remedy="Start in the project's folder.") from error
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    return content if isinstance(content, dict) else {}
