"""Our own questions to the demo shop's documents: with the passages that answer them, and without any that does.

`answerable.yml` and `unanswerable.yml` are split into halves for development and test;
`practice.yml` is for development only. So are the questions of `second/`, to the documents of a shop of other trades. Those
of `pond.yml`, to one more (`evals/truth/shops/pond_and_bed`), are split into halves as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
SECOND = HERE / "second"
POND = HERE.parent / "truth" / "shops" / "pond_and_bed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `gold` names the passages that answer it, as `path#heading` or `path`; empty: nothing does.

    `fact` is a regular expression that a right answer matches; empty where only the passages are known.
    """

    text: str
    language: str
    gold: tuple[str, ...] = ()
    fact: str = ""


def load_questions() -> tuple[list[Asked], list[Asked]]:
    """The development and the test questions: every other one of each group and language, and practice for development."""
    lists = _lists(_read("answerable"), _read("unanswerable"))
    # groups of one question go to either side in turn
    development: list[Asked] = []
    test: list[Asked] = []
    turn = 0
    for asked in lists:
        for question in asked:
            (test if turn % 2 else development).append(question)
            turn += 1
    practice = _read("practice")
    more = _lists(practice["answerable"], practice["unanswerable"])
    return [*development, *(question for asked in more for question in asked)], test


def load_second() -> list[Asked]:
    """The questions to the documents of the second shop."""
    raw = YAML(typ="safe").load((SECOND / "questions.yml").read_text("utf-8"))
    return [question for asked in _lists(raw["answerable"], raw["nothing"]) for question in asked]


def load_pond() -> tuple[list[Asked], list[Asked]]:
    """The development and the test questions to the documents of the pond shop: every other one of each language."""
    raw = _read("pond")
    asked = [Asked(str(row["q"]), row["lang"], tuple(row.get("gold", ()))) for row in (*raw["answerable"], *raw["nothing"])]
    by_language = [[question for question in asked if question.language == language] for language in ("zh", "en")]
    development, test = ([question for part in by_language for question in part[half::2]] for half in (0, 1))
    return development, test


def _read(name: str) -> Any:
    return YAML(typ="safe").load((HERE / f"{name}.yml").read_text("utf-8"))


def _lists(groups: Sequence[Mapping[str, Any]], unanswerable: Mapping[str, Sequence[str]]) -> list[list[Asked]]:
    """The questions of each group and language, in the order of the files."""
    lists = [
        [
            Asked(str(text), language, tuple(group["gold"]), group.get("fact", {}).get(language, ""))
            for text in group.get(language, ())
        ]
        for group in groups
        for language in ("zh", "en")
    ]
    return lists + [[Asked(str(text), language) for text in unanswerable[language]] for language in ("zh", "en")]
