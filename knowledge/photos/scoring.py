"""How well a model knows labelled photos: accuracy, calibration, rejection of what it should not know, and confusions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.photos.head import Head
from knowledge.photos.whitening import Floats

BINS = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """Parts of 1; `coarse` is None where classes are in no larger ones, `rejection`, an area under the ROC curve, where no
    photo shows something else. `confusions`: (shown, taken for, times), most often first."""

    photos: int
    unknown: int
    accuracy: float
    coarse: float | None
    calibration_error: float
    rejection: float | None
    confusions: tuple[tuple[str, str, int], ...]


def score(
    head: Head, classes: Sequence[str], features: Floats, shown: Sequence[str], unknown: Floats, *, larger: Mapping[str, str]
) -> Scores:
    """Of photos with `features`, shape (photos, n), that show the classes `shown`; `unknown`, shape (others, n), show none.

    `larger` is which larger class each class is in, or itself.
    """
    probabilities = head.probabilities(features)
    taken = [classes[number] for number in probabilities.argmax(axis=1)]
    right = np.array([one == other for one, other in zip(shown, taken, strict=True)])
    confused = Counter((one, other) for one, other in zip(shown, taken, strict=True) if one != other)
    return Scores(
        len(shown),
        len(unknown),
        float(right.mean()),
        _coarse_accuracy(shown, taken, larger),
        calibration_error(probabilities.max(axis=1), right),
        area(head.familiar(features), head.familiar(unknown)) if len(unknown) else None,
        tuple((*pair, times) for pair, times in confused.most_common()),
    )


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """How far confidence is from accuracy on average, in BINS bins of as many photos each."""
    order = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(confidence)))
    return float(sum(len(part) * abs(confidence[part].mean() - right[part].mean()) for part in order) / len(confidence))


def area(known: Floats, unknown: Floats) -> float:
    """How often what is known scores higher than what is not: the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    told = np.concatenate([np.ones(len(known)), np.zeros(len(unknown))])
    return float(roc_auc_score(told, np.concatenate([known, unknown])))


def _coarse_accuracy(shown: Sequence[str], taken: Sequence[str], larger: Mapping[str, str]) -> float | None:
    if all(larger[named] == named for named in shown):
        return None
    return float(np.mean([larger[one] == larger[other] for one, other in zip(shown, taken, strict=True)]))
