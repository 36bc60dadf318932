"""Two encoders as one: their vectors side by side."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.ports import Encoder


class JoinedEncoder:
    """`Encoder` whose vectors, of unit length, hold those of two others: each sees what the other does not."""

    def __init__(self, first: Encoder, second: Encoder) -> None:
        """Both encode the same texts."""
        self.name = f"{first.name}+{second.name}"
        self.dimension = first.dimension + second.dimension
        self._both = (first, second)

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for questions, of shape (texts, dimension)."""
        return _beside(await asyncio.gather(*(encoder.encode_queries(texts) for encoder in self._both)))

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for passages, of shape (texts, dimension)."""
        return _beside(await asyncio.gather(*(encoder.encode_passages(texts) for encoder in self._both)))


def _beside(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    joined: NDArray[np.float32] = np.concatenate(vectors, axis=1) / np.float32(math.sqrt(len(vectors)))
    return joined
