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

from bot.understanding.training_data import Example, kept_back, load_training_data
from evals.adapt.learning import SEED, Network, open_network
from evals.knowledge import NLU
from knowledge.encoders import adapter
from knowledge.encoders.e5 import DIMENSION

if TYPE_CHECKING:
    import torch

EPOCHS, BATCH = 8, 64
# The highest learning rates of factors and head, which one cycle reaches after a part of the steps and then leaves
# (Smith and Topin, "Super-Convergence", 2019).
RATE, HEAD_RATE, RISING = 1e-3, 5e-3, 0.1
# What the head multiplies unit vectors with, and what keeps it from being too sure.
SHARPNESS, SMOOTHING, DROPOUT = 8.0, 0.05, 0.1
# Batches that are drawn together and sorted by length, so that little is spent on padding.
POOL = 16


class Learner:
    """The network under training with a head over the intents of its examples."""

    def __init__(self, network: Network, examples: Sequence[Example]) -> None:
        import torch

        self._network = network
        self.intents = sorted({example.intent for example in examples})
        self.head = torch.nn.Linear(DIMENSION, len(self.intents))

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
        return self._network.vectors([f"query: {example.text}" for example in examples])


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

    network = await open_network(adapter.factors(adapter.DOCUMENTS), threads)
    examples = load_training_data(NLU).examples
    taught = [example for example in examples if not kept_back(example.text)]
    others = [example for example in examples if kept_back(example.text)]
    learner = Learner(network, examples)
    factors = network.parameters
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
        adapter.keep(adapter.INTENTS, network.factors)
        told = f"loss {np.mean(losses):.3f}, right of {len(others)} kept back {learner.right(others):.3f}"
        console.print(f"epoch {epoch + 1} of {epochs} after {time.monotonic() - started:.0f} s: {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="how often each example is seen")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    options = parser.parse_args()
    asyncio.run(train(Console(), options.epochs, options.threads))
