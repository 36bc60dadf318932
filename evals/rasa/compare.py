"""Streamdesk and Rasa 3.6 side by side, in one run on one machine: who understands more, who answers faster.

Both learn the same part of every data set and are asked the other part, one text after the other: our classifiers without
a language model in this process, Rasa, with the pipeline that its documentation recommends, through its `/model/parse`. Then
both serve the demo shop's bot at their REST doors, Rasa with actions that cost nothing (evals/bench_floor.py). Rasa's models
are trained before, see evals/rasa/train.py.

Rasa goes through the whole conversation at every turn, so the level of one sender, whose conversation is the longest, is its
slowest; with every message it also asks the action server for the language, which the content needs to answer in it.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bot.ports import Encoder
from bot.settings import Settings
from bot.understanding.model import Classifiers
from bot.understanding.model import train as fit
from bot.understanding.training_data import Example, TrainingData
from evals.bench_load import Level, door, load, percentile
from evals.bench_service import Running, floor, load_home, memory, rasa, rasa_parts, streamdesk
from evals.data import NoData
from evals.rasa.environment import rasa_command
from evals.rasa.splits import OUT_OF_SCOPE, SPLITS, Split
from evals.rasa.train import Trained, kept
from knowledge.encoders import load_encoder

OURS, RASA = "Streamdesk", "Rasa 3.6.21"
SENDERS = (1, 8, 32)
TURNS = 480
# Rasa puts this intent before its classifier's where that is unsure; here the classifier's own is counted.
_FALLBACK = "nlu_fallback"

# The intents of a text with their confidence, best first.
Ranking = Sequence[tuple[str, float]]
Classify = Callable[[str], Awaitable[Ranking]]


@dataclass(frozen=True, slots=True)
class Learning:
    """What training took: seconds by the clock and of the processor, and the most RAM held then, in bytes.

    Ours is measured in this process, whose RAM holds more than the training.
    """

    seconds: float
    cpu_s: float
    peak: int


@dataclass(frozen=True, slots=True)
class Scores:
    """One side on one split. `auroc`: texts out of scope against those in scope, by confidence; None where there are none.

    Latencies are milliseconds a text, asked one after the other.
    """

    accuracy: float
    macro_f1: float
    auroc: float | None
    p50_ms: float
    p99_ms: float
    learning: Learning


@dataclass(frozen=True, slots=True)
class Serving:
    """One side's REST door: the load levels, and RAM after the load in bytes (None: the system does not say)."""

    levels: tuple[Level, ...]
    rss: int | None


# ---------------------------------------------------------------- understanding


def score(split: Split, rankings: Mapping[str, Ranking], times_ms: Sequence[float], learning: Learning) -> Scores:
    """The figures of one side, by its ranking of every text that was asked.

    A text is out of scope the more, the less sure its best intent in scope is. Where that is an intent of its own, texts of
    it count for accuracy like any other.
    """
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    true = [intent for _, intent in split.test]
    predicted = [rankings[text][0][0] for text, _ in split.test]
    inside = [text for text, intent in split.test if intent != OUT_OF_SCOPE]
    known = [_in_scope(rankings[text]) for text in (*inside, *split.out_of_scope)]
    labels = [1] * len(inside) + [0] * len(split.out_of_scope)
    return Scores(
        accuracy=float(accuracy_score(true, predicted)),
        macro_f1=float(f1_score(true, predicted, average="macro", zero_division=0)),
        auroc=float(roc_auc_score(labels, known)) if split.out_of_scope else None,
        p50_ms=percentile(times_ms, 50),
        p99_ms=percentile(times_ms, 99),
        learning=learning,
    )


def _in_scope(ranking: Ranking) -> float:
    return max((confidence for intent, confidence in ranking if intent != OUT_OF_SCOPE), default=0.0)


async def ask_all(split: Split, classify: Classify) -> tuple[dict[str, Ranking], list[float]]:
    """Every text of a split's test, each once: its ranking, and the milliseconds it took. The first ones warm up."""
    texts = list(dict.fromkeys([*(text for text, _ in split.test), *split.out_of_scope]))
    for text in texts[:20]:
        await classify(text)
    rankings, times = {}, []
    for text in texts:
        started = time.perf_counter()
        rankings[text] = await classify(text)
        times.append((time.perf_counter() - started) * 1000)
    return rankings, times


