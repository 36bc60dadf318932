"""Thanks to who gives or buys: by template, several names together, and seldom. Pure but for its memory; time is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from bot.live import EventKind
from bot.types import Language

# Names in one line; more people are a number.
NAMES: Final = 3
# Who is thanked, buyers first.
_THANKED: Final = (EventKind.ORDER_PAID, EventKind.GIFT)
# People who wait to be thanked, of each kind; more are not.
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Thanked:
    """What is said, and the platforms of those to whom it is said."""

    text: str
    language: Language
    sources: frozenset[str]


@dataclass(slots=True)
class Thanks:
    """The thanks of one room: one line in `every_s` seconds at most, none where that is 0."""

    every_s: float = 0
    language: Language = Language.ZH
    _waiting: dict[EventKind, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in _THANKED})
    _said_at: datetime | None = None

    def add(self, kind: EventKind, name: str, source: str) -> None:
        """Somebody of this name did something; whoever does the same twice is thanked once."""
        waiting = self._waiting.get(kind)
        if self.every_s and waiting is not None and len(waiting) < MOST:
            waiting[name] = source

    def due(self, now: datetime) -> Thanked | None:
        """The line that is to be said at `now`, if any; it counts as said."""
        kind = next((kind for kind, names in self._waiting.items() if names), None)
        if kind is None or (self._said_at is not None and now - self._said_at < timedelta(seconds=self.every_s)):
            return None
        waiting, self._waiting[kind] = self._waiting[kind], {}
        self._said_at = now
        words = _words()[self.language]
        return Thanked(words[kind].format(names=_joined(list(waiting), words)), self.language, frozenset(waiting.values()))


def _joined(names: list[str], words: dict[str, str]) -> str:
    shown, others = names[:NAMES], len(names) - NAMES
    if others > 0:
        return words["others"].format(names=words["list"].join(shown), others=others, all=len(names))
    return words["list"].join(shown[:-1]) + (words["last"] if len(shown) > 1 else "") + shown[-1]


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return words
