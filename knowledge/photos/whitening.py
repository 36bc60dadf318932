"""Features moved and scaled so that what all pictures of a shop share says nothing, and what tells them apart does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DIMENSIONS = 256
# Of full whitening, which divides by the deviation, so much: with all of it the weak directions are noise of few pictures.
# Chosen by how often the icons of the grocery set are found (`python -m evals.run photos`), on its validation photos.
POWER = 0.25
# Directions with less of the strongest one's variance than this are rounding.
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Whitening:
    """A mean, shape (features,), and directions, shape (features, dimensions)."""

    mean: Floats
    directions: Floats

    def __call__(self, features: Floats) -> Floats:
        """Rows of unit length, shape (..., dimensions); a zero row where a picture is like the mean of all."""
        return unit((features - self.mean) @ self.directions)


def unit(rows: NDArray[np.float32] | NDArray[np.float64]) -> Floats:
    """Rows of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def fit_whitening(features: Floats) -> Whitening:
    """Principal directions of `features`, shape (pictures, features), each divided by its deviation to the power POWER."""
    mean = features.mean(0)
    centred = (features - mean).astype(np.float64)
    variances, directions = np.linalg.eigh(centred.T @ centred / len(features))
    order = np.argsort(variances)[::-1][:DIMENSIONS]
    order = order[variances[order] > _LEAST * max(variances[order[0]], 1e-12)]
    scaled = directions[:, order] * variances[order] ** (-POWER / 2)
    return Whitening(mean.astype(np.float32), scaled.astype(np.float32))
