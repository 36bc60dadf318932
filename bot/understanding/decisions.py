"""Decisions between a few labels, learned from what people wrote: whether a reply is a yes, why something goes back.

Each has a file of examples in the form of the NLU data, with its labels in the place of intents, and both classifiers of
the intents: over words, and over the sentence encoder's vectors. What both say counts alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.once import making_async
from bot.ports import Encoder
from bot.understanding.linear import LinearClassifier, train_linear
from bot.understanding.semantic import SemanticClassifier, train_semantic
from bot.understanding.training_data import Example, load_training_data

# What the bot's own decisions are learned from.
DECISIONS = Path(__file__).parents[1] / "data" / "decisions"
# Raised whenever training changes what it produces from the same examples.
_BUILD = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """A trained decision."""

    linear: LinearClassifier
    semantic: SemanticClassifier

    async def probabilities(self, text: str, encoder: Encoder) -> dict[str, float]:
        """How probable each label is for a text. Raises Unavailable where the encoder does not answer."""
        [vector] = await encoder.encode_queries([text])
        both = (self.linear.probabilities(text) + self.semantic.probabilities(vector)) / 2
        return dict(zip(self.linear.intents, map(float, both), strict=True))

    def save(self, folder: Path) -> None:
        """Write it; it appears under its name whole or not at all."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".decision-") as written:
            self.linear.save(Path(written))
            self.semantic.save(Path(written))
            shutil.copytree(written, folder.with_suffix(".new"), dirs_exist_ok=True)
        folder.with_suffix(".new").replace(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        return cls(LinearClassifier.load(folder), SemanticClassifier.load(folder))


async def train_decision(examples: tuple[Example, ...], encoder: Encoder) -> Decision:
    """Fit on all examples; deterministic."""
    texts, labels = [example.text for example in examples], [example.intent for example in examples]
    vectors = await encoder.encode_queries(texts)
    return await asyncio.to_thread(
        lambda: Decision(train_linear(texts, labels), train_semantic(vectors, labels, encoder.name))
    )


async def load_or_train_decisions(models: Path, data: Path, encoder: Encoder) -> Mapping[str, Decision]:
    """The decisions of a folder of data, by the names of its files; trained and kept under `models` where they are not yet.

    Raises BadContent for a malformed file.
    """
    known = await asyncio.to_thread(lambda: {file.stem: load_training_data(file).examples for file in data.glob("*.yml")})
    return {name: await _load_or_train(models, examples, encoder) for name, examples in sorted(known.items())}


async def _load_or_train(models: Path, examples: tuple[Example, ...], encoder: Encoder) -> Decision:
    folder = models / f"decision-{_digest(examples, encoder.name)}"
    async with making_async(folder):
        if not folder.is_dir():
            (await train_decision(examples, encoder)).save(folder)
    return Decision.load(folder)


def _digest(examples: tuple[Example, ...], encoder: str) -> str:
    digest = hashlib.sha256(f"{_BUILD}\n{encoder}\n".encode())
    for example in examples:
        digest.update(f"{example.intent}\t{example.text}\n".encode())
    return digest.hexdigest()[:16]
