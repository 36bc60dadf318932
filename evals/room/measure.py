"""What the gate of a room lets through: of questions and wishes to the shop, and of what is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from channels.live.gate import FOR_SHOP, WEIGHTS, Gate, Judgement, Said, Weights
from channels.live.triage import is_noise, normalised
from evals.data import NoData
from evals.room.comments import Labelled, replayed, written
from evals.room.fit import ENCODER
from knowledge.encoders import load_encoder


async def measure(console: Console) -> dict[str, Any]:
    """Judge the comments of test.jsonl by label and language, and a replay of comments on videos."""
    gate = Gate(await load_encoder(ENCODER, Path("var/models")), Weights.read(WEIGHTS))
    comments = written("test")
    judged = [(comment, await gate.judge(comment.text)) for comment in comments]
    table = Table("said", "zh let through", "en let through", "n")
    figures: dict[str, Any] = {}
    for said in Said:
        rows = [(comment, judgement) for comment, judgement in judged if comment.said is said]
        shares = {language: _passed([row for row in rows if row[0].language == language]) for language in ("zh", "en")}
        figures[said.value] = {**shares, "n": len(rows)}
        table.add_row(said.value, f"{shares['zh']:.1%}", f"{shares['en']:.1%}", str(len(rows)))
    try:
        texts = replayed()
        figures["replay"] = {"passed": sum([await passes(gate, text) for text in texts]) / len(texts), "n": len(texts)}
        table.add_row("comments on videos", f"{figures['replay']['passed']:.1%}", "", str(len(texts)))
    except NoData as missing:
        console.print(f"no replay: {missing}")
    console.print(table)
    return figures


async def passes(gate: Gate, text: str) -> bool:
    """Whether a comment becomes a question to the shop."""
    return not is_noise(normalised(text)) and (await gate.judge(text)).for_shop >= FOR_SHOP


def _passed(rows: Sequence[tuple[Labelled, Judgement]]) -> float:
    passed = [not is_noise(normalised(comment.text)) and judgement.for_shop >= FOR_SHOP for comment, judgement in rows]
    return sum(passed) / max(1, len(passed))
