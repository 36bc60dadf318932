"""The trained classifiers as one bundle on disk, named by what they were trained on."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.once import making_async
from bot.ports import Encoder
from bot.understanding.combination import Combination, fit_combination
from bot.understanding.linear import LinearClassifier, train_linear
from bot.understanding.semantic import SemanticClassifier, train_semantic
from bot.understanding.training_data import TrainingData, kept_back

# Raised whenever training changes what it produces from the same data.
_BUILD = 5
OUT_OF_SCOPE = "out_of_scope"
# Texts encoded between two reports of progress.
_BATCH = 256

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Both classifiers, their intents in the same order, and how they are combined."""

    linear: LinearClassifier
    semantic: SemanticClassifier
    combination: Combination

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that probabilities are given for."""
        return self.linear.intents

    async def probabilities(self, text: str, encoder: Encoder) -> tuple[NDArray[np.float32], str]:
        """How probable each intent is, and the stage that decided: `linear` alone where it is sure, else `semantic`.

        Raises Unavailable where the encoder is needed and does not answer.
        """
        linear = self.linear.probabilities(text)
        alone = self.combination.alone(linear)
        if alone.max() >= self.combination.thresholds.linear:
            return alone, "linear"
        [vector] = await encoder.encode_queries([text])
        return self.combination.together(linear, self.semantic.probabilities(vector)), "semantic"


def model_folder(models: Path, data: TrainingData, encoder: str) -> Path:
    """Where the model of this data and encoder is kept."""
    digest = hashlib.sha256(f"{_BUILD}\n{encoder}\n".encode())
    for example in data.examples:
        digest.update(f"{example.intent}\t{example.text}\n".encode())
    return models / f"nlu-{digest.hexdigest()[:16]}"


async def train(data: TrainingData, encoder: Encoder, progress: Progress = lambda done, total: None) -> Classifiers:
    """Fit everything; takes as long as encoding the examples. `progress` is told how many are encoded."""
    texts = [example.text for example in data.examples]
    batches = []
    for start in range(0, len(texts), _BATCH):
        batches.append(await encoder.encode_queries(texts[start : start + _BATCH]))
        progress(min(start + _BATCH, len(texts)), len(texts))
    labels = [example.intent for example in data.examples]
    return await asyncio.to_thread(fit, texts, labels, np.concatenate(batches), encoder.name)


def fit(texts: Sequence[str], labels: Sequence[str], vectors: NDArray[np.float32], encoder: str) -> Classifiers:
    """Fit both classifiers on all examples, and their combination on the predictions for those that are kept back.

    `vectors` are the encoder's, of shape (examples, dimension); what it has learned it has not learned from these.
    """
    column = {intent: number for number, intent in enumerate(sorted(set(labels)))}
    kept: list[int] = [n for n, text in enumerate(texts) if not kept_back(text)]
    known = [labels[n] for n in kept]
    left_out = [n for n, text in enumerate(texts) if kept_back(text) and labels[n] in set(known)]
    if not left_out or len(set(known)) < 2:  # too little to keep anything back
        kept, known, left_out = list(range(len(texts))), list(labels), list(range(len(texts)))
    words = train_linear([texts[n] for n in kept], known)
    meaning = train_semantic(vectors[kept], known, encoder)
    linear, semantic = (np.zeros((len(left_out), len(column)), np.float32) for _ in range(2))
    columns = [column[intent] for intent in words.intents]
    for row, n in enumerate(left_out):
        linear[row, columns] = words.probabilities(texts[n])
        semantic[row, columns] = meaning.probabilities(vectors[n])
    true = np.array([column[labels[n]] for n in left_out])
    combination = fit_combination(linear, semantic, true, column.get(OUT_OF_SCOPE))
    return Classifiers(train_linear(texts, labels), train_semantic(vectors, labels, encoder), combination)


async def load_or_train(
    models: Path, data: TrainingData, encoder: Encoder, progress: Progress = lambda done, total: None
) -> Classifiers:
    """The model of this data from disk; trained and kept there first when it is not."""
    folder = model_folder(models, data, encoder.name)
    async with making_async(folder):
        if not folder.is_dir():
            save(await train(data, encoder, progress), folder)
    return Classifiers(LinearClassifier.load(folder), SemanticClassifier.load(folder), Combination.load(folder))


def save(classifiers: Classifiers, folder: Path) -> None:
    """Write a model; it appears under its name whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".nlu-") as written:
        classifiers.linear.save(Path(written))
        classifiers.semantic.save(Path(written))
        classifiers.combination.save(Path(written))
        if folder.is_dir():
            shutil.rmtree(folder)
        shutil.copytree(written, folder.with_suffix(".new"), dirs_exist_ok=True)
    folder.with_suffix(".new").rename(folder)
