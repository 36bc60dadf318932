"""How well the classifiers (without a language model) learn intents: public data sets, our own data, our own questions.

Each data set is split once, so that whoever is compared learns and is asked the same. Vectors of the sentence encoder are
part of training and of the latency.
"""

from __future__ import annotations

import asyncio
import csv
import random
import resource
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from bot.ports import Encoder
from bot.settings import Settings
from bot.understanding.model import OUT_OF_SCOPE, train
from bot.understanding.parts import parts_of
from bot.understanding.training_data import Example as Learned
from bot.understanding.training_data import TrainingData, load_training_data
from evals.data import NoData, data_set
from knowledge.encoders import for_intents, load_encoder

NLU = Path("bot/data/nlu")
QUESTIONS = Path(__file__).parent / "questions" / "intents.yml"
FOLDS = 5
# Bins of confidence for the calibration error.
_BINS = 15
_WARM_UP = 20

# A text and its intent.
Example = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Split:
    """What is learned and what is asked, and texts that no intent fits, of which nothing is learned."""

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    out_of_scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a split was learned.

    `auroc`: texts out of scope against the others, by confidence; None where there are none. `ece`: expected calibration
    error. `alone`: the part of the texts that the linear stage decided. Latencies are milliseconds a text, asked one after
    the other; `peak` is the most RAM of this process so far, in bytes.
    """

    accuracy: float
    macro_f1: float
    auroc: float | None
    ece: float
    alone: float
    p50_ms: float
    p99_ms: float
    train_s: float
    peak: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The decision on one text: intent, confidence, the probability that it is in scope, stage, and milliseconds."""

    intent: str
    confidence: float
    in_scope: float
    stage: str
    ms: float


# ---------------------------------------------------------------- the splits


def clinc150() -> Split:
    """150 intents, train against val. Out of scope are the texts of both of its files for that."""
    folder = data_set("intents/clinc150")
    outside = tuple(text for name in ("oos_train.tsv", "oos_val.tsv") for text, _ in _rows(folder / name))
    return Split("clinc150", _rows(folder / "train.tsv"), _rows(folder / "val.tsv"), outside)


