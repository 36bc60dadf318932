"""The fast classifier: a linear support vector machine on words and character n-grams, trained by scikit-learn.

Serving needs neither scikit-learn nor scipy: a text's n-grams are looked up, weighted by tf-idf, and the rows of the
coefficients that they name are added up. One text takes well under a millisecond.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from bot.text import normal, words

# Lengths of the character n-grams inside words.
_SHORTEST, _LONGEST = 1, 4
# Inverse regularisation, and what margins are multiplied with to become log-odds: chosen by five-fold cross-validation on
# the bot's own data, where the mean of these probabilities and the semantic classifier's is most often right.
_C = 1.0
_SHARPNESS = 3.0


def ngrams(text: str) -> list[str]:
    """What the classifier sees of a text: its words, pairs of words, and character n-grams within word boundaries."""
    plain = normal(text)
    tokens = words(plain)
    found = [f"w:{token}" for token in tokens]
    found += [f"p:{a} {b}" for a, b in pairwise(tokens)]
    for chunk in plain.split():
        padded = f" {chunk} "
        for n in range(_SHORTEST, _LONGEST + 1):
            found += [padded[i : i + n] for i in range(len(padded) - n + 1)]
    return found


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """A trained model: `vocabulary` numbers the n-grams, `idf` has their weights, `coefficients` a column an intent."""

    intents: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def probabilities(self, text: str) -> NDArray[np.float32]:
        """How probable each intent is, in the order of `intents`."""
        counts = Counter(number for ngram in ngrams(text) if (number := self.vocabulary.get(ngram)) is not None)
        if not counts:
            return np.full(len(self.intents), 1 / len(self.intents), dtype=np.float32)
        numbers = np.fromiter(counts, dtype=np.int64, count=len(counts))
        weights = np.fromiter((1 + math.log(n) for n in counts.values()), dtype=np.float32) * self.idf[numbers]
        unit = (weights / np.linalg.norm(weights)).astype(np.float32)
        return softmax((unit @ self.coefficients[numbers] + self.intercepts).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write the model into a folder that exists."""
        np.savez(folder / "linear.npz", idf=self.idf, coefficients=self.coefficients, intercepts=self.intercepts)
        names = {"intents": self.intents, "vocabulary": list(self.vocabulary)}
        (folder / "linear.json").write_bytes(orjson.dumps(names))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        names = orjson.loads((folder / "linear.json").read_bytes())
        with np.load(folder / "linear.npz") as arrays:
            return cls(
                tuple(names["intents"]),
                {ngram: number for number, ngram in enumerate(names["vocabulary"])},
                arrays["idf"],
                arrays["coefficients"],
                arrays["intercepts"],
            )


def train_linear(texts: Sequence[str], labels: Sequence[str]) -> LinearClassifier:
    """Fit on examples; deterministic."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, dtype=np.float32)
    features = vectorizer.fit_transform(texts)
    model = LinearSVC(C=_C, random_state=0).fit(features, labels)
    vocabulary = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    return LinearClassifier(
        intents=tuple(str(label) for label in model.classes_),
        vocabulary={ngram: number for number, ngram in enumerate(vocabulary)},
        idf=vectorizer.idf_.astype(np.float32),
        coefficients=_SHARPNESS * per_intent(model.coef_),
        intercepts=_SHARPNESS * per_intent(model.intercept_[:, None])[0],
    )


def per_intent(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rows of scikit-learn's linear models, one an intent, as columns. For two intents it has one row: the second's side."""
    both = np.concatenate([-rows, rows]) / 2 if len(rows) == 1 else rows
    return np.ascontiguousarray(both.T, dtype=np.float32)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities from logits, along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return result
