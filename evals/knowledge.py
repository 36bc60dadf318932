"""How well the documents are searched, and how well the service knows when they do not hold the answer.

`python -m evals.knowledge` prints the measures; with `--fit` it fits the weights of `knowledge/relevance.json` and
`knowledge/confidence.json` instead, on the development questions to two shops of other trades than the demo shop's and on
practice shops from which the sentence encoder has not learned (`evals.adapt`): else it would be trusted too much.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.ports import Encoder
from bot.settings import Settings
from bot.understanding.model import Classifiers, load_or_train
from bot.understanding.training_data import load_training_data
from evals.practice import CALIBRATION, shops
from evals.questions import POND, SECOND, Asked, load_pond, load_questions, load_second
from knowledge import relevance
from knowledge.confidence import FEATURES, WEIGHTS, confidence, features
from knowledge.documents import Entry
from knowledge.encoders import for_documents, load_encoder
from knowledge.index import Index
from knowledge.ingest.manifest import Calendar
from knowledge.lexical import tokens
from knowledge.paraphrases import plainly
from knowledge.relevance import keep, named
from knowledge.search import CANDIDATES, Hit, Query, Search
from knowledge.search import features as ranking_features

DOCUMENTS = Path("demo/shop/documents")
NLU = Path("bot/data/nlu")
# How much the weights of the ranking are held small.
RIDGE = 0.01


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with what was found for it: whether each hit answers, best first, and how sure the first is."""

    asked: Asked
    right: tuple[bool, ...]
    confidence: float
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rankings:
    """Whether each of the first hits answers, by each way to rank."""

    words: list[tuple[bool, ...]]
    meaning: list[tuple[bool, ...]]
    ours: list[tuple[bool, ...]]


def answers(entry: Entry, gold: Sequence[str]) -> bool:
    """Whether an entry is one of the passages that answer."""
    places = {*entry.headings, *([entry.text.split("\n", 1)[0]] if entry.kind == "qa" else [])}
    return entry.path in gold or any(f"{entry.path}#{place}" in gold for place in places)


def precision_at_1(rankings: Sequence[Sequence[bool]]) -> float:
    """Part of the rankings whose first hit is right."""
    return sum(bool(ranking) and ranking[0] for ranking in rankings) / len(rankings)


def reciprocal_rank(rankings: Sequence[Sequence[bool]]) -> float:
    """Mean of one over the rank of the first right hit; 0 where there is none."""
    return sum(next((1 / n for n, right in enumerate(ranking, 1) if right), 0.0) for ranking in rankings) / len(rankings)


def ndcg_at_5(rankings: Sequence[Sequence[bool]]) -> float:
    """Mean normalised discounted cumulative gain of the first five, against the best order of what was found."""
    return sum(_ndcg(ranking[:5], sum(ranking)) for ranking in rankings) / len(rankings)