def banking77() -> Split:
    """77 intents of a bank: the rows shuffled with seed 13, four fifths learned."""
    with (data_set("intents/banking77") / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    random.Random(13).shuffle(rows)
    learned = len(rows) * 4 // 5
    return Split("banking77", tuple(rows[:learned]), tuple(rows[learned:]))


def smp2017() -> Split:
    """31 domains of Chinese requests to an assistant."""
    folder = data_set("intents/smp2017_zh")
    return Split("smp2017", _rows(folder / "train.tsv"), _rows(folder / "develop.tsv"))


def bitext() -> Split:
    """27 intents of customer support, as they were split."""
    folder = data_set("intents/bitext")
    return Split("bitext", _utterances(folder / "train"), _utterances(folder / "test"))


def own(fold: int = 0) -> Split:
    """The bot's own data without one fold of FOLDS, which depends on the texts alone. `out_of_scope` is an intent there."""
    examples = [(example.text, example.intent) for example in load_training_data(NLU).examples]
    folds = [zlib.crc32(text.encode()) % FOLDS for text, _ in examples]
    learned = tuple(example for example, number in zip(examples, folds, strict=True) if number != fold)
    asked = tuple(example for example, number in zip(examples, folds, strict=True) if number == fold)
    return Split("own", learned, asked, tuple(text for text, intent in asked if intent == OUT_OF_SCOPE))


SPLITS: Mapping[str, Callable[[], Split]] = {
    "own": own,
    "smp2017": smp2017,
    "bitext": bitext,
    "banking77": banking77,
    "clinc150": clinc150,
}


def _utterances(folder: Path) -> tuple[Example, ...]:
    [path] = folder.glob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple((row["utterance"], row["intent"]) for row in csv.DictReader(file))


def _rows(file: Path) -> tuple[Example, ...]:
    """The lines of a file of texts and intents, parted by a tab."""
    pairs = (line.rsplit("\t", 1) for line in file.read_text("utf-8").splitlines())
    return tuple((text, intent) for text, intent in pairs)


# ---------------------------------------------------------------- the measures


async def train_and_test(split: Split, encoder: Encoder) -> Scores:
    """Learn one part of a split and be asked the other, one text after the other."""
    data = TrainingData(tuple(Learned(text, intent) for text, intent in split.train), {}, {})
    started = time.perf_counter()
    classifiers = await train(data, encoder)
    took = time.perf_counter() - started
    scope = np.array([intent != OUT_OF_SCOPE for intent in classifiers.intents])

    async def ask(text: str) -> Answered:
        begun = time.perf_counter()
        probabilities, stage = await classifiers.probabilities(text, encoder)
        ms = (time.perf_counter() - begun) * 1000
        best = int(probabilities.argmax())
        return Answered(classifiers.intents[best], float(probabilities[best]), float(probabilities[scope].max()), stage, ms)

    for text, _ in split.test[:_WARM_UP]:
        await ask(text)
    answered = [await ask(text) for text, _ in split.test]
    outside = [await ask(text) for text in split.out_of_scope]
    return score([intent for _, intent in split.test], answered, outside, took)


def score(true: Sequence[str], answered: Sequence[Answered], outside: Sequence[Answered], train_s: float) -> Scores:
    """The figures of a test; `outside` are the decisions on texts out of scope."""
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    predicted = [answer.intent for answer in answered]
    right = np.array([a == b for a, b in zip(true, predicted, strict=True)])
    inside = [answer.in_scope for answer, intent in zip(answered, true, strict=True) if intent != OUT_OF_SCOPE]
    labels = [1] * len(inside) + [0] * len(outside)
    p50, p99 = np.percentile([answer.ms for answer in answered], (50, 99))
    return Scores(
        accuracy=float(accuracy_score(true, predicted)),
        macro_f1=float(f1_score(true, predicted, average="macro", zero_division=0)),
        auroc=float(roc_auc_score(labels, [*inside, *(a.in_scope for a in outside)])) if outside else None,
        ece=calibration_error(np.array([answer.confidence for answer in answered]), right),
        alone=sum(answer.stage == "linear" for answer in answered) / len(answered),
        p50_ms=float(p50),
        p99_ms=float(p99),
        train_s=train_s,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far confidence and rightness lie apart, over bins of equal width."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = (abs(confidence[bins == n].mean() - right[bins == n].mean()) * (bins == n).mean() for n in set(bins.tolist()))
    return float(sum(gaps))


# ---------------------------------------------------------------- our own questions


@dataclass(frozen=True, slots=True)
class Typed:
    """A message as customers type it, with the intents of its parts in order."""

    text: str
    language: str
    intents: tuple[str, ...]


def load_typed() -> list[Typed]:
    """The test messages of `questions/intents.yml`."""
    groups = YAML(typ="safe").load(QUESTIONS.read_text("utf-8"))
    return [
        Typed(str(text), language, tuple(group["intents"]))
        for group in groups
        for language in ("zh", "en")
        for text in group[language]
    ]


async def typed_scores(encoder: Encoder) -> dict[str, Any]:
    """The messages that say one thing: accuracy by language; those that say two: how many were read as exactly these."""
    classifiers = await train(load_training_data(NLU), encoder)
    right: dict[str, list[bool]] = {"zh": [], "en": [], "two intents": []}
    wrong = []
    for typed in load_typed():
        found = []
        for part in parts_of(typed.text) if len(typed.intents) > 1 else [typed.text]:
            probabilities, _ = await classifiers.probabilities(part, encoder)
            found.append(classifiers.intents[int(probabilities.argmax())])
        right[typed.language if len(typed.intents) == 1 else "two intents"].append(tuple(found) == typed.intents)
        if tuple(found) != typed.intents:
            wrong.append((typed.text, typed.intents, tuple(found)))
    accuracies = {name: sum(marks) / len(marks) for name, marks in right.items()}
    single = right["zh"] + right["en"]
    return {"accuracy": sum(single) / len(single), **accuracies, "wrong": wrong}


async def measure(console: Console) -> dict[str, Any]:
    """Every split that is on this machine, and our own test messages."""
    settings = Settings.load()
    encoder = for_intents(await load_encoder(settings.knowledge.encoder, settings.knowledge.models))
    typed = await typed_scores(encoder)
    console.print(", ".join(f"{name} {value:.3f}" for name, value in typed.items() if name != "wrong"))
    for text, intents, found in typed["wrong"]:
        console.print(f"  {text}: {'+'.join(found)}, not {'+'.join(intents)}", markup=False)
    table = Table(
        "set", "accuracy", "macro-F1", "OOS AUROC", "ECE", "linear alone", "p50 ms", "p99 ms", "training s", "RAM MB"
    )
    results: dict[str, Any] = {"typed": typed}
    for name, make in SPLITS.items():
        try:
            split = make()
        except NoData as missing:
            console.print(f"{name}: {missing}")
            continue
        scores = await train_and_test(split, encoder)
        auroc = "-" if scores.auroc is None else f"{scores.auroc:.3f}"
        table.add_row(
            f"{name} ({len(split.train)}/{len(split.test)})",
            f"{scores.accuracy:.3f}",
            f"{scores.macro_f1:.3f}",
            auroc,
            f"{scores.ece:.3f}",
            f"{scores.alone:.0%}",
            f"{scores.p50_ms:.1f}",
            f"{scores.p99_ms:.1f}",
            f"{scores.train_s:.0f}",
            f"{scores.peak / 1e6:,.0f}",
        )
        results[name] = asdict(scores)
    console.print(table)
    return results


if __name__ == "__main__":
    asyncio.run(measure(Console(width=130)))
