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
from typing import Any

import numpy as np
from rich.console import Console

from bot.understanding.training_data import kept_back, load_training_data
from evals.adapt.kinds import BATCH, HEAD_RATE, POOL, RATE, KindLearner, Labelled, of_like_lengths
from evals.adapt.learning import SEED, open_network
from evals.knowledge import NLU
from knowledge.encoders import adapter

EPOCHS = 8
# One cycle reaches the highest learning rates after this part of the steps and then leaves them (Smith and Topin,
# "Super-Convergence", 2019).
RISING = 0.1


def batches(labelled: Sequence[Labelled], dice: np.random.Generator) -> Iterator[list[Labelled]]:
    """All texts once, in random batches of like lengths."""
    shuffled = [labelled[n] for n in dice.permutation(len(labelled))]
    pools = (shuffled[start : start + BATCH * POOL] for start in range(0, len(shuffled), BATCH * POOL))
    found = [batch for pool in pools for batch in of_like_lengths(pool, lambda one: len(one[0]))]
    for number in dice.permutation(len(found)):
        yield found[number]


async def train(console: Console, epochs: int, threads: int) -> None:
    """Train on from what answers questions, and keep the adapter."""
    import torch

    network = await open_network(adapter.factors(adapter.DOCUMENTS), threads)
    labelled = [(example.text, example.intent) for example in load_training_data(NLU).examples]
    taught = [one for one in labelled if not kept_back(one[0])]
    others = [one for one in labelled if kept_back(one[0])]
    learner = KindLearner(network, sorted({intent for _, intent in labelled}))
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
