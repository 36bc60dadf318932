"""The second classifier: logistic regression on the sentence encoder's vectors, for what is said in other words.

e5's vectors all lie close together, so their mean is taken off before they are compared (see the encoder's notes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from bot.understanding.linear import per_intent, softmax

# Inverse regularisation for unit vectors: chosen by five-fold cross-validation on the bot's own data.
_C = 100.0


@dataclass(frozen=True, slots=True)
class SemanticClassifier:
    """A trained head over vectors of the encoder named `encoder`."""

    intents: tuple[str, ...]
    encoder: str
    mean: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def probabilities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """How probable each intent is, in the order of `intents`, for one vector of shape (dimension,)."""
        return softmax(centred(vector[None, :], self.mean)[0] @ self.coefficients + self.intercepts)

    def save(self, folder: Path) -> None:
        """Write the model into a folder that exists."""
        arrays = {"mean": self.mean, "coefficients": self.coefficients, "intercepts": self.intercepts}
        np.savez(folder / "semantic.npz", **arrays)  # type: ignore[arg-type]
        (folder / "semantic.json").write_bytes(orjson.dumps({"intents": self.intents, "encoder": self.encoder}))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        names = orjson.loads((folder / "semantic.json").read_bytes())
        with np.load(folder / "semantic.npz") as arrays:
            return cls(
                tuple(names["intents"]), names["encoder"], arrays["mean"], arrays["coefficients"], arrays["intercepts"]
            )


def train_semantic(vectors: NDArray[np.float32], labels: Sequence[str], encoder: str) -> SemanticClassifier:
    """Fit on vectors of shape (examples, dimension); deterministic."""
    from sklearn.linear_model import LogisticRegression

    mean = vectors.mean(axis=0)
    model = LogisticRegression(C=_C, max_iter=500, class_weight="balanced").fit(centred(vectors, mean), labels)
    return SemanticClassifier(
        intents=tuple(str(label) for label in model.classes_),
        encoder=encoder,
        mean=mean.astype(np.float32),
        coefficients=per_intent(model.coef_),
        intercepts=per_intent(model.intercept_[:, None])[0],
    )


def centred(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors without what they all have in common, at unit length."""
    moved = vectors - mean
    result: NDArray[np.float32] = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return result
