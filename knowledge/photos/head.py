"""What a photo shows, of the classes that a shop has pictures of: probabilities that hold, and whether it is one at all.

A multinomial logistic regression on whitened features. Its temperature (Guo et al., "On calibration of modern neural
networks", ICML 2017) is fitted on pictures that were left out. How familiar a photo is joins the free energy of the
regression (Liu et al., "Energy-based out-of-distribution detection", NeurIPS 2020) and the likeness of the nearest pictures
(Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022); each alone misses what the other sees.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.photos.whitening import Floats, Whitening, fit_whitening

# Inverse strength of the regression's penalty. From 3 to 30 made less difference than chance does on the same photos.
STRENGTH = 10.0
STEPS = 200
PARTS = 3
NEAREST = 5
# So many of the photos that show something of the shop may be taken for something else.
MISSED = 0.05
TEMPERATURES = np.geomspace(0.25, 8.0, 51)


@dataclass(frozen=True, slots=True)
class Samples:
    """Views of pictures: `features`, shape (rows, n), and by row its class, the part that is left out together with it, and
    whether it is `judged` then."""

    features: Floats
    classes: NDArray[np.int64]
    parts: NDArray[np.int64]
    judged: NDArray[np.bool_]

    def only(self, rows: NDArray[np.bool_]) -> Samples:
        """Some of the rows."""
        return Samples(self.features[rows], self.classes[rows], self.parts[rows], self.judged[rows])


def samples(features: Sequence[Floats], classes: Sequence[int], apart: Sequence[bool] = ()) -> Samples:
    """Of pictures, each with its views, shape (views, n), the picture itself first, in the order in which they were taken.

    Neighbours are left out together, as they often are photos of one thing. A class with a single picture is never left out,
    only some of its views. Where pictures are set `apart`, because the encoder itself learned from the others, these are
    left out, once, and no others: what an encoder has learned looks surer than it is.
    """
    if any(apart):
        return _set_apart(features, classes, apart)
    counts, ranks = Counter(classes), defaultdict[int, int](int)
    parts, judged = [], []
    for views, named in zip(features, classes, strict=True):
        numbers = np.arange(len(views))
        alone = counts[named] == 1
        parts.append(numbers % PARTS if alone else np.full(len(views), ranks[named] * PARTS // counts[named]))
        judged.append((numbers == 0) | alone)
        ranks[named] += 1
    return Samples(np.concatenate(features), _each_view(classes, features), np.concatenate(parts), np.concatenate(judged))


def _set_apart(features: Sequence[Floats], classes: Sequence[int], apart: Sequence[bool]) -> Samples:
    own = np.concatenate([np.arange(len(views)) == 0 for views in features])
    left_out = _each_view(apart, features) > 0
    parts = np.where(left_out, 0, 1)
    return Samples(np.concatenate(features), _each_view(classes, features), parts, own & left_out)


def _each_view(told: Sequence[int], features: Sequence[Floats]) -> NDArray[np.int64]:
    """What is told of pictures, of each of their views."""
    return np.repeat(np.array(told, np.int64), [len(views) for views in features])


@dataclass(frozen=True, slots=True)
class Familiarity:
    """How energy and nearness are joined: by means and deviations on pictures that were left out. `least` is the sum of
    both, so measured, from which on a photo counts as one of the shop's things."""

    mean: Floats
    deviation: Floats
    least: float


@dataclass(frozen=True, slots=True)
class Head:
    """The regression on whitened features: `weights`, shape (classes, dimensions), `bias`, shape (classes,); `known` are
    the views it was learned from, whitened, shape (views, dimensions)."""

    whitening: Whitening
    weights: Floats
    bias: Floats
    known: Floats
    temperature: float
    familiarity: Familiarity

    def probabilities(self, features: Floats) -> Floats:
        """Of each class, calibrated, given that the photo shows one of them: shape (photos, classes)."""
        return softmax(self.logits(features) / self.temperature)

    def familiar(self, features: Floats) -> Floats:
        """How much photos are like what was learned, above 0 where enough to say what they show: shape (photos,)."""
        scores = (self.scores(features) - self.familiarity.mean) / self.familiarity.deviation
        above: Floats = scores.sum(1) - self.familiarity.least
        return above

    def logits(self, features: Floats) -> Floats:
        """Before temperature and softmax, shape (photos, classes)."""
        logits: Floats = self.whitening(features) @ self.weights.T + self.bias
        return logits

    def scores(self, features: Floats) -> Floats:
        """Energy and nearness, shape (photos, 2)."""
        energy = np.logaddexp.reduce(self.logits(features), axis=1)
        return np.stack([energy, _nearness(self.whitening(features), self.known)], axis=1).astype(np.float32)


def fit_head(taken: Samples) -> Head:
    """Learn from all samples of at least two classes; temperature and familiarity from those that are left out in turn.

    Raises ValueError for a single class.
    """
    logits, classes, scores = (np.concatenate(column) for column in zip(*_all_left_out(taken), strict=True))
    mean, deviation = scores.mean(0), np.maximum(scores.std(0), 1e-6)
    least = float(np.quantile(((scores - mean) / deviation).sum(1), MISSED))
    return replace(_fit(taken), temperature=_temperature(logits, classes), familiarity=Familiarity(mean, deviation, least))


def accuracy_left_out(taken: Samples) -> float:
    """How often the judged pictures are known by heads that have not learned from them."""
    return float(np.concatenate([logits.argmax(axis=1) == classes for logits, classes, _ in _all_left_out(taken)]).mean())


def _all_left_out(taken: Samples) -> list[tuple[Floats, NDArray[np.int64], Floats]]:
    return [_left_out(taken, part) for part in np.unique(taken.parts[taken.judged]).tolist()]


def _left_out(taken: Samples, part: int) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Logits, classes and scores of the judged rows of a part, by a head learned from all others."""
    learned = _fit(taken.only(taken.parts != part))
    tested = taken.only((taken.parts == part) & taken.judged)
    return learned.logits(tested.features), tested.classes, learned.scores(tested.features)


def _fit(taken: Samples) -> Head:
    from sklearn.linear_model import LogisticRegression

    whitening = fit_whitening(taken.features)
    rows = whitening(taken.features)
    model = LogisticRegression(C=STRENGTH, max_iter=STEPS).fit(rows, taken.classes)
    weights, bias = _of_all(model.classes_, model.coef_, model.intercept_)
    unscaled = Familiarity(np.zeros(2, np.float32), np.ones(2, np.float32), 0.0)
    return Head(whitening, weights, bias, rows, 1.0, unscaled)


def _of_all(found: NDArray[np.int64], weights: NDArray[np.float64], bias: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Weights and bias for each class; a regression of two classes has those of the second alone."""
    if len(found) == 2:
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return np.asarray(weights, np.float32), np.asarray(bias, np.float32)


def _temperature(logits: Floats, classes: NDArray[np.int64]) -> float:
    """The one under which what was left out is most probable."""
    rows = np.arange(len(classes))
    costs = [-np.log(softmax(logits / t)[rows, classes] + 1e-12).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(costs))])


def softmax(logits: Floats) -> Floats:
    """Rows that sum up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _nearness(whitened: Floats, known: Floats) -> Floats:
    """The mean cosine of the nearest known pictures, shape (photos,)."""
    likeness = whitened @ known.T
    nearest = min(NEAREST, known.shape[0])
    top: Floats = np.partition(likeness, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    return top
