"""Pairs of texts that mean the same, or question and answer: public data, and the utterances of one intent.

They are questions asked twice of qa/atec_zh, questions with what answers them of qa/epqa, qa/hetpqa and qa/semipqa, contexts
and answers of aftersales/jddc_zh, and utterances of one intent of intents/banking77 and of `bot/data/nlu`.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.understanding.training_data import load_training_data
from evals.data import data_set
from evals.knowledge import NLU

SEED = 1
# How often each source gives the batch.
SHARES = {"atec": 0.25, "nlu": 0.25, "banking": 0.15, "jddc": 0.1, "epqa": 0.1, "hetpqa": 0.08, "semipqa": 0.07}
# Pairs a source; characters of a pair; pairs an intent.
MOST, LONGEST, OF_INTENT = 3500, {"atec": 90, "jddc": 90}, 14
SHORT = 220


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same, or a question and its answer. Pairs of one `label` are no counterexamples."""

    question: str
    passage: str
    label: str = ""


def read_same_questions(file: Path) -> list[Pair]:
    """Questions that mean the same: number, two questions and whether they do, separated by tabs."""
    rows = (line.split("\t") for line in file.read_text("utf-8-sig").splitlines())
    return [Pair(row[1].strip("\ufeff"), row[2]) for row in rows if len(row) == 4 and row[3].strip() == "1"]


def read_dialogues(folder: Path) -> list[Pair]:
    """What was said last in a chat, and the agent's answer to it."""
    contexts, replies = ((folder / name).read_text("utf-8").splitlines() for name in ("train.enc", "train.dec"))
    pairs = []
    for context, reply in zip(contexts, replies, strict=True):
        last = [turn for turn in context.split(",") if len(turn) > 3][-2:]
        if last and len(reply) >= 12:
            pairs.append(Pair("，".join(last)[-90:], reply[:90]))
    return pairs


def read_answers(file: Path, delimiter: str, least: int) -> list[Pair]:
    """Questions about products, each with the first candidate that answers it."""
    found: dict[str, Pair] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=delimiter):
            if int(float(row["label"] or 0)) >= least:
                found.setdefault(row["qid"], Pair(row["question"], row["candidate"]))
    return list(found.values())


def of_one_intent(utterances: Sequence[tuple[str, str]]) -> list[Pair]:
    """Utterances of one intent, two and two, from (intent, text)."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for intent, text in utterances:
        groups[intent].append(text)
    return [
        Pair(first, second, intent)
        for intent, texts in groups.items()
        for first, second in list(zip(texts[::2], texts[1::2], strict=False))[:OF_INTENT]
    ]


def sources() -> dict[str, list[Pair]]:
    """All pairs that this machine has, by source, short ones first. Raises NoData without the public data."""
    qa, dice = data_set("qa"), random.Random(SEED)
    with (data_set("intents") / "banking77/train.csv").open(encoding="utf-8", newline="") as lines:
        banking = [(row[1], row[0]) for row in csv.reader(lines)]
    han = re.compile(r"[㐀-鿿]")
    ours = [(f"{e.intent} {bool(han.search(e.text))}", e.text) for e in load_training_data(NLU).examples]
    for utterances in (banking, ours):
        dice.shuffle(utterances)
    pairs = {
        "atec": read_same_questions(qa / "atec_zh/train.csv"),
        "jddc": read_dialogues(data_set("aftersales") / "jddc_zh"),
        "epqa": read_answers(qa / "epqa/questions.csv", ",", 2),
        "hetpqa": read_answers(qa / "hetpqa/dev.csv", "\t", 1),
        "semipqa": read_answers(qa / "semipqa/dev.tsv", "\t", 1),
        "banking": of_one_intent(banking),
        "nlu": of_one_intent(ours),
    }
    return {name: _short(name, dice.sample(found, min(MOST, len(found)))) for name, found in pairs.items()}


def _short(name: str, pairs: Sequence[Pair]) -> list[Pair]:
    lengths = {pair: len(pair.question) + len(pair.passage) for pair in pairs}
    return sorted((pair for pair in pairs if lengths[pair] < LONGEST.get(name, SHORT)), key=lengths.__getitem__)
