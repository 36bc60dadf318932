"""`python -m evals.adapt [--minutes N] [--anew]`: train, and write `knowledge/encoders/adapter.npz`. See the package."""

from __future__ import annotations

import argparse
import asyncio
import time

import numpy as np
from rich.console import Console

from evals.adapt.learning import Learner, open_network, risen
from evals.adapt.lists import demo, practice
from evals.adapt.pairs import sources
from evals.adapt.teacher import english, teach
from knowledge.encoders import adapter

MINUTES, RATE = 60.0, 1e-3


async def train(console: Console, minutes: float, *, anew: bool, threads: int) -> None:
    """Train for so many minutes, and keep the adapter: on from what it has learned, or `anew`."""
    import torch

    network = await open_network({} if anew else adapter.factors(adapter.DOCUMENTS), threads)
    choices = [*practice(), *await demo()]
    console.print(
        f"{len(choices)} choices with {sum(len(choice.asked) for choice in choices)} questions; asking the teacher"
    )
    taught = teach(english(text for choice in choices for text in choice.texts))
    learner = Learner(network, choices, sources(), taught)
    parameters = network.parameters
    optimiser = torch.optim.AdamW([{"params": parameters}, {"params": [learner.nothing]}], weight_decay=0.01)
    started, losses = time.monotonic(), list[float]()
    while (done := (time.monotonic() - started) / 60 / minutes) < 1:
        for group in optimiser.param_groups:
            group["lr"] = RATE * risen(done)
        loss = learner.loss()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if len(losses) % 20 == 0:
            told = (
                f"{len(losses)} batches, {done:.0%}, loss {np.mean(losses[-100:]):.3f}, nothing {float(learner.nothing):.3f}"
            )
            console.print(told)
        if len(losses) % 200 == 0:
            adapter.keep(adapter.DOCUMENTS, network.factors)
    adapter.keep(adapter.DOCUMENTS, network.factors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long to train")
    parser.add_argument("--anew", action="store_true", help="forget what the adapter that is carried has learned")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    options = parser.parse_args()
    asyncio.run(train(Console(), options.minutes, anew=options.anew, threads=options.threads))
