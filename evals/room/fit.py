"""Make the weights of the room's gate: `python -m evals.room.fit` writes channels/live/gate.npz.

Learned from the comments of training.jsonl and tuning.jsonl, the understanding's examples and public comments; test.jsonl
and the marked comments on videos are not looked at. Before, every fifth of the tuning comments is judged by what was learned
without it: from that the threshold is chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.sparse import csr_matrix, hstack

from bot.ports import Encoder
from channels.live.gate import SLOTS, WEIGHTS, Said, Weights, characters, folded
from evals.room.comments import Labelled, intents, learned, public
from knowledge.encoders import for_comments, load_encoder

ENCODER: Final = "multilingual-e5-small"
DIMENSION: Final = 384
# How much an example counts, by its source: what was written for rooms most.
COUNTS: Final = {"training": 3.0, "tuning": 3.0, "nlu": 0.3}
PUBLIC: Final = 0.15
# The sentence vector against the characters, and how little the weights are held back.
SCALE: Final = 5.0
C: Final = 1.0
FOLDS: Final = 5
BATCH: Final = 512


async def main() -> None:
    """Fit, say what the thresholds would give, write."""
    console = Console()
    encoder = for_comments(await load_encoder(ENCODER, Path("var/models")))
    data = [*learned(), *intents(), *public()]
    vectors = await vectors_of(encoder, data)
    sheet = characters_of(data)
    said = np.array([comment.said for comment in data])
    counts = np.array([COUNTS.get(comment.source, PUBLIC) for comment in data])
    tuning = np.array([comment.source == "tuning" for comment in data])
    fold = np.where(tuning, np.arange(len(data)) % FOLDS, -1)
    chances = np.zeros(len(data))
    for number in range(FOLDS):
        rest, held = fold != number, fold == number
        model = _fitted(_features(sheet[rest], vectors[rest]), said[rest], counts[rest])
        chances[held] = _for_shop(model, _features(sheet[held], vectors[held]))
    to_shop = np.isin(said, [Said.SHOP, Said.PRIVATE])
    for threshold in np.arange(0.1, 0.75, 0.05):
        passed = chances >= threshold
        answered, chatter = passed[tuning & to_shop].mean(), passed[tuning & ~to_shop].mean()
        console.print(f"from {threshold:.2f} on: {answered:.1%} of what is said to the shop, {chatter:.1%} of the rest")
    full, alone = _fitted(_features(sheet, vectors), said, counts), _fitted(sheet, said, counts)
    weights = Weights(
        tuple(Said(label) for label in full.classes_),
        full.coef_[:, DIMENSION:].T,
        full.coef_[:, :DIMENSION].T * SCALE,
        full.intercept_,
        alone.coef_.T,
        alone.intercept_,
        ENCODER,
    )
    weights.write(WEIGHTS)
    console.print(f"{WEIGHTS}: {WEIGHTS.stat().st_size // 1024} kB from {len(data)} comments")


async def vectors_of(encoder: Encoder, comments: Sequence[Labelled]) -> NDArray[np.float32]:
    """The sentence vectors, n x 384."""
    texts = [folded(comment.text) for comment in comments]
    batches = [await encoder.encode_queries(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    return np.concatenate(batches)


def characters_of(comments: Sequence[Labelled]) -> csr_matrix:
    """The hashed character n-grams, n x SLOTS."""
    rows = [characters(folded(comment.text)) for comment in comments]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([places for places, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, places, ends), shape=(len(rows), SLOTS))


def _features(sheet: csr_matrix, vectors: NDArray[np.float32]) -> csr_matrix:
    return hstack([csr_matrix(vectors * SCALE), sheet]).tocsr()


def _fitted(features: csr_matrix, said: NDArray[Any], counts: NDArray[Any]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=C, max_iter=1000, tol=1e-3).fit(features, said, sample_weight=counts)


def _for_shop(model: Any, features: csr_matrix) -> NDArray[np.float64]:
    columns = np.isin(model.classes_, [Said.SHOP, Said.PRIVATE])
    chances: NDArray[np.float64] = model.predict_proba(features)[:, columns].sum(1)
    return chances


if __name__ == "__main__":
    asyncio.run(main())
