"""Our own questions to the demo shop's documents: with the passages that answer them, and without any that does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `gold` names the passages that answer it, as `path#heading` or `path`; empty: nothing does."""

    text: str
    language: str
    gold: tuple[str, ...] = ()


def load_questions() -> tuple[list[Asked], list[Asked]]:
    """The development and the test questions: every other one of each group and language."""
    yaml = YAML(typ="safe")
    groups = yaml.load((HERE / "answerable.yml").read_text("utf-8"))
    lists = [
        [Asked(str(text), language, tuple(group["gold"])) for text in group.get(language, ())]
        for group in groups
        for language in ("zh", "en")
    ]
    unanswerable = yaml.load((HERE / "unanswerable.yml").read_text("utf-8"))
    lists += [[Asked(str(text), language) for text in unanswerable[language]] for language in ("zh", "en")]
    # groups of one question go to either side in turn
    development: list[Asked] = []
    test: list[Asked] = []
    turn = 0
    for asked in lists:
        for question in asked:
            (test if turn % 2 else development).append(question)
            turn += 1
    return development, test
