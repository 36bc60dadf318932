"""Questions written by hand, with checks on the last answer: one JSON object a line.

`must` are regular expressions that are found in what is read (texts, then a line a card without its price), `must_not` in no
text, `cards_must` and `cards_must_not` on a line `id title` for each card. Case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from evals.truth.asking import Asker
from evals.truth.cases import Answered
from evals.truth.judge import Judged, Verdict, told_apart


@dataclass(frozen=True, slots=True)
class Written:
    """One conversation and what must hold of its last answer; `right` says it to people.

    `dated`: its checks name a date, which they may do where a shop's dates stand still.
    """

    id: str
    kind: str
    language: str
    turns: tuple[str, ...]
    checks: Mapping[str, Sequence[str]]
    right: str
    dated: bool = False


def load_written(path: Path) -> list[Written]:
    """The questions of a file."""
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    return [
        Written(
            row["id"],
            row["kind"],
            row["lang"],
            tuple(row["conversation"]),
            row["checks"],
            row["right"],
            row.get("dated", False),
        )
        for row in rows
    ]


def failures(written: Written, answered: Answered) -> list[str]:
    """The checks that do not hold."""
    read = f"{answered.text}\n{answered.cards}"
    views = {"must": read, "must_not": answered.text, "cards_must": answered.cards, "cards_must_not": answered.cards}
    return unmet(written.checks, views)


def unmet(checks: Mapping[str, Sequence[str]], views: Mapping[str, str]) -> list[str]:
    """The checks that do not hold; `views` is what each kind of check looks at."""
    return [
        f"{name}: {pattern}"
        for name, view in views.items()
        for pattern in checks.get(name, ())
        if (re.search(pattern, view, re.IGNORECASE) is not None) is name.endswith("_not")
    ]


async def put(written: Sequence[Written], asker: Asker) -> list[tuple[Written, Answered, Judged]]:
    """Ask all of them."""
    found = []
    for one in written:
        answered = await asker.ask(one.turns, one.language)
        wrong = failures(one, answered)
        found.append((one, answered, Judged(Verdict.RIGHT) if not wrong else told_apart(answered, wrong)))
    return found
