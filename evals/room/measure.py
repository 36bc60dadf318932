"""What a room shows, lets through and answers for all to see: of questions and wishes to the shop, and of what is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bot.engine import Engine
from bot.settings import Settings
from bot.types import Audience, Context, ConversationKey, Message
from channels.live.gate import FOR_SHOP, SURELY, WEIGHTS, Gate, Judgement, Said, Weights
from channels.live.triage import is_noise, normalised
from evals.data import NoData
from evals.room.comments import Labelled, replayed, written
from evals.room.fit import ENCODER
from evals.scenarios.stage import Stage, open_stage
from knowledge.encoders import for_comments, load_encoder

# Of the comments on videos so many are asked.
REPLAYED: Final = 600


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a comment: whether only its writer saw it, it was passed on as a question, and all saw an answer."""

    comment: Labelled
    hidden: bool
    passed: bool
    public: bool


async def measure(console: Console) -> dict[str, Any]:
    """Say the comments of test.jsonl, and some on videos, in a room of the demo shop; each by a viewer of its own."""
    gate = Gate(for_comments(await load_encoder(ENCODER, Path("var/models"))), Weights.read(WEIGHTS))
    comments = written("test")
    try:
        comments += [Labelled(text, Said.CHATTER, "zh", "videos") for text in replayed()[:REPLAYED]]
    except NoData as missing:
        console.print(f"no replay: {missing}")
    async with open_stage(Settings.load()) as stage:
        fates = [await said(comment, number, gate, stage) for number, comment in enumerate(comments)]
    table = Table("said", "hidden, zh", "en", "passed on, zh", "en", "answered in public, zh", "en", "n")
    figures: dict[str, Any] = {}
    for name, rows in _groups(fates):
        figures[name] = {
            f"{what}_{language}": _share([getattr(fate, what) for fate in rows if fate.comment.language == language])
            for what in ("hidden", "passed", "public")
            for language in ("zh", "en")
        }
        table.add_row(name, *(f"{share:.1%}" for share in figures[name].values()), str(len(rows)))
        figures[name]["n"] = len(rows)
    console.print(table)
    return figures


async def said(comment: Labelled, number: int, gate: Gate, stage: Stage) -> Fate:
    """What becomes of a comment of a new viewer."""
    judged = Judgement(Said.CHATTER, 0.0) if is_noise(normalised(comment.text)) else await gate.judge(comment.text)
    if (hidden := judged.hidden is not None) or judged.for_shop < FOR_SHOP:
        return Fate(comment, hidden, False, False)
    public = await answered(stage.service.engine, comment.text, number, stage, surely=judged.for_shop >= SURELY)
    return Fate(comment, False, True, public)


async def answered(engine: Engine, text: str, number: int, stage: Stage, *, surely: bool) -> bool:
    """Whether everybody in the room sees a reply."""
    key = ConversationKey("live", "main", f"viewer-{number}")
    context = Context(audience=Audience.PUBLIC, addressed=surely)
    turn = await engine.handle(Message(f"comment-{number}", key, text, stage.clock.now(), context=context))
    return any(reply.audience is Audience.PUBLIC for reply in turn.replies)


def _groups(fates: Sequence[Fate]) -> Iterable[tuple[str, list[Fate]]]:
    """The hand-written comments by label, and those on videos."""
    ours = [fate for fate in fates if fate.comment.source != "videos"]
    for label in Said:
        yield label.value, [fate for fate in ours if fate.comment.said is label]
    if len(ours) < len(fates):
        yield "on videos", [fate for fate in fates if fate.comment.source == "videos"]


def _share(passed: Sequence[bool]) -> float:
    return sum(passed) / max(1, len(passed))
