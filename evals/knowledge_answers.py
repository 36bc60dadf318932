"""How right the answers are, from the question to the reply: live tables, documents, abstention and citations together.

The demo shop is loaded as the service loads it; every question of our set goes through `Knowledge.find` and
`Responding.answer`. An answer is wrong when it does not say the fact that was asked for, or when nothing answers the
question.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from rich.console import Console
from rich.table import Table

from bot.app import ShopParts, load, open_shop
from bot.pack import RESPONSES, Pack
from bot.responding.responder import THRESHOLD, Responder
from bot.settings import Settings
from bot.types import Citation, Findings, Language, Question, Reply
from evals.knowledge import auroc
from evals.questions import Asked, load_questions
from knowledge.encoders import for_documents

SHOP = Path("demo/shop")
THRESHOLDS = tuple(n / 20 for n in range(6, 20))


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, how sure the service was, what it would say, and whether that is right and rightly cited."""

    asked: Asked
    confidence: float
    text: str
    right: bool
    cited: bool


def demo_shop() -> AbstractAsyncContextManager[ShopParts]:
    """The demo shop, as by `loaded_shop`."""
    return loaded_shop(SHOP)


@asynccontextmanager
async def loaded_shop(path: Path) -> AsyncIterator[ShopParts]:
    """The shop in a folder, freshly loaded into one that is gone afterwards."""
    settings = Settings.load()
    with TemporaryDirectory(prefix="streamdesk-eval-") as folder:
        shop = settings.shop.model_copy(
            update={"url": f"sqlite+aiosqlite:///{folder}/shop.db", "pictures": Path(folder) / "pictures"}
        )
        knowledge = settings.knowledge.model_copy(update={"index": Path(folder) / "index", "chroma_url": ""})
        photos = settings.photos.model_copy(update={"encoder": "none"})
        settings = settings.model_copy(update={"shop": shop, "knowledge": knowledge, "photos": photos})
        async with open_shop(settings) as parts:
            await load(path, parts, settings)
            yield parts


async def ask(questions: Sequence[Asked], parts: ShopParts, responder: Responder) -> list[Answered]:
    """Put every question, and take the answer that would be given if there were no threshold."""
    answered = []
    for asked in questions:
        question = Question(asked.text, Language(asked.language), asked_at=datetime.now(UTC))
        findings = await parts.knowledge.find(question)
        reply = (await responder.answer(question, replace(findings, confidence=1.0)))[0]
        sure = findings.confidence if findings.passages and not findings.missing else 0.0
        right = bool(asked.gold) and is_right(asked, reply, findings)
        answered.append(Answered(asked, sure, reply.text, right, right and _cites(asked, reply.citations)))
    return answered


def is_right(asked: Asked, reply: Reply, findings: Findings) -> bool:
    """Whether a reply says the fact, or, where no fact is noted, comes from a passage that answers."""
    if asked.fact:
        return re.search(asked.fact, reply.text, re.IGNORECASE) is not None
    return _cites(asked, reply.citations)


def _cites(asked: Asked, citations: Sequence[Citation]) -> bool:
    """Whether the first citation leads to one of the passages that answer."""
    if not citations:
        return False
    path = unquote(citations[0].url.removeprefix("/sources/").partition("?")[0])
    places = {gold.partition("#")[2] for gold in asked.gold if gold.partition("#")[0] == path}
    return "" in places or any(place in citations[0].location.split(" › ") for place in places)


@dataclass(frozen=True, slots=True)
class Point:
    """The service at one threshold, as parts.

    `answered`: of the answerable; `wrong`: of all answers; `invented`: of the unanswerable; `exact`: of the answers to
    what can be answered, those that say the fact; `cited`: of the right answers, those whose first citation leads to it.
    """

    threshold: float
    answered: float
    wrong: float
    invented: float
    exact: float
    cited: float


def point(answered: Sequence[Answered], threshold: float) -> Point:
    """The service's figures at one threshold."""
    answerable = [item for item in answered if item.asked.gold]
    unanswerable = [item for item in answered if not item.asked.gold]
    given = [item for item in answered if item.confidence >= threshold]
    right = [item for item in given if item.right]
    return Point(
        threshold,
        sum(item.confidence >= threshold for item in answerable) / len(answerable),
        1 - len(right) / len(given) if given else 0.0,
        sum(item.confidence >= threshold for item in unanswerable) / len(unanswerable),
        sum(item.confidence >= threshold and item.right for item in answerable)
        / max(sum(item.confidence >= threshold for item in answerable), 1),
        sum(item.cited for item in right) / len(right) if right else 0.0,
    )


def curve_table(points: Sequence[Point], title: str) -> Table:
    """The abstention curve; the threshold in force is marked."""
    table = Table(
        "threshold",
        "answerable answered",
        "wrong of answers",
        "unanswerable answered",
        "exact",
        "rightly cited",
        title=title,
    )
    for at in points:
        mark = " *" if abs(at.threshold - THRESHOLD) < 1e-9 else ""
        parts = (at.answered, at.wrong, at.invented, at.exact, at.cited)
        table.add_row(f"{at.threshold:.2f}{mark}", *(f"{part:.1%}" for part in parts))
    return table


async def measure(console: Console, *, show_wrong: bool = False) -> dict[str, float]:
    """Both halves of our questions, end to end; returns the test half's figures at the threshold in force."""
    figures: dict[str, float] = {}
    async with demo_shop() as parts:
        responder = Responder(Pack().layers(RESPONSES), encoder=for_documents(parts.encoder))
        for name, questions in zip(("development", "test"), load_questions(), strict=True):
            answered = await ask(questions, parts, responder)
            right = [item.confidence for item in answered if item.right]
            score = auroc(right, [item.confidence for item in answered if not item.asked.gold])
            console.print(curve_table([point(answered, at) for at in THRESHOLDS], f"Answers, {name}, AUROC {score:.3f}"))
            if show_wrong and name == "development":
                for item in answered:
                    if item.confidence >= THRESHOLD and not item.right:
                        console.print(f"{item.confidence:.2f} {item.asked.text} -> {item.text}")
            at = point(answered, THRESHOLD)
            figures = {
                "answered": at.answered,
                "wrong_of_answers": at.wrong,
                "unanswerable_answered": at.invented,
                "exact": at.exact,
                "rightly_cited": at.cited,
                "auroc": score,
            }
    return figures


if __name__ == "__main__":
    asyncio.run(measure(Console(width=130), show_wrong=True))
