"""How well a question finds the statement of a product that answers it: `python -m evals.facts`; `--fit` fits the weights.

`questions/statements.yml` has questions to products of two shops, by a hand that saw their tables only: each with the label
of the attribute that answers, a piece of the sentence that does, or neither where nothing is stated. They are for testing;
`--fit` writes `knowledge/facts/relevance.json` from the products of practice shops that the encoder has not learned from.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from ruamel.yaml import YAML

from bot.ports import Encoder
from bot.settings import Settings
from bot.text import normal
from evals.knowledge import auroc, fit_logistic, fit_relevance
from evals.knowledge_answers import loaded_shop
from evals.languages import print_by_language
from evals.practice import CALIBRATION, Told, told_products
from evals.questions import HERE
from knowledge.encoders import for_documents, load_encoder
from knowledge.facts import relevance
from knowledge.facts.answers import SURE_STATEMENT, FactAnswers
from knowledge.facts.relevance import FEATURES, SURE, WEIGHTS, Corpus, corpus_of, leads
from knowledge.facts.statements import Statement, statements
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
    """A question with the evidence for each statement of its product, shape (statements, features), and which answer."""

    language: str
    x: NDArray[np.float64]
    right: tuple[bool, ...]
    sure: tuple[float, ...]


def load_asked() -> list[Asked]:
    """All questions."""
    rows = YAML(typ="safe").load((HERE / "statements.yml").read_text("utf-8"))
    return [
        Asked(row["shop"], row["product"], row["lang"], str(row["q"]), str(row.get("label", "")), str(row.get("text", "")))
        for row in rows
    ]


async def judge(questions: Sequence[Asked], reader: Encoder) -> list[Judged]:
    """The evidence for every statement of the product that each question is put to."""
    judged = []
    for name, folder in SHOPS.items():
        async with loaded_shop(folder) as parts:
            answers, lexicon = FactAnswers(reader), await parts.catalogue.lexicon()
            for asked in (question for question in questions if question.shop == name):
                known = statements(lexicon.products[asked.product], asked.language)
                rest = lexicon.find(normal(asked.text)).rest
                right = tuple(map(asked.answered_by, known))
                corpus = await parts.catalogue.corpus(asked.language)
                judged.append(await _judged(answers, rest, known, right, corpus))
    return judged


async def judge_practice(products: Sequence[Told], reader: Encoder) -> list[Judged]:
    """The same of the products of practice shops."""
    judged, answers = [], FactAnswers(reader)
    for product in products:
        known = [Statement(product.name, label, label, text) for label, text in product.statements]
        corpus = corpus_of(
            Statement("", label, label, text)
            for other in products
            if other.shop == product.shop
            for label, text in other.statements
        )
        for question, gold in product.asked:
            right = tuple(number in gold for number in range(len(known)))
            judged.append(await _judged(answers, normal(question), known, right, corpus))
    return judged


async def _judged(
    answers: FactAnswers, text: str, known: Sequence[Statement], right: tuple[bool, ...], corpus: Corpus
) -> Judged:
    found = await answers.weighed(text, known, corpus)
    sure = relevance.probabilities(found, answers.encoder)
    language = "zh" if any("\u3400" <= char <= "\u9fff" for char in text) else "en"
    return Judged(language, np.array([relevance.values(one) for one in found]), right, tuple(sure))


def fit(judged: Sequence[Judged]) -> dict[str, float]:
    """Weights of the score, so that what answers comes first; then of the probability: does what comes first answer?"""
    lists = [(item.x.astype(np.float32), np.array(item.right)) for item in judged if any(item.right)]
    order = np.array(fit_relevance(lists))
    x = np.array([row for item in judged for row in _with_scores(item, order)])
    y = np.array([right for item in judged for right in item.right])
    bias, sure = fit_logistic(x, y)
    names = [f"sure.{name}" for name in SURE]
    return {"bias": round(bias, 4), **named(names, sure), **named(FEATURES, order.tolist())}


def _with_scores(item: Judged, order: NDArray[np.float64]) -> list[list[float]]:
    """The statements' features behind their scores and leads, as `relevance.SURE` has them."""
    scores = (item.x @ order).tolist()
    return [[score, lead, *row] for score, lead, row in zip(scores, leads(scores), item.x.tolist(), strict=True)]


def measured(judged: Sequence[Judged]) -> dict[str, float]:
    """Right and wrong as the service answers, and how well its confidence tells right from nothing stated."""
    best = [max(zip(item.sure, item.right, strict=True)) for item in judged]
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
    """Print the measures by language; returns those of all. With `refit`, fit the weights before."""
    settings = Settings.load().knowledge
    reader = for_documents(await load_encoder(settings.encoder, settings.models))
    if refit:
        keep(WEIGHTS, reader.name, fit(await judge_practice(told_products(CALIBRATION), reader)))
    judged = await judge(load_asked(), reader)
    print_by_language(console, "Statements of products", judged, measured)
    return measured(judged)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights on practice shops")
    asyncio.run(measure(Console(width=140), refit=parser.parse_args().fit))
