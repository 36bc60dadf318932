"""How an act is worded: by hand, language and persona.

A hand is a file of wordings. `tuning` may be read while the service is worked on; `test` never. In a file an act has
wordings for everybody (`any`) and for some personas; `values` are what goals are made of: reasons, problems, addresses.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.errors import BadContent

FOLDER = Path(__file__).with_name("wordings")
HANDS = ("tuning", "second", "test")
# Who mixes languages says in the first of them what is written in no mixture.
_FALLBACK = {"mixed": "zh"}


@dataclass(frozen=True, slots=True)
class Wordings:
    """The words of one hand in one language, as one persona uses them."""

    hand: str
    language: str
    persona: str

    def say(self, act: str, rng: random.Random, /, **values: str) -> str:
        """An act in words. Raises BadContent for one that nobody has worded."""
        return rng.choice(self._forms(act)).format_map(values)

    def knows(self, act: str) -> bool:
        """Whether an act is worded by itself."""
        return any(act in _read(self.hand)[language] for language in _languages(self.language))

    def values(self, name: str) -> Sequence[Any]:
        """What a goal may be made of. Raises BadContent where there is nothing of the name."""
        for language in _languages(self.language):
            if found := _read(self.hand)[language].get("values", {}).get(name):
                return list(found)
        raise BadContent(f"the hand {self.hand!r} has no values {name!r} in {self.language}.", where=str(FOLDER))

    def _forms(self, act: str) -> Sequence[str]:
        for language in _languages(self.language):
            forms: Mapping[str, Sequence[str]] = _read(self.hand)[language].get(act, {})
            if found := forms.get(self.persona) or forms.get("any"):
                return found
        raise BadContent(f"the hand {self.hand!r} has no wording for {act!r} in {self.language}.", where=str(FOLDER))


def _languages(language: str) -> Sequence[str]:
    return (language, _FALLBACK[language]) if language in _FALLBACK else (language,)


@cache
def _read(hand: str) -> Mapping[str, Mapping[str, Any]]:
    data: Mapping[str, Mapping[str, Any]] = YAML(typ="safe").load((FOLDER / f"{hand}.yml").read_text("utf-8"))
    return data
