"""Which ways answer the questions of shops by other hands: `python -m evals.weighing FOLDER…` collects, `--fit` fits.

A folder has a shop (`shop/`) and conversations with checks on the reply to the last turn (`*.jsonl`). Every conversation is
played anew for each way to answer its last turn, with that way chosen: those whose reply passes the checks are right. What
speaks for each way and whether it is right is written beside the questions' file into `var/weighing`; `--fit` fits
`knowledge/weighing.json` on all of these files but those named by `--kept`, and says how often the likeliest way is right.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console

from bot.settings import Settings
from bot.types import ConversationKey, Findings, Message, Question, Reply
from evals.knowledge import fit_relevance
from evals.scenarios.stage import Stage, open_stage
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

    async def find(self, question: Question) -> Findings:
        """What the way that is chosen finds; as ever where nothing is to be chosen."""
        if not self.watches:
            return await KnowledgeBase.find(self.knowledge, question)
        self.asked += 1
        asked, ways = await self.knowledge.ways(question, prune=False)
        self.seen = [(way.source, features(way.source, way.evidence, asked.intents)) for way in ways]
        if self.choose is None:
            return await KnowledgeBase.find(self.knowledge, question)
        found = await ways[self.choose].findings() or Findings()
        return replace(found, confidence=1.0) if found.passages else found


def passes(checks: Mapping[str, Sequence[str]], replies: Sequence[Reply]) -> bool:
    """Whether replies have what they must and nothing that they must not, as regular expressions without case."""
    cards = [card for reply in replies for card in reply.cards]
    texts = "\n".join(reply.text for reply in replies)
    seen = "\n".join((texts, *(" | ".join((card.title, card.subtitle, card.reason)) for card in cards))).strip()
    named = "\n".join(f"{card.product_id} {card.title}" for card in cards)
    views = {"must": seen, "must_not": texts, "cards_must": named, "cards_must_not": named}
    return all(
        bool(re.search(pattern, views[name], re.IGNORECASE)) is not name.endswith("_not")
        for name, patterns in checks.items()
        for pattern in patterns or ()
    )


async def collect(folder: Path, console: Console) -> None:
    """Play the conversations of a folder, and keep what came of them."""
    name = folder.name
    async with open_stage(
        Settings.load(), has_desk=False, folder=COLLECTED / "stages" / name, shop_folder=folder / "shop"
    ) as stage:
        choosing = Choosing(stage.service.parts.knowledge)
        stage.service.parts.knowledge.find = choosing.find  # type: ignore[method-assign]
        for half, rows in conversations(folder):
            judged = [await _judged(row, f"{half}-{n}", stage, choosing) for n, row in enumerate(rows)]
            _keep(f"{name}.{half}", judged)
            console.print(f"{name} {half}: now right {sum(one['now'] for one in judged)} of {len(judged)}")


def conversations(folder: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    """The conversations beside a shop, by the name of their file."""
    files = sorted(folder.glob("*.jsonl"))
    return [(file.stem, [orjson.loads(line) for line in file.read_bytes().splitlines() if line]) for file in files]


def _keep(name: str, judged: Sequence[Mapping[str, Any]]) -> None:
    COLLECTED.mkdir(parents=True, exist_ok=True)
    (COLLECTED / f"{name}.json").write_bytes(orjson.dumps(judged))


async def _judged(row: Mapping[str, Any], name: str, stage: Stage, choosing: Choosing) -> dict[str, Any]:
    """What a conversation came to now, and with each way to answer its last turn, where that asks one thing."""
    now = await _played(row, f"{name}-now", stage, choosing, None)
    ways = []
    if choosing.asked == 1:
        for n, (source, seen) in enumerate(list(choosing.seen)):
            ways.append({"source": source, "features": seen, "right": await _played(row, f"{name}-{n}", stage, choosing, n)})
    return {"id": row["id"], "kind": row["kind"], "text": row["conversation"][-1], "now": now, "ways": ways}


async def _played(row: Mapping[str, Any], name: str, stage: Stage, choosing: Choosing, choose: int | None) -> bool:
    """Whether the reply to the last turn passes, with the way that is chosen."""
    key, replies = ConversationKey("rest", "main", name), tuple[Reply, ...]()
    choosing.choose, choosing.asked, choosing.seen = choose, 0, []
    for n, text in enumerate(row["conversation"]):
        choosing.watches = n == len(row["conversation"]) - 1
        turn = await stage.service.engine.handle(Message(f"{name}-{n}", key, text, stage.clock.now()))
        replies = tuple(turn.replies)
    choosing.watches = False
    return passes(row["checks"], replies)


def read(files: Sequence[Path]) -> list[list[Judged]]:
    """The ways of every question that asks one thing."""
    rows = [row for file in files for row in orjson.loads(file.read_bytes())]
    return [[Judged(**way) for way in row["ways"]] for row in rows if row["ways"]]


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
    return np.array(
        [sum(weights.get(way.source, {}).get(name, 0.0) * value for name, value in way.features.items()) for way in ways]
    )


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="shops with questions, to be collected")
    parser.add_argument("--fit", action="store_true", help="fit the weights on what was collected")
    parser.add_argument("--kept", nargs="*", default=[], help="files of var/weighing that are measured and not learned from")
    options = parser.parse_args()
    console = Console(width=140)
    for folder in options.folders:
        asyncio.run(collect(folder, console))
    if options.fit:
        files = sorted(COLLECTED.glob("*.json"))
        kept = [file for file in files if file.stem in options.kept]
        learned = read([file for file in files if file not in kept])
        weights = fit(learned)
        weighing.keep(weights)
        console.print("learned from", measured(learned, weights))
        if kept:
            console.print("kept apart", measured(read(kept), weights))


if __name__ == "__main__":
    main()
