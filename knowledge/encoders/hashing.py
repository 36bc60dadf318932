"""A sentence encoder without a model: words and character pairs hashed into a vector. For tests and first trials.

It knows spelling, not meaning ("refund" and "money back" have nothing in common), but needs no files and no time. The
method is feature hashing with signs (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.text import words

DIMENSION = 256


class HashingEncoder:
    """`Encoder` by feature hashing."""

    name = "hashing-1"
    dimension = DIMENSION

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for questions."""
        return np.array([_vector(text) for text in texts], np.float32).reshape(len(texts), DIMENSION)

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for passages: made as for questions."""
        return await self.encode_queries(texts)


def _vector(text: str) -> NDArray[np.float32]:
    vector = np.zeros(DIMENSION, np.float32)
    found = words(text)
    pairs = [word[n : n + 2] for word in found for n in range(len(word) - 1)]
    for feature in found + pairs:
        code = zlib.crc32(feature.encode())
        vector[code % DIMENSION] += 1.0 if code & 0x8000_0000 else -1.0
    length = float(np.linalg.norm(vector))
    if length == 0.0:
        vector[0] = length = 1.0  # an empty text still has a direction, so that cosines are defined
    return vector / length
