"""The bot's domain in Rasa's format: what may be named in flows, rules and training data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import BadContent


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


def load_domain(bot: Path) -> Domain:
    """Read `domain.yml`, `data/responses/` and `data/rules.yml` under the folder `bot`. Raises BadContent."""
    raw = _read(bot / "domain.yml")
    responses: set[str] = set(raw.get("responses") or ())
    for file in sorted((bot / "data" / "responses").glob("**/*.yml")):
        responses |= set(_read(file).get("responses") or ())
    minutes = (raw.get("session_config") or {}).get("session_expiration_time", 60)
    return Domain(
        intents=tuple(str(name) for name in raw.get("intents") or ()),
        entities=tuple(str(name) for name in raw.get("entities") or ()),
        slots={name: _slot(name, value or {}, bot) for name, value in (raw.get("slots") or {}).items()},
        actions=tuple(str(name) for name in raw.get("actions") or ()),
        responses=frozenset(responses),
        session_length=timedelta(minutes=float(minutes)),
        rules=_rules(bot / "data" / "rules.yml"),
    )


def _slot(name: str, raw: Mapping[str, Any], bot: Path) -> Slot:
    if "type" not in raw:
        raise BadContent(f"slot {name!r} has no type.", where=str(bot / "domain.yml"), remedy="Write `type: text`.")
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
        content = YAML(typ="safe").load(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadContent("there is no such file.", where=str(file), remedy="Start in the project's folder.") from error
    except YAMLError as error:
        raise BadContent(f"no valid YAML: {error}", where=str(file)) from error
    return content if isinstance(content, dict) else {}
