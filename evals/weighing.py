"""Which ways answer what shops by other hands are asked: `python -m evals.weighing`; `--fit` fits the weights.

Every conversation of `evals.shops` that is not kept apart is played anew for each way to answer its last turn, with that way
chosen: those whose reply passes the checks are right. What speaks for each way, and whether it is right, is kept in
`var/weighing`; `--fit` fits `knowledge/weighing.json` on that. It is measured on each shop by weights that have not seen it.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console

from bot.types import Findings, Question
from evals.knowledge import fit_relevance
from evals.scenarios.stage import Stage
from evals.shops import KEPT, conversations, opened, passes, said, shops
from evals.truth.written import Written
from knowledge import weighing
from knowledge.finder import KnowledgeBase
from knowledge.weighing import Source, features

COLLECTED = Path("var/weighing")
RIDGE = 0.002


@dataclass(frozen=True, slots=True)
class Judged:
    """A way as it is kept: its source, what is weighed of it, and whether its reply is right."""

    source: str
    features: Mapping[str, float]
    right: bool


@dataclass(slots=True)
class Choosing:
    """`find` of a knowledge base that chooses a certain way to answer, of all, where it is told to."""

    knowledge: KnowledgeBase
    choose: int | None = None
    watches: bool = False
    seen: list[tuple[Source, Mapping[str, float]]] = field(default_factory=list)
    asked: int = 0

    def rest(self) -> None:
        """Choose nothing, and forget what was seen."""
        self.choose, self.watches, self.asked, self.seen = None, False, 0, []

    def watch(self, choose: int | None) -> None:
        """Choose this way from now on, or none, and see what there is to choose from."""
        self.choose, self.watches = choose, True

    async def find(self, question: Question) -> Findings:
        """What the way that is chosen finds; as ever where nothing is to be chosen."""
        if not self.watches:
            return await KnowledgeBase.find(self.knowledge, question)
        self.asked += 1
        asked, ways = await self.knowledge.ways(question, prune=False)
        self.seen = [(way.source, features(way.evidence, asked.intents)) for way in ways]
        if self.choose is None:
            return await KnowledgeBase.find(self.knowledge, question)
        found = await ways[self.choose].findings() or Findings()
        return replace(found, confidence=1.0) if found.passages else found


async def collect(folder: Path, console: Console) -> None:
    """Play the conversations of a shop, and keep what came of them."""
    async with opened(folder) as stage:
        choosing = Choosing(stage.service.parts.knowledge)
        stage.service.parts.knowledge.find = choosing.find  # type: ignore[method-assign]
        judged = [
            await _judged(one, f"{half}-{one.id}", stage, choosing)
            for half, asked in conversations(folder).items()
            if half != KEPT
            for one in asked
        ]
    COLLECTED.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs
    _kept(folder).write_bytes(orjson.dumps(judged))
    console.print(f"{folder.name}: now right {sum(one['now'] for one in judged)} of {len(judged)}")


def _kept(folder: Path) -> Path:
    """Where what came of a shop is kept."""
    return COLLECTED / f"{folder.name}.json"


async def _judged(written: Written, name: str, stage: Stage, choosing: Choosing) -> dict[str, Any]:
    """What a conversation came to now, and with each way to answer its last turn, where that asks one thing."""
    now, ways = await _played(written, f"{name}-now", stage, choosing, None), []
    if choosing.asked == 1:
        for n, (source, seen) in enumerate(list(choosing.seen)):
            right = await _played(written, f"{name}-{n}", stage, choosing, n)
            ways.append({"source": source, "features": seen, "right": right})
    return {"id": name, "text": written.turns[-1], "now": now, "ways": ways}


async def _played(written: Written, name: str, stage: Stage, choosing: Choosing, choose: int | None) -> bool:
    """Whether the reply to the last turn passes, with the way that is chosen."""
    choosing.rest()
    replies = await said(written, name, stage, before_last=lambda: choosing.watch(choose))
    return passes(written, replies)


def read(file: Path) -> list[list[Judged]]:
    """The ways of every question that asks one thing."""
    return [[Judged(**way) for way in row["ways"]] for row in orjson.loads(file.read_bytes()) if row["ways"]]


def fit(questions: Sequence[Sequence[Judged]], ridge: float = RIDGE) -> dict[str, dict[str, float]]:
    """Weights by source under which the ways that are right are likely, or none of them where none is right."""
    names = sorted({(way.source, name) for ways in questions for way in ways for name in way.features})
    places = {name: n for n, name in enumerate(names)}
    lists = []
    for ways in questions:
        x = np.zeros((len(ways) + 1, len(names)))
        for n, way in enumerate(ways):
            for name, value in way.features.items():
                x[n, places[way.source, name]] = value
        right = [way.right for way in ways]
        lists.append((x, np.array([*right, not any(right)])))
    weights: dict[str, dict[str, float]] = {}
    for (source, name), value in zip(names, fit_relevance(lists, ridge), strict=True):
        weights.setdefault(source, {})[name] = round(value, 4)
    return weights


def measured(questions: Sequence[Sequence[Judged]], weights: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """How often the likeliest way is right, how often any is, and how often it is wrong and sure."""
    scored = [(_scores(ways, weights), ways) for ways in questions]
    first = [(float(scores.max()), ways[int(scores.argmax())].right) for scores, ways in scored]
    return {
        "n": len(questions),
        "likeliest is right": float(np.mean([right for _, right in first])),
        "any is right": float(np.mean([any(way.right for way in ways) for ways in questions])),
        "sure and wrong": float(np.mean([not right and score > 0 for score, right in first])),
        "unsure and right": float(np.mean([right and score <= 0 for score, right in first])),
    }


def _scores(ways: Sequence[Judged], weights: Mapping[str, Mapping[str, float]]) -> NDArray[np.float64]:
    return np.array([weighing.total(weights.get(way.source, {}), way.features) for way in ways])


async def measure(console: Console, *, refit: bool = False) -> dict[str, Any]:
    """Play every shop where nothing is kept of it, and print how often the likeliest way is right, by weights of the other
    shops. With `refit`, the weights of all are written."""
    by_shop = {}
    for folder in shops():
        if not _kept(folder).exists():
            await collect(folder, console)
        by_shop[folder.name] = read(_kept(folder))
    figures = {}
    for name, questions in by_shop.items():
        others = [ways for other, of_it in by_shop.items() if other != name for ways in of_it]
        figures[name] = measured(questions, fit(others))
        console.print(name, {key: round(value, 3) for key, value in figures[name].items()})
    if refit:
        weighing.keep(fit([ways for questions in by_shop.values() for ways in questions]))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights")
    asyncio.run(measure(Console(width=140), refit=parser.parse_args().fit))