async def ours(split: Split, encoder: Encoder) -> Scores:
    """Our classifiers, as the cascade combines them."""
    examples = tuple(Example(text, intent) for text, intent in split.train)
    started, cpu = time.perf_counter(), time.process_time()
    classifiers = await fit(TrainingData(examples, {}, {}), encoder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    learning = Learning(time.perf_counter() - started, time.process_time() - cpu, peak)
    return score(split, *await ask_all(split, _cascade(classifiers, encoder)), learning)


def _cascade(classifiers: Classifiers, encoder: Encoder) -> Classify:
    async def classify(text: str) -> Ranking:
        probabilities, _ = await classifiers.probabilities(text, encoder)
        best = probabilities.argsort()[::-1][:10]
        return [(classifiers.intents[n], float(probabilities[n])) for n in best]

    return classify


async def theirs(split: Split, trained: Trained) -> Scores:
    """Rasa, by its server. Raises Unavailable where it does not come up."""
    with TemporaryDirectory(prefix="streamdesk-rasa-") as folder:
        async with rasa(rasa_command(), trained.model, Path(folder)) as service, door(service.url) as client:
            rankings, times = await ask_all(split, _parser(client))
    return score(split, rankings, times, Learning(**asdict(trained.usage)))


def _parser(client: httpx.AsyncClient) -> Classify:
    async def classify(text: str) -> Ranking:
        response = await client.post("/model/parse", json={"text": text})
        response.raise_for_status()
        ranking = response.json()["intent_ranking"]
        return [(entry["name"], entry["confidence"]) for entry in ranking if entry["name"] != _FALLBACK]

    return classify


# ---------------------------------------------------------------- serving


async def serving() -> dict[str, Serving]:
    """Both bots at their REST doors, at every level one after the other. Raises NoData without Rasa's model of the bot."""
    parts = rasa_parts()
    if isinstance(parts, str):
        raise NoData(parts)
    with TemporaryDirectory(prefix="streamdesk-rasa-") as folder:
        home = Path(folder)
        await load_home(home)
        async with AsyncExitStack() as closing:
            bare = await closing.enter_async_context(floor(home))
            doors = {
                RASA: await closing.enter_async_context(rasa(*parts, home, bare.url)),
                OURS: await closing.enter_async_context(streamdesk(home)),
            }
            levels = await _levels(doors)
            held = {name: memory(service.pid) for name, service in doors.items()}
    return {name: Serving(levels[name], found.rss if (found := held[name]) else None) for name in doors}


async def _levels(doors: Mapping[str, Running]) -> dict[str, tuple[Level, ...]]:
    levels: dict[str, tuple[Level, ...]] = dict.fromkeys(doors, ())
    for service in doors.values():
        await load(service.url, 1, 24)  # warms what is opened on first use
    for senders in SENDERS:
        for name, service in doors.items():
            levels[name] += (await load(service.url, senders, TURNS),)
    return levels


# ---------------------------------------------------------------- the suite


async def measure(console: Console) -> dict[str, Any]:
    """Both sides on every split that is there and trained, then at their doors. Raises NoData without Rasa."""
    rasa_command()
    settings = Settings.load()
    encoder = await load_encoder(settings.knowledge.encoder, settings.knowledge.models)
    table = Table("set", "side", "accuracy", "macro-F1", "OOS AUROC", "p50 ms", "p99 ms", "training", title_justify="left")
    table.title = (
        "Understanding: trained and tested on the same texts; Rasa's pipeline is the one its documentation recommends"
    )
    results: dict[str, Any] = {}
    skipped = []
    for name, make in SPLITS.items():
        try:
            split = make()
            scores = {OURS: await ours(split, encoder)}
            if (trained := kept(split)) is not None:
                scores[RASA] = await theirs(split, trained)
            else:
                skipped.append(
                    f"{name}: Rasa has not learned it; `python -m evals.rasa.train {name}` does, which takes long."
                )
        except NoData as missing:
            skipped.append(f"{name}: {missing}")
            continue
        for side, found in scores.items():
            epochs = f", {split.epochs} epochs" if side == RASA else ""
            table.add_row(f"{name} ({len(split.train)}/{len(split.test)})", side, *_cells(found, epochs))
        results[name] = {side: asdict(found) for side, found in scores.items()}
    console.print(table)
    try:
        served = await serving()
    except NoData as missing:
        skipped.append(f"REST doors: {missing}")
    else:
        _print_serving(served, console)
        results["serving"] = {side: asdict(found) for side, found in served.items()}
    for reason in skipped:
        console.print(reason)
    return {**results, "skipped": skipped}


def _cells(found: Scores, epochs: str) -> tuple[str, ...]:
    auroc = "-" if found.auroc is None else f"{found.auroc:.3f}"
    took = f"{found.learning.cpu_s:,.0f} CPU-s, {found.learning.peak / 1e9:.1f} GB{epochs}"
    return f"{found.accuracy:.1%}", f"{found.macro_f1:.3f}", auroc, f"{found.p50_ms:.1f}", f"{found.p99_ms:.1f}", took


def _print_serving(served: Mapping[str, Serving], console: Console) -> None:
    table = Table(
        "side", "senders", "turns", "errors", "p50 ms", "p99 ms", "turns/s", "× Rasa", "RAM MB", title_justify="left"
    )
    table.title = f"POST /webhooks/rest/webhook, {TURNS} turns spread over the senders, Rasa's actions at no cost"
    for side, found in served.items():
        for number, level in enumerate(found.levels):
            ratio = level.turns_per_s / served[RASA].levels[number].turns_per_s
            figures = (f"{level.p50_ms:.0f}", f"{level.p99_ms:.0f}", f"{level.turns_per_s:.1f}", f"{ratio:.1f}")
            ram = "-" if found.rss is None else f"{found.rss / 1e6:,.0f}"
            table.add_row(side, str(level.senders), str(level.turns), str(sum(level.errors.values())), *figures, ram)
    console.print(table)
