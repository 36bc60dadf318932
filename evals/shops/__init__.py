"""Seven shops of other trades with what people ask them, by hands that had not seen the code: `python -m evals.run shops`.

A folder has the shop (`shop/`) and conversations with checks on the reply to the last turn: `opened.jsonl` and `more.jsonl`,
from which is learned (`evals.weighing`), and `kept.jsonl`, which nobody looks at who works on the code.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from ruamel.yaml import YAML

from bot.settings import Settings
from bot.types import ConversationKey, Message, Reply
from evals.languages import print_by_language
from evals.scenarios.stage import Stage, open_stage
from evals.truth.written import Written, load_written, unmet

SHOPS = Path(__file__).parent
STAGES = Path("var/shops")
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Asked:
    """A conversation, the file it is from, and whether its last reply was right."""

    written: Written
    half: str
    right: bool

    @property
    def language(self) -> str:
        """The language it was asked in."""
        return self.written.language


def passes(written: Written, replies: Sequence[Reply]) -> bool:
    """Whether replies have what they must and nothing that they must not.

    `must` is looked for in the texts and then a line a card, "title | subtitle | reason", `must_not` in the texts alone;
    `cards_must` and `cards_must_not` in a line a card, "id title".
    """
    cards = [card for reply in replies for card in reply.cards]
    texts = "\n".join(reply.text for reply in replies)
    seen = "\n".join((texts, *(" | ".join((card.title, card.subtitle, card.reason)) for card in cards))).strip()
    named = "\n".join(f"{card.product_id} {card.title}" for card in cards)
    views = {"must": seen, "must_not": texts, "cards_must": named, "cards_must_not": named}
    return not unmet(written.checks, views)


def shops() -> list[Path]:
    """The folders of the shops."""
    return sorted(folder.parent for folder in SHOPS.glob("*/shop"))


def conversations(folder: Path, today: date | None = None) -> dict[str, list[Written]]:
    """What is asked in a shop, by the file it is from. Checks that name a date hold on the day on which the shop was
    written, and are left out on any other: its dates move with the day."""
    on = YAML(typ="safe").load((folder / "shop" / "shop.yml").read_text("utf-8"))["dates_as_of"]
    on_the_day = str(on) == str(today or datetime.now(UTC).date())
    files = sorted(folder.glob("*.jsonl"))
    return {file.stem: [one for one in load_written(file) if on_the_day or not one.dated] for file in files}


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Stage]:
    """The service over a shop, warm."""
    place = STAGES / folder.name
    async with open_stage(Settings.load(), has_desk=False, folder=place, shop_folder=folder / "shop") as stage:
        await stage.service.parts.knowledge.warm()
        yield stage


async def said(
    written: Written, name: str, stage: Stage, *, before_last: Callable[[], None] = lambda: None
) -> tuple[Reply, ...]:
    """The replies to the last turn of a conversation that is played anew under a name of its own."""
    key, replies = ConversationKey("rest", "main", name), tuple[Reply, ...]()
    for n, text in enumerate(written.turns):
        if n == len(written.turns) - 1:
            before_last()
        turn = await stage.service.engine.handle(Message(f"{name}-{n}", key, text, stage.clock.now()))
        replies = tuple(turn.replies)
    return replies


async def asked_of(folder: Path) -> list[Asked]:
    """All that is asked in a shop, answered by the service over it."""
    async with opened(folder) as stage:
        return [
            Asked(one, half, passes(one, await said(one, f"{half}-{one.id}", stage)))
            for half, asked in conversations(folder).items()
            for one in asked
        ]


async def measure(console: Console) -> dict[str, Any]:
    """Print how much is answered rightly, by shop and half, by kind, and by language; returns all of it."""
    asked = {folder.name: await asked_of(folder) for folder in shops()}
    figures: dict[str, Any] = {}
    for name, rows in asked.items():
        for half in sorted({row.half for row in rows}):
            figures[f"{name} {half}"] = _right([row for row in rows if row.half == half])
    every = [row for rows in asked.values() for row in rows]
    for kind in sorted({row.written.kind for row in every}):
        figures[kind] = _right([row for row in every if row.written.kind == kind])
    for name, (right, n) in figures.items():
        console.print(f"{name}: {right} of {n} ({right / n:.0%})")
    print_by_language(console, "Questions to shops of other trades, right", every, _shares)
    return {name: {"right": right, "n": n} for name, (right, n) in figures.items()} | _shares(every)


def _right(rows: Sequence[Asked]) -> tuple[int, int]:
    return sum(row.right for row in rows), len(rows)


def _shares(rows: Sequence[Asked]) -> dict[str, float]:
    return {"n": len(rows), "right": sum(row.right for row in rows) / len(rows)}
