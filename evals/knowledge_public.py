"""Ranking on public data that nobody here wrote: BM25 alone, embeddings alone and ours, on the same candidates in one run.

Product questions are sampled by a fixed seed and their candidates shuffled; the shop FAQ is asked in our own paraphrases.
"""

from __future__ import annotations

import asyncio
import csv
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from bot.ports import Encoder
from bot.settings import Settings
from evals.data import NoData, data_set
from evals.questions import HERE
from knowledge.documents import Details, Entry
from knowledge.encoders import for_documents, load_encoder
from knowledge.generation import FileState, Generation, assemble
from knowledge.lexical import tokens
from knowledge.search import Query, rank
from knowledge.synonyms import with_document_words
from knowledge.vectors import Vectors

SEED = 13
# Questions of each product set; a candidate costs its encoding.
SAMPLE = 150
WAYS = ("BM25 alone", "embeddings alone", "ours")


@dataclass(frozen=True, slots=True)
class Task:
    """A question over numbered texts; `gains` tells how well each answers, 0 where it does not."""

    question: str
    texts: tuple[str, ...]
    gains: tuple[int, ...]


class Memory:
    """The vectors of one task, as `rank` asks for them."""

    def __init__(self, names: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._names = names
        self._vectors = vectors

    def nearest(self, vector: NDArray[np.float32], count: int) -> list[tuple[str, float]]:
        """Names and cosines of the nearest texts."""
        cosines = self._vectors @ vector
        return [(self._names[n], float(cosines[n])) for n in np.argsort(-cosines, kind="stable")[:count]]

    def fetch(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors by name."""
        wanted = set(ids)
        return {name: vector for name, vector in zip(self._names, self._vectors, strict=True) if name in wanted}


# ---------------------------------------------------------------- reading


def read_product_questions(file: Path) -> list[Task]:
    """Tasks of a PQA file (comma or tab separated by its name), sampled, their candidates shuffled."""
    delimiter = "," if file.parent.name == "epqa" else "\t"
    groups: dict[str, list[tuple[str, int]]] = {}
    questions: dict[str, str] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=delimiter):
            questions[row["qid"]] = row["question"]
            groups.setdefault(row["qid"], []).append((row["candidate"], int(float(row["label"] or 0))))
    dice = random.Random(SEED)
    usable = [qid for qid, rows in groups.items() if any(gain for _, gain in rows) and len(rows) > 1]
    tasks = []
    for qid in dice.sample(sorted(usable), min(SAMPLE, len(usable))):
        rows = groups[qid]
        dice.shuffle(rows)
        tasks.append(Task(questions[qid], tuple(text for text, _ in rows), tuple(gain for _, gain in rows)))
    return tasks


def read_titles(file: Path) -> list[Task]:
    """Title search: every query over all titles of the set."""
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    pairs = []
    titles: dict[str, None] = {}
    for row in rows:
        query, _, candidates = row["sentences"].removeprefix("Query: ").partition("\nCandidate Document: ")
        gold = {span["term"] for span in row["spans"]}
        titles |= dict.fromkeys([*candidates.removesuffix(".").split(", "), *gold])
        pairs.append((query, gold))
    texts = tuple(titles)
    return [Task(query, texts, tuple(int(text in gold) for text in texts)) for query, gold in pairs]


def read_faq(file: Path) -> list[Task]:
    """Our paraphrases over all pairs of the FAQ."""
    pairs = orjson.loads(file.read_bytes())["questions"]
    texts = tuple(f"{pair['question']}\n{pair['answer']}" for pair in pairs)
    asked: Mapping[int, str] = YAML(typ="safe").load((HERE / "faq79.yml").read_text("utf-8"))
    return [Task(text, texts, tuple(int(n == number) for n in range(len(texts)))) for number, text in asked.items()]


# ---------------------------------------------------------------- ranking


async def ranked(tasks: Sequence[Task], language: str, encoder: Encoder) -> dict[str, list[list[int]]]:
    """The gains of each task's texts in the order of each way to rank."""
    texts = list(dict.fromkeys(text for task in tasks for text in task.texts))
    vectors = dict(zip(texts, await encoder.encode_passages(texts), strict=True))
    made: dict[tuple[str, ...], Generation] = {}
    found: dict[str, list[list[int]]] = {way: [] for way in WAYS}
    for task in tasks:
        generation = made.setdefault(task.texts, _generation(task.texts, language))
        plain, expanded = await encoder.encode_queries([task.question, with_document_words(task.question)])
        matrix = np.array([vectors[text] for text in task.texts])
        memory = cast("Vectors", Memory([entry.vector_id for entry in generation.entries], matrix))
        query = Query(task.question, language, datetime.now(UTC), limit=24)
        ours = [hit.entry.position for hit in rank(generation, memory, query, expanded[np.newaxis], encoder.name)]
        orders = (
            np.argsort(-generation.lexicon.scores(tokens(task.question)), kind="stable").tolist(),
            np.argsort(-(matrix @ plain), kind="stable").tolist(),
            ours + [n for n in range(len(task.texts)) if n not in set(ours)],
        )
        for way, order in zip(WAYS, orders, strict=True):
            found[way].append([task.gains[n] for n in order])
    return found


def _generation(texts: Sequence[str], language: str) -> Generation:
    # each is a document of its own: what stands side by side here is no section
    details = [Details(title="", language=language) for _ in texts]
    return assemble(
        "eval",
        {
            str(n): FileState("", detail, (Entry(str(n), n, text, language, details=detail),), (tuple(tokens(text)),))
            for n, (text, detail) in enumerate(zip(texts, details, strict=True))
        },
    )


# ---------------------------------------------------------------- measures


def measures(gains: Sequence[Sequence[int]]) -> dict[str, float]:
    """P@1, R@10 (any right one among ten), MRR@10 and nDCG@5 with the gains, means over the tasks."""
    firsts = [next((n for n, gain in enumerate(row, 1) if gain), math.inf) for row in gains]
    return {
        "p_at_1": sum(first == 1 for first in firsts) / len(firsts),
        "r_at_10": sum(first <= 10 for first in firsts) / len(firsts),
        "mrr_at_10": sum(1 / first for first in firsts if first <= 10) / len(firsts),
        "ndcg_at_5": sum(_dcg(row) / _dcg(sorted(row, reverse=True)) for row in gains) / len(gains),
    }


def _dcg(row: Sequence[int]) -> float:
    return sum(gain / math.log2(n + 1) for n, gain in enumerate(row[:5], 1))


def _sets() -> Iterator[tuple[str, str, list[Task]]]:
    """Name, language and tasks of every set that is on this machine. Raises NoData where none is."""
    qa = data_set("qa")
    titles = qa / "ecomgpt_zh/ecom_instruct_v1/Multi_CPR/tasks/ZH-Multi_CPR-Extract-product_select_2/test.json"
    for name, file in (("epqa", "epqa/questions.csv"), ("semipqa", "semipqa/testseen.tsv"), ("hetpqa", "hetpqa/dev.csv")):
        if (qa / file).is_file():
            yield name, "en", read_product_questions(qa / file)
    if titles.is_file():
        yield "ecomgpt titles", "zh", read_titles(titles)
    if (qa / "faq79/faq.json").is_file():
        yield "faq79", "en", read_faq(qa / "faq79/faq.json")


async def measure(console: Console) -> dict[str, dict[str, dict[str, float]]]:
    """Every set by every way to rank; returns the figures by set and way."""
    sets = list(_sets())
    if not sets:
        raise NoData("none of the question sets is in the folder of evaluation data.")
    settings = Settings.load()
    encoder = for_documents(await load_encoder(settings.knowledge.encoder, settings.knowledge.models))
    table = Table("set", "questions", "ranking", "P@1", "R@10", "MRR@10", "nDCG@5", title="Search, public sets")
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name, language, tasks in sets:
        found = await ranked(tasks, language, encoder)
        figures[name] = {way: measures(gains) for way, gains in found.items()}
        for way in WAYS:
            table.add_row(name, str(len(tasks)), way, *(f"{value:.3f}" for value in figures[name][way].values()))
    console.print(table)
    return figures


if __name__ == "__main__":
    asyncio.run(measure(Console(width=130)))
