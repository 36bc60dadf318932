"""The trained classifiers as one bundle on disk, named by what they were trained on."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.ports import Encoder
from bot.understanding.linear import LinearClassifier, train_linear
from bot.understanding.semantic import SemanticClassifier, train_semantic
from bot.understanding.training_data import TrainingData

# Raised whenever training changes what it produces from the same data.
_BUILD = 1
# Texts encoded between two reports of progress.
_BATCH = 256

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Both classifiers; their intents are in the same order."""

    linear: LinearClassifier
    semantic: SemanticClassifier

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that probabilities are given for."""
        return self.linear.intents


def model_folder(models: Path, data: TrainingData, encoder: str) -> Path:
    """Where the model of this data and encoder is kept."""
    digest = hashlib.sha256(f"{_BUILD}\n{encoder}\n".encode())
    for example in data.examples:
        digest.update(f"{example.intent}\t{example.text}\n".encode())
    return models / f"nlu-{digest.hexdigest()[:16]}"


async def train(data: TrainingData, encoder: Encoder, progress: Progress = lambda done, total: None) -> Classifiers:
    """Fit both classifiers; takes as long as encoding the examples. `progress` is told how many are encoded."""
    import numpy as np

    texts = [example.text for example in data.examples]
    labels = [example.intent for example in data.examples]
    batches = []
    for start in range(0, len(texts), _BATCH):
        batches.append(await encoder.encode_queries(texts[start : start + _BATCH]))
        progress(min(start + _BATCH, len(texts)), len(texts))
    linear = await asyncio.to_thread(train_linear, texts, labels)
    semantic = await asyncio.to_thread(train_semantic, np.concatenate(batches), labels, encoder.name)
    return Classifiers(linear, semantic)


async def load_or_train(
    models: Path, data: TrainingData, encoder: Encoder, progress: Progress = lambda done, total: None
) -> Classifiers:
    """The model of this data from disk; trained and kept there first when it is not."""
    folder = model_folder(models, data, encoder.name)
    if not folder.is_dir():
        save(await train(data, encoder, progress), folder)
    return Classifiers(LinearClassifier.load(folder), SemanticClassifier.load(folder))


def save(classifiers: Classifiers, folder: Path) -> None:
    """Write a model; it appears under its name whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".nlu-") as written:
        classifiers.linear.save(Path(written))
        classifiers.semantic.save(Path(written))
        if folder.is_dir():
            shutil.rmtree(folder)
        shutil.copytree(written, folder.with_suffix(".new"), dirs_exist_ok=True)
    folder.with_suffix(".new").rename(folder)
