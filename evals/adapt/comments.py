"""`python -m evals.adapt.comments [--minutes N]`: teach an upper half to whom viewers of a live room speak.

It learns from the training comments of `evals.room`, the understanding's examples and public comments, in parts, to tell
their kinds apart by a linear head, which is thrown away: the room's gate is fitted on its vectors (`evals.room.fit`). The
tuning comments teach it nothing; on them it says how often a kind is told rightly. Writes `knowledge/encoders/comments.npz`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from channels.live.gate import Said, folded
from evals.adapt.intents import BATCH, DROPOUT, HEAD_RATE, POOL, RATE, SHARPNESS, SMOOTHING
from evals.adapt.learning import SEED, Network, open_network
from evals.room.comments import Labelled, intents, learned, public
from knowledge.encoders import adapter
from knowledge.encoders.e5 import DIMENSION

if TYPE_CHECKING:
    import torch

MINUTES, WARM_UP, LAST = 14.0, 0.05, 0.05
# Parts of what is drawn: comments that were written for rooms, the understanding's examples, and public comments.
PARTS = (0.5, 0.2, 0.3)
# Of a comment so many characters are read.
READ = 60


class Learner:
    """The network under training with a head over the kinds of comments."""

    def __init__(self, network: Network) -> None:
        import torch

        self._network = network
        self._kinds = list(Said)
        self.head = torch.nn.Linear(DIMENSION, len(self._kinds))

    def loss(self, comments: Sequence[Labelled]) -> torch.Tensor:
        """The loss of one batch."""
        import torch

        said = torch.tensor([self._kinds.index(comment.said) for comment in comments])
        vectors = torch.nn.functional.dropout(self._encoded(comments), DROPOUT)
        return torch.nn.functional.cross_entropy(self.head(vectors * SHARPNESS), said, label_smoothing=SMOOTHING)

    def right(self, comments: Sequence[Labelled]) -> float:
        """The share of comments whose kind is told rightly."""
        import torch

        with torch.no_grad():
            told = [
                self._kinds[int(number)]
                for start in range(0, len(comments), BATCH)
                for number in self.head(self._encoded(comments[start : start + BATCH]) * SHARPNESS).argmax(1)
            ]
        return float(np.mean([kind is comment.said for kind, comment in zip(told, comments, strict=True)]))

    def _encoded(self, comments: Sequence[Labelled]) -> torch.Tensor:
        return self._network.vectors([f"query: {folded(comment.text)[:READ]}" for comment in comments])


def batches(sources: Sequence[Sequence[Labelled]], dice: np.random.Generator) -> Iterator[list[Labelled]]:
    """Batches for ever, of like lengths, drawn from the sources by PARTS."""
    while True:
        drawn = [
            source[n]
            for source, part in zip(sources, PARTS, strict=True)
            for n in dice.integers(0, len(source), int(BATCH * POOL * part))
        ]
        drawn.sort(key=lambda comment: len(comment.text))
        found = [drawn[start : start + BATCH] for start in range(0, len(drawn), BATCH)]
        for number in dice.permutation(len(found)):
            yield found[number]


def rate(done: float) -> float:
    """The part of the learning rates after a part of the training: it rises at first, then falls."""
    return min(1.0, done / WARM_UP) * (1 - max(0.0, done - WARM_UP) / (1 - WARM_UP) * (1 - LAST))


async def train(console: Console, minutes: float, threads: int) -> None:
    """Train for so many minutes from the encoder as it is carried, and keep the adapter."""
    import torch

    network = await open_network({}, threads)
    learner = Learner(network)
    written = learned()
    sources = [[one for one in written if one.source == "training"], intents(), public()]
    others = [one for one in written if one.source == "tuning"]
    rates = (RATE, HEAD_RATE)
    groups: list[dict[str, Any]] = [{"params": network.parameters}, {"params": learner.head.parameters()}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    drawn = batches(sources, np.random.default_rng(SEED))
    started, losses = time.monotonic(), list[float]()
    while (done := (time.monotonic() - started) / 60 / minutes) < 1:
        for group, highest in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = highest * rate(done)
        loss = learner.loss(next(drawn))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters, 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if len(losses) % 50 == 0:
            told = f"loss {np.mean(losses[-50:]):.3f}, right of {len(others)} kept back {learner.right(others):.3f}"
            console.print(f"{len(losses)} batches, {done:.0%}: {told}")
            adapter.keep(adapter.COMMENTS, network.factors)
    adapter.keep(adapter.COMMENTS, network.factors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long to train")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    options = parser.parse_args()
    asyncio.run(train(Console(), options.minutes, options.threads))
