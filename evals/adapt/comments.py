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
from typing import Any

import numpy as np
from rich.console import Console

from channels.live.gate import Said, folded
from evals.adapt.kinds import BATCH, HEAD_RATE, POOL, RATE, KindLearner, Labelled, of_like_lengths
from evals.adapt.learning import SEED, open_network, risen
from evals.room.comments import Labelled as Comment
from evals.room.comments import intents, learned, public
from knowledge.encoders import adapter

MINUTES = 14.0
# Parts of what is drawn: comments that were written for rooms, the understanding's examples, and public comments.
PARTS = (0.5, 0.2, 0.3)
# Of a comment so many characters are read.
READ = 60


def labelled(comments: Sequence[Comment]) -> list[Labelled]:
    """Comments as the gate reads them, with what they are."""
    return [(folded(comment.text)[:READ], comment.said) for comment in comments]


def batches(sources: Sequence[Sequence[Comment]], dice: np.random.Generator) -> Iterator[list[Comment]]:
    """Batches for ever, of like lengths, drawn from the sources by PARTS."""
    while True:
        drawn = [
            source[n]
            for source, part in zip(sources, PARTS, strict=True)
            for n in dice.integers(0, len(source), int(BATCH * POOL * part))
        ]
        found = list(of_like_lengths(drawn, lambda comment: len(comment.text)))
        for number in dice.permutation(len(found)):
            yield found[number]


async def train(console: Console, minutes: float, threads: int) -> None:
    """Train for so many minutes from the encoder as it is carried, and keep the adapter."""
    import torch

    network = await open_network({}, threads)
    learner = KindLearner(network, list(Said))
    written = learned()
    sources = [[one for one in written if one.source == "training"], intents(), public()]
    others = labelled([one for one in written if one.source == "tuning"])
    rates = (RATE, HEAD_RATE)
    groups: list[dict[str, Any]] = [{"params": network.parameters}, {"params": learner.head.parameters()}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    drawn = batches(sources, np.random.default_rng(SEED))
    started, losses = time.monotonic(), list[float]()
    while (done := (time.monotonic() - started) / 60 / minutes) < 1:
        for group, highest in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = highest * risen(done)
        loss = learner.loss(labelled(next(drawn)))
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
