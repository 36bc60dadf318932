"""Teaches the encoder to tell kinds of texts apart by a linear head, which is thrown away: the vectors are what stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from evals.adapt.learning import Network
from knowledge.encoders.e5 import DIMENSION

if TYPE_CHECKING:
    import torch

BATCH = 64
# The highest learning rates of factors and head.
RATE, HEAD_RATE = 1e-3, 5e-3
# What the head multiplies unit vectors with, and what keeps it from being too sure.
SHARPNESS, SMOOTHING, DROPOUT = 8.0, 0.05, 0.1
# Batches that are drawn together and sorted by length, so that little is spent on padding.
POOL = 16

Text = TypeVar("Text")
# A text and its kind.
Labelled = tuple[str, str]


class KindLearner:
    """The network under training with a head over some kinds."""

    def __init__(self, network: Network, kinds: Sequence[str]) -> None:
        import torch

        self._network, self._kinds = network, list(kinds)
        self.head = torch.nn.Linear(DIMENSION, len(self._kinds))

    def loss(self, batch: Sequence[Labelled]) -> torch.Tensor:
        """The loss of one batch."""
        import torch

        said = torch.tensor([self._kinds.index(kind) for _, kind in batch])
        vectors = torch.nn.functional.dropout(self._encoded(batch), DROPOUT)
        return torch.nn.functional.cross_entropy(self.head(vectors * SHARPNESS), said, label_smoothing=SMOOTHING)

    def right(self, labelled: Sequence[Labelled]) -> float:
        """The share of texts whose kind is told rightly."""
        import torch

        with torch.no_grad():
            told = [
                self._kinds[int(number)]
                for start in range(0, len(labelled), BATCH)
                for number in self.head(self._encoded(labelled[start : start + BATCH]) * SHARPNESS).argmax(1)
            ]
        return float(np.mean([guess == kind for guess, (_, kind) in zip(told, labelled, strict=True)]))

    def _encoded(self, labelled: Sequence[Labelled]) -> torch.Tensor:
        return self._network.vectors([f"query: {text}" for text, _ in labelled])


def of_like_lengths(pool: Sequence[Text], length: Callable[[Text], int]) -> Iterator[list[Text]]:
    """A pool in batches of like lengths."""
    ordered = sorted(pool, key=length)
    yield from (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
