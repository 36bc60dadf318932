"""How well a question finds the statement of a product that answers it: `python -m evals.facts`; `--fit` fits the weights.

`questions/statements.yml` has questions to products of two shops, by a hand that saw their tables only: each with the label
of the attribute that answers, a piece of the sentence that does, or neither where nothing is stated. Every other one of each
shop and language is kept for the test; `--fit` writes `knowledge/facts/relevance.json`.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from bot.app import ShopParts, load, open_shop
from bot.ports import Encoder
from bot.settings import Settings
from bot.text import normal
from evals.knowledge import auroc
from evals.questions import HERE
from knowledge.encoders import for_documents, load_encoder
from knowledge.facts import relevance
from knowledge.facts.answers import SURE_STATEMENT, FactAnswers
from knowledge.facts.relevance import FEATURES, WEIGHTS, Evidence
from knowledge.facts.statements import Statement
from knowledge.relevance import keep, named

SHOPS = {"demo": Path("demo/shop"), "pond": Path("evals/truth/shops/pond_and_bed")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a product: `label` or a piece of the `text` of the statement that answers; neither: nothing does."""

    shop: str
    product: str
    language: str
    text: str
    label: str = ""
    sentence: str = ""

    def answered_by(self, statement: Statement) -> bool:
        """Whether a statement is the one that answers."""
        if self.label:
            return statement.label == self.label
        return bool(self.sentence) and not statement.label and normal(self.sentence) in normal(statement.text)


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the evidence for each statement of its product, and which of them answer."""

    asked: Asked
    found: tuple[Evidence, ...]
    right: tuple[bool, ...]


def load_asked() -> tuple[list[Asked], list[Asked]]:
    """The questions for development and for the test."""
    rows = YAML(typ="safe").load((HERE / "statements.yml").read_text("utf-8"))
    halves: tuple[list[Asked], list[Asked]] = ([], [])
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        asked = Asked(
            row["shop"], row["product"], row["lang"], str(row["q"]), str(row.get("label", "")), str(row.get("text", ""))
        )
        number = seen[asked.shop, asked.language] = seen.get((asked.shop, asked.language), -1) + 1
        halves[number % 2].append(asked)
    return halves


@asynccontextmanager
async def loaded(shop: Path) -> AsyncIterator[ShopParts]:
    """A shop, freshly loaded into a folder that is gone afterwards."""
    settings = Settings.load()
    with TemporaryDirectory(prefix="streamdesk-eval-") as folder:
        kept = {"url": f"sqlite+aiosqlite:///{folder}/shop.db", "pictures": Path(folder) / "pictures"}
        parts = {
            "shop": settings.shop.model_copy(update=kept),
            "knowledge": settings.knowledge.model_copy(update={"index": Path(folder) / "index", "chroma_url": ""}),
            "photos": settings.photos.model_copy(update={"encoder": "none"}),
        }
        settings = settings.model_copy(update=parts)
        async with open_shop(settings) as opened:
            await load(shop, opened, settings)
            yield opened


async def judge(questions: Sequence[Asked]) -> list[Judged]:
    """The evidence for every statement of the product that each question is put to."""
    judged = []
    for name, folder in SHOPS.items():
        async with loaded(folder) as parts:
            answers = FactAnswers(for_documents(parts.encoder))
            lexicon = await parts.catalogue.lexicon()
            for asked in (question for question in questions if question.shop == name):
                product = lexicon.products[asked.product]
                rest = lexicon.find(normal(asked.text)).rest
                corpus = await parts.catalogue.corpus(asked.language)
                found = await answers.weighed(rest, product, asked.language, corpus)
                right = tuple(asked.answered_by(statement) for _, statement in found)
                judged.append(Judged(asked, tuple(evidence for evidence, _ in found), right))
    return judged


def fit(judged: Sequence[Judged]) -> dict[str, float]:
    """Weights of a logistic regression: does this statement answer?"""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x = np.array([relevance.values(evidence) for item in judged for evidence in item.found])
    y = np.array([right for item in judged for right in item.right])
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (model.coef_[0] * scaler.mean_ / scaler.scale_).sum())
    return {"bias": round(bias, 4), **named(FEATURES, weights)}


def measured(judged: Sequence[Judged], encoder: str) -> dict[str, float]:
    """Right and wrong as the service answers, and how well its confidence tells right from nothing stated."""
    best = [
        max((relevance.confidence(evidence, encoder), right) for evidence, right in zip(item.found, item.right, strict=True))
        for item in judged
    ]
    stated = [pair for pair, item in zip(best, judged, strict=True) if any(item.right)]
    nothing = [sure for (sure, _), item in zip(best, judged, strict=True) if not any(item.right)]
    return {
        "n": len(judged),
        "first is right": sum(right for _, right in stated) / len(stated),
        "answered rightly": sum(right and sure >= SURE_STATEMENT for sure, right in stated) / len(stated),
        "answered wrongly": sum(not right and sure >= SURE_STATEMENT for sure, right in stated) / len(stated),
        "nothing stated, answered": sum(sure >= SURE_STATEMENT for sure in nothing) / max(1, len(nothing)),
        "AUROC": auroc([sure for sure, right in stated if right], nothing),
    }


async def measure(console: Console, *, refit: bool = False) -> dict[str, float]:
    """Print the measures of both halves; returns those of the test. With `refit`, fit the weights on the first before."""
    encoder = (await _reader()).name
    development, test = [await judge(half) for half in load_asked()]
    if refit:
        keep(WEIGHTS, encoder, fit(development))
    figures: dict[str, float] = {}
    table = Table("questions", "language", title="Statements of products", title_justify="left")
    for name, half in (("development", development), ("test", test)):
        for language in ("zh", "en"):
            figures = measured([item for item in half if item.asked.language == language], encoder)
            if not table.rows:
                for column in figures:
                    table.add_column(column)
            table.add_row(name, language, *(f"{value:.3f}" if key != "n" else str(value) for key, value in figures.items()))
    console.print(table)
    return measured(test, encoder)


async def _reader() -> Encoder:
    settings = Settings.load().knowledge
    return for_documents(await load_encoder(settings.encoder, settings.models))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights on the development questions")
    asyncio.run(measure(Console(width=140), refit=parser.parse_args().fit))
