"""Decisions between a few labels, learned from what people wrote: whether a reply is a yes, what it is to a question that
is open, why something goes back.

Each has a file of examples in the form of the NLU data, with its labels in the place of intents, and classifiers as the
intents have: one over words, and one over the vectors of each of the encoders given. What all of them say counts alike: the
encoder as it was made and its half that has learned intents err on different replies.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from bot.once import making_async
from bot.ports import Encoder
from bot.understanding.linear import LinearClassifier, train_linear
from bot.understanding.semantic import SemanticClassifier, train_semantic
from bot.understanding.training_data import Example, load_training_data

# What the bot's own decisions are learned from.
DECISIONS = Path(__file__).parents[1] / "data" / "decisions"
# Raised whenever training changes what it produces from the same examples.
_BUILD = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """A trained decision: a classifier over words, and one over the vectors of each encoder, in their order."""

    linear: LinearClassifier
    semantics: tuple[SemanticClassifier, ...]
    encoders: tuple[Encoder, ...]

    async def probabilities(self, text: str) -> dict[str, float]:
        """How probable each label is for a text. Raises Unavailable where an encoder does not answer."""
        votes = [self.linear.probabilities(text)]
        for semantic, encoder in zip(self.semantics, self.encoders, strict=True):
            [vector] = await encoder.encode_queries([text])
            votes.append(semantic.probabilities(vector))
        together = np.mean(votes, axis=0)
        return dict(zip(self.linear.intents, map(float, together), strict=True))

    def save(self, folder: Path) -> None:
        """Write it; it appears under its name whole or not at all."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".decision-") as written:
            self.linear.save(Path(written))
            for number, semantic in enumerate(self.semantics):
                (Path(written) / str(number)).mkdir()
                semantic.save(Path(written) / str(number))
            shutil.copytree(written, folder.with_suffix(".new"), dirs_exist_ok=True)
        folder.with_suffix(".new").replace(folder)

    @classmethod
    def load(cls, folder: Path, encoders: Sequence[Encoder]) -> Self:
        """Read what `save` wrote, for the same encoders."""
        semantics = tuple(SemanticClassifier.load(folder / str(number)) for number in range(len(encoders)))
        return cls(LinearClassifier.load(folder), semantics, tuple(encoders))


async def train_decision(examples: tuple[Example, ...], encoders: Sequence[Encoder]) -> Decision:
    """Fit on all examples; deterministic."""
    texts, labels = [example.text for example in examples], [example.intent for example in examples]
    vectors = [await encoder.encode_queries(texts) for encoder in encoders]

    def fit() -> Decision:
        semantics = (train_semantic(made, labels, one.name) for made, one in zip(vectors, encoders, strict=True))
        return Decision(train_linear(texts, labels), tuple(semantics), tuple(encoders))

    return await asyncio.to_thread(fit)


async def load_or_train_decisions(models: Path, data: Path, encoders: Sequence[Encoder]) -> Mapping[str, Decision]:
    """The decisions of a folder of data, by the names of its files; trained and kept under `models` where they are not yet.

    An encoder that is given twice has one vote. Raises BadContent for a malformed file.
    """
    voting = list({encoder.name: encoder for encoder in encoders}.values())
    known = await asyncio.to_thread(lambda: {file.stem: load_training_data(file).examples for file in data.glob("*.yml")})
    return {name: await _load_or_train(models, examples, voting) for name, examples in sorted(known.items())}


async def _load_or_train(models: Path, examples: tuple[Example, ...], encoders: Sequence[Encoder]) -> Decision:
    folder = models / f"decision-{_digest(examples, encoders)}"
    async with making_async(folder):
        if not folder.is_dir():
            (await train_decision(examples, encoders)).save(folder)
    return Decision.load(folder, encoders)


def _digest(examples: tuple[Example, ...], encoders: Sequence[Encoder]) -> str:
    digest = hashlib.sha256("\n".join([str(_BUILD), *(encoder.name for encoder in encoders), ""]).encode())
    for example in examples:
        digest.update(f"{example.intent}\t{example.text}\n".encode())
    return digest.hexdigest()[:16]