def _ndcg(ranking: Sequence[bool], right: int) -> float:
    gain = sum(1 / math.log2(n + 1) for n, found in enumerate(ranking, 1) if found)
    best = sum(1 / math.log2(n + 1) for n in range(1, min(right, 5) + 1))
    return gain / best if best else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that one of the positive is above one of the negative, ties counting half."""
    wins = sum((p > n) + (p == n) / 2 for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def fit_relevance(lists: Sequence[tuple[NDArray[np.floating], NDArray[np.bool_]]], ridge: float = RIDGE) -> list[float]:
    """Weights that make the candidates that answer likely among all of their question.

    `lists` has, a question, the features of its candidates (n, features), scaled, and which of them answer (n); `ridge`
    keeps the weights small.
    """
    from scipy.optimize import minimize

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = ridge * float(weights @ weights), 2 * ridge * weights
        for x, right in lists:
            p = np.exp(x @ weights - (x @ weights).max())
            total -= float(np.log(p[right].sum()) - np.log(p.sum())) / len(lists)
            slope = slope + (x.T @ (p / p.sum()) - x[right].T @ (p[right] / p[right].sum())) / len(lists)
        return total, slope

    return [float(w) for w in minimize(loss, np.zeros(lists[0][0].shape[1]), jac=True, method="L-BFGS-B").x]


def fit_confidence(judged: Sequence[Judged]) -> dict[str, float]:
    """Weights of the logistic regression on the features of confidence: does the first hit answer?"""
    found = [item for item in judged if item.right]
    bias, weights = fit_logistic(np.array([item.features for item in found]), np.array([item.right[0] for item in found]))
    return {"bias": round(bias, 4), **named(FEATURES, weights)}


def fit_logistic(x: NDArray[np.float64], y: NDArray[np.bool_]) -> tuple[float, list[float]]:
    """Bias and weights of a logistic regression of `y`, shape (n,), on `x`, shape (n, features), scaled alike."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (model.coef_[0] * scaler.mean_ / scaler.scale_).sum())
    return bias, weights.tolist()


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the abstention curve, at a threshold: parts of the questions."""

    threshold: float
    answered: float
    wrong: float
    invented: float


def curve(judged: Sequence[Judged], thresholds: Sequence[float]) -> list[Point]:
    """Answered: of the answerable. Wrong: of all answers given. Invented: of the unanswerable, those answered."""
    answerable = [item for item in judged if item.asked.gold]
    unanswerable = [item for item in judged if not item.asked.gold]
    points = []
    for threshold in thresholds:
        given = [item for item in judged if item.confidence >= threshold and item.right]
        wrong = sum(not item.right[0] for item in given)
        points.append(
            Point(
                threshold,
                sum(item in given for item in answerable) / len(answerable),
                wrong / len(given) if given else 0.0,
                sum(item in given for item in unanswerable) / len(unanswerable),
            )
        )
    return points


# ---------------------------------------------------------------- running


@dataclass(frozen=True, slots=True)
class Asker:
    """Puts questions to the search of one shop as the service does: with what is asked put plainly, where that is known.

    `encoder` gives the intent its vectors, `reader` the search.
    """

    index: Index
    encoder: Encoder
    reader: Encoder
    classifiers: Classifiers

    async def query(self, asked: Asked, limit: int = 6) -> Query:
        """The question as a query."""
        probabilities, _ = await self.classifiers.probabilities(asked.text, self.encoder)
        intent = self.classifiers.intents[int(probabilities.argmax())]
        return Query(asked.text, asked.language, datetime.now(UTC), limit=limit, plain=plainly(intent, asked.language))

    async def find(self, asked: Asked, limit: int = 6) -> list[Hit]:
        """What the service finds."""
        return await Search(self.index, self.reader).find(await self.query(asked, limit))


async def judge(questions: Sequence[Asked], asker: Asker) -> list[Judged]:
    """Ask every question of the search."""
    judged = []
    for asked in questions:
        hits = await asker.find(asked)
        right = tuple(answers(hit.entry, asked.gold) for hit in hits)
        judged.append(Judged(asked, right, confidence(hits, asker.reader.name), features(hits) if hits else ()))
    return judged


async def rankings(questions: Sequence[Asked], asker: Asker) -> Rankings:
    """Rank the same entries by words alone, by meaning alone, and by both as the service does."""
    generation, vectors = await asker.index.ready()
    found = Rankings([], [], [])
    for asked in questions:
        query = await asker.query(asked)
        vector = (await asker.reader.encode_queries([asked.text]))[0]
        scores = generation.lexicon.scores(tokens(asked.text))
        by_words = [generation.entries[int(n)] for n in np.argsort(-scores, kind="stable")[: query.limit]]
        nearest = [number for name, _ in vectors.nearest(vector, query.limit) for number in generation.by_vector[name]]
        found.words.append(tuple(answers(entry, asked.gold) for entry in by_words))
        found.meaning.append(tuple(answers(generation.entries[n], asked.gold) for n in nearest[: query.limit]))
        found.ours.append(tuple(answers(hit.entry, asked.gold) for hit in await asker.find(asked)))
    return found


def ranking_table(found: Rankings) -> Table:
    """P@1, MRR and nDCG@5 of the three ways to rank."""
    table = Table("ranking", "P@1", "MRR", "nDCG@5", title="Search, own question set")
    for name, ranked in (("BM25 alone", found.words), ("embeddings alone", found.meaning), ("ours", found.ours)):
        measures = (precision_at_1(ranked), reciprocal_rank(ranked), ndcg_at_5(ranked))
        table.add_row(name, *(f"{measure:.3f}" for measure in measures))
    return table


def curve_table(points: Sequence[Point], score: float) -> Table:
    """The abstention curve."""
    table = Table("threshold", "answerable answered", "wrong of answers", "unanswerable answered")
    table.title = f"Abstention, AUROC {score:.3f}"
    for point in points:
        table.add_row(f"{point.threshold:.2f}", *(f"{part:.1%}" for part in (point.answered, point.wrong, point.invented)))
    return table


@asynccontextmanager
async def asker_of(documents: Path) -> AsyncIterator[Asker]:
    """A folder of documents in a fresh index, with the encoder and classifiers of the settings."""
    settings = Settings.load()
    encoder = await load_encoder(settings.knowledge.encoder, settings.knowledge.models)
    classifiers = await load_or_train(settings.knowledge.models, load_training_data(NLU), encoder)
    with TemporaryDirectory(prefix="streamdesk-eval-") as folder:
        reader = for_documents(encoder)
        index = Index(Path(folder), reader)
        await index.load(documents, Calendar(ZoneInfo(settings.shop.timezone)), lambda doing, done, total: None)
        yield Asker(index, encoder, reader, classifiers)


async def candidates(questions: Sequence[Asked], asker: Asker) -> list[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """What `fit_relevance` learns from: the candidates of the questions that have an answer among them."""
    lists = []
    for asked in questions:
        hits = await asker.find(asked, CANDIDATES)
        right = np.array([answers(hit.entry, asked.gold) for hit in hits])
        if right.any():
            lists.append((ranking_features(hits), right))
    return lists


async def fit(console: Console) -> None:
    """Fit the weights of ranking and of abstention on shops from which the encoder has not learned, and keep them."""
    with TemporaryDirectory(prefix="streamdesk-eval-") as scratch:
        sets = [(POND / "documents", load_pond()[0]), (SECOND / "documents", load_second()), *_practice(Path(scratch))]
        lists: list[tuple[NDArray[np.float32], NDArray[np.bool_]]] = []
        for documents, questions in sets:
            async with asker_of(documents) as asker:
                lists += await candidates(questions, asker)
        keep(relevance.WEIGHTS, asker.reader.name, ranking := named(relevance.FEATURES, fit_relevance(lists)))
        judged: list[Judged] = []
        for documents, questions in sets:
            async with asker_of(documents) as asker:
                judged += await judge(questions, asker)
        keep(WEIGHTS, asker.reader.name, abstention := fit_confidence(judged))
    console.print(ranking, abstention)


def _practice(scratch: Path) -> Iterator[tuple[Path, list[Asked]]]:
    """The practice shops for calibration as folders of documents, with their questions."""
    for shop in shops(CALIBRATION):
        folder, language = scratch / shop["shop"], shop["lang"]
        folder.mkdir()
        file = folder / f"policies.{language}.md"
        file.write_text("\n\n".join(f"## {p['heading']}\n\n{p['text']}" for p in shop["passages"]), "utf-8")
        places = {p["id"]: f"{file.name}#{p['heading']}" for p in shop["passages"]}
        asked = [Asked(row["q"], language, tuple(places[name] for name in row["gold"])) for row in shop["questions"]]
        # what is asked of a product is no question for these documents, whether or not its statements answer it
        of_products = [text for p in shop["products"] for text in (*(row["q"] for row in p["questions"]), *p["nothing"])]
        yield folder, [*asked, *(Asked(question, language) for question in (*shop["nothing"], *of_products))]


async def measure(console: Console) -> dict[str, float]:
    """Search and abstention on both halves of our own questions and the second shop's; the figures of the test half."""
    development, test = load_questions()
    sets = (
        ("second shop", SECOND / "documents", load_second()),
        ("pond, development", POND / "documents", load_pond()[0]),
        ("pond, test", POND / "documents", load_pond()[1]),
        ("development", DOCUMENTS, development),
        ("test", DOCUMENTS, test),
    )
    figures: dict[str, float] = {}
    for name, documents, questions in sets:
        async with asker_of(documents) as asker:
            figures = await _measured(console, name, questions, asker)
    return figures


async def _measured(console: Console, name: str, questions: Sequence[Asked], asker: Asker) -> dict[str, float]:
    """Prints what there is to say of one set of questions, and returns its figures."""
    judged = await judge(questions, asker)
    answerable = [asked for asked in questions if asked.gold]
    console.rule(f"{name}: {len(answerable)} answerable, {len(questions) - len(answerable)} unanswerable")
    ranked = await rankings(answerable, asker)
    console.print(ranking_table(ranked))
    right = [item.confidence for item in judged if item.right and item.right[0]]
    none = [item.confidence for item in judged if not item.asked.gold]
    console.print(curve_table(curve(judged, [n / 20 for n in range(4, 19)]), auroc(right, none)))
    return {"p_at_1": precision_at_1(ranked.ours), "mrr": reciprocal_rank(ranked.ours), "auroc": auroc(right, none)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights on the development questions")
    asyncio.run((fit if parser.parse_args().fit else measure)(Console()))
