"""`python -m evals.adapt.intents [--epochs N]`: teach an upper half what is wanted; writes `knowledge/encoders/intents.npz`.

It learns from the bot's own examples (`bot/data/nlu`) to tell their intents apart by a linear head, which is thrown away:
the classifiers are fitted on its vectors. Examples that are kept back teach it nothing; on them it says how often it is
right.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from bot.settings import Settings
from bot.understanding.training_data import Example, kept_back, load_training_data
from evals.adapt.learning import SEED, factors_of, padded, with_factors
from evals.knowledge import NLU
from knowledge.encoders import adapter, load_encoder
from knowledge.encoders.e5 import E5Encoder
from knowledge.encoders.e5_image import carried_image
from knowledge.encoders.e5_network import halves

if TYPE_CHECKING:
    import torch

EPOCHS, BATCH, TOKENS = 8, 64, 96
# The highest learning rates of factors and head, which one cycle reaches after a part of the steps and then leaves
# (Smith and Topin, "Super-Convergence", 2019).
RATE, HEAD_RATE, RISING = 1e-3, 5e-3, 0.1
# What the head multiplies unit vectors with, and what keeps it from being too sure.
SHARPNESS, SMOOTHING, DROPOUT = 8.0, 0.05, 0.1
# Batches that are drawn together and sorted by length, so that little is spent on padding.
POOL = 16


class Learner:
    """An upper half with a head over the intents of its examples."""

    def __init__(self, network: tuple[Any, Any], encoder: E5Encoder, examples: Sequence[Example]) -> None:
        """`network` is the lower and the upper half; `encoder` gives the tokens."""
        import torch

        self._lower, self._upper = network
        self._encoder = encoder
        self._states: dict[str, torch.Tensor] = {}
        self.intents = sorted({example.intent for example in examples})
        self.head = torch.nn.Linear(encoder.dimension, len(self.intents))

    def loss(self, examples: Sequence[Example]) -> torch.Tensor:
        """The loss of one batch."""
        import torch

        said = torch.tensor([self.intents.index(example.intent) for example in examples])
        vectors = torch.nn.functional.dropout(self._encoded(examples), DROPOUT)
        return torch.nn.functional.cross_entropy(self.head(vectors * SHARPNESS), said, label_smoothing=SMOOTHING)

    def right(self, examples: Sequence[Example]) -> float:
        """The share of examples whose intent is told rightly."""
        import torch

        with torch.no_grad():
            told = [
                int(number)
                for start in range(0, len(examples), BATCH)
                for number in self.head(self._encoded(examples[start : start + BATCH]) * SHARPNESS).argmax(1)
            ]
        return float(np.mean([self.intents[n] == example.intent for n, example in zip(told, examples, strict=True)]))

    def _encoded(self, examples: Sequence[Example]) -> torch.Tensor:
        vectors: torch.Tensor = self._upper(*padded([self._below(f"query: {example.text}") for example in examples]))
        return vectors

    def _below(self, text: str) -> torch.Tensor:
        """What the lower half makes of a text, shape (tokens, hidden): it does not learn, so it is made once."""
        import torch

        if text not in self._states:
            ids = torch.tensor([self._encoder.ids([text])[0][:TOKENS]])
            with torch.no_grad():
                self._states[text] = self._lower(ids, torch.ones_like(ids))[0].half()
        return self._states[text]


def batches(examples: Sequence[Example], dice: np.random.Generator) -> Iterator[list[Example]]:
    """All examples once, in random batches of like lengths."""
    shuffled = [examples[n] for n in dice.permutation(len(examples))]
    pools = (shuffled[start : start + BATCH * POOL] for start in range(0, len(shuffled), BATCH * POOL))
    ordered = (sorted(pool, key=lambda example: len(example.text)) for pool in pools)
    found = [pool[start : start + BATCH] for pool in ordered for start in range(0, len(pool), BATCH)]
    for number in dice.permutation(len(found)):
        yield found[number]


async def train(console: Console, epochs: int, threads: int) -> None:
    """Train on from what answers questions, and keep the adapter."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(SEED)
    folder = Settings.load().knowledge.models / "multilingual-e5-small"
    await load_encoder(folder.name, folder.parent)
    lower, upper = halves(carried_image())
    changed = with_factors(upper, adapter.factors(adapter.DOCUMENTS))
    examples = load_training_data(NLU).examples
    taught = [example for example in examples if not kept_back(example.text)]
    others = [example for example in examples if kept_back(example.text)]
    learner = Learner((lower, upper), E5Encoder.open(folder), examples)
    factors = [parameter for parameter in upper.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [{"params": factors}, {"params": learner.head.parameters()}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * math.ceil(len(taught) / BATCH)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, [RATE, HEAD_RATE], total_steps=steps + epochs, pct_start=RISING)
    dice, started = np.random.default_rng(SEED), time.monotonic()
    for epoch in range(epochs):
        losses = []
        for batch in batches(taught, dice):
            loss = learner.loss(batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(factors, 1.0)
            optimiser.step()
            cycle.step()
            losses.append(float(loss.detach()))
        adapter.keep(adapter.INTENTS, factors_of(changed))
        told = f"loss {np.mean(losses):.3f}, right of {len(others)} kept back {learner.right(others):.3f}"
        console.print(f"epoch {epoch + 1} of {epochs} after {time.monotonic() - started:.0f} s: {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="how often each example is seen")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    options = parser.parse_args()
    asyncio.run(train(Console(), options.epochs, options.threads))
