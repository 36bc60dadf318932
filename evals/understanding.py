"""How well the bot understands its own training data, by cross-validation."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from bot.understanding.linear import train_linear
from bot.understanding.semantic import train_semantic
from bot.understanding.training_data import load_training_data
from knowledge.encoders import for_intents, load_encoder

NLU = Path("bot/data/nlu")
# Confusions that are printed.
_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Result:
    """True and predicted intents of every example, and how sure each prediction was."""

    true: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """Part of the examples that were right."""
        return sum(a == b for a, b in zip(self.true, self.predicted, strict=True)) / len(self.true)

    def f1(self) -> dict[str, tuple[float, int]]:
        """F1 and number of examples of every intent."""
        right = Counter(a for a, b in zip(self.true, self.predicted, strict=True) if a == b)
        given, said = Counter(self.true), Counter(self.predicted)
        return {intent: (2 * right[intent] / (given[intent] + said[intent]), given[intent]) for intent in sorted(given)}

    def confusions(self) -> list[tuple[tuple[str, str], int]]:
        """What was taken for what, most often first."""
        wrong = Counter((a, b) for a, b in zip(self.true, self.predicted, strict=True) if a != b)
        return wrong.most_common(_SHOWN)


async def cross_validate(settings: Settings, folds: int, progress: Callable[[str, int, int], None]) -> Result:
    """Each example classified by a model that was trained without its fold. Folds depend on the text alone."""
    data = load_training_data(NLU)
    texts = [example.text for example in data.examples]
    labels = np.array([example.intent for example in data.examples])
    fold = np.array([zlib.crc32(text.encode()) % folds for text in texts])
    encoder = for_intents(await load_encoder(settings.knowledge.encoder, settings.knowledge.models))
    vectors = await encoder.encode_queries(texts)
    predicted = np.empty(len(texts), dtype=object)
    confidence = np.zeros(len(texts))
    for number in range(folds):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        linear = train_linear([texts[n] for n in train], labels[train].tolist())
        semantic = train_semantic(vectors[train], labels[train].tolist(), encoder.name)
        for n in test:
            both = (linear.probabilities(texts[n]) + semantic.probabilities(vectors[n])) / 2
            predicted[n], confidence[n] = linear.intents[int(both.argmax())], both.max()
        progress("folds", number + 1, folds)
    return Result(tuple(labels.tolist()), tuple(predicted.tolist()), tuple(confidence.tolist()))


def report(result: Result, out: Console) -> None:
    """Print F1 an intent, the confusions, and how many decisions are right from which confidence on."""
    table = Table("intent", "F1", "examples", title="Understanding, cross-validated", title_justify="left")
    scores = result.f1()
    for intent, (score, examples) in sorted(scores.items(), key=lambda item: item[1][0]):
        table.add_row(intent, f"{score:.2f}", str(examples))
    out.print(table)
    wrong = Table("said", "taken for", "times", title="Confusions", title_justify="left")
    for (true, predicted), times in result.confusions():
        wrong.add_row(true, predicted, str(times))
    out.print(wrong)
    macro = sum(score for score, _ in scores.values()) / len(scores)
    out.print(f"accuracy {result.accuracy:.3f}, macro-F1 {macro:.3f}, {len(result.true)} examples, {len(scores)} intents")
    for threshold in (0.35, 0.45, 0.5, 0.8):
        sure = [(a == b) for a, b, c in zip(result.true, result.predicted, result.confidence, strict=True) if c >= threshold]
        right = sum(sure) / len(sure) if sure else 0.0
        out.print(f"from {threshold}: {len(sure) / len(result.true):.0%} of the texts, {right:.1%} of them right")


async def measure(console: Console) -> dict[str, float]:
    """The bot's own training data, cross-validated in five folds."""
    result = await cross_validate(Settings.load(), 5, lambda doing, done, total: None)
    report(result, console)
    scores = [score for score, _ in result.f1().values()]
    return {"accuracy": result.accuracy, "macro_f1": sum(scores) / len(scores), "examples": len(result.true)}
