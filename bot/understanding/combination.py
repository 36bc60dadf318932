"""How sure the classifiers really are: probabilities calibrated, mixed, and the thresholds that follow from them.

Fitted on development examples, which the classifiers were not trained on: each stage's temperature by the likelihood of the
true intents (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017), then the weight of the mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

# What sharpens a stage's probabilities (1: as they are), and the linear stage's share of the mixture: what is tried.
_SHARPNESSES = np.geomspace(0.2, 5.0, 60)
_WEIGHTS = np.linspace(0.0, 1.0, 21)
# The share of right decisions that each threshold keeps on the development examples.
RIGHT_ALONE, RIGHT, RIGHT_FLOW, RIGHT_OUT_OF_SCOPE = 0.98, 0.88, 0.9, 0.9
_FLOOR = 1e-9


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The confidence from which a decision counts. `linear`: the linear classifier decides alone; then by what is set off:
    an `answer`, a `flow` (business), an `out_of_scope` (turning somebody away).
    """

    linear: float
    answer: float
    flow: float
    out_of_scope: float


@dataclass(frozen=True, slots=True)
class Combination:
    """Both stages' sharpness, the weight of the linear one in the mixture, the mixture's sharpness, and the thresholds."""

    linear: float
    semantic: float
    weight: float
    mixed: float
    thresholds: Thresholds

    def alone(self, linear: NDArray[np.float32]) -> NDArray[np.float32]:
        """The linear classifier's probabilities, calibrated, along the last axis."""
        return sharpened(linear, self.linear)

    def together(self, linear: NDArray[np.float32], semantic: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probabilities by both classifiers, calibrated, along the last axis."""
        mixture = self.weight * self.alone(linear) + (1 - self.weight) * sharpened(semantic, self.semantic)
        return sharpened(mixture, self.mixed)

    def save(self, folder: Path) -> None:
        """Write the numbers into a folder that exists."""
        (folder / "combination.json").write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        values = orjson.loads((folder / "combination.json").read_bytes())
        return cls(**{**values, "thresholds": Thresholds(**values["thresholds"])})


def fit_combination(
    linear: NDArray[np.float32], semantic: NDArray[np.float32], true: NDArray[np.int64], out_of_scope: int | None
) -> Combination:
    """Fit on development examples: both stages' probabilities of shape (examples, intents) and the true columns.

    `out_of_scope` is the column of the intent of that name, where there is one.
    """
    alone = _best(lambda s: sharpened(linear, s), _SHARPNESSES, true)
    other = _best(lambda s: sharpened(semantic, s), _SHARPNESSES, true)
    stages = sharpened(linear, alone), sharpened(semantic, other)
    weight = _best(lambda w: w * stages[0] + (1 - w) * stages[1], _WEIGHTS, true)
    mixture = weight * stages[0] + (1 - weight) * stages[1]
    mixed = _best(lambda s: sharpened(mixture, s), _SHARPNESSES, true)
    final = sharpened(mixture, mixed)
    right, sure = final.argmax(1) == true, final.max(1)
    outside = final.argmax(1) == out_of_scope if out_of_scope is not None else np.zeros(len(true), bool)
    thresholds = Thresholds(
        linear=least(stages[0].max(1), stages[0].argmax(1) == true, RIGHT_ALONE),
        answer=least(sure, right, RIGHT),
        flow=least(sure, right, RIGHT_FLOW),
        out_of_scope=least(sure[outside], right[outside], RIGHT_OUT_OF_SCOPE),
    )
    return Combination(alone, other, weight, mixed, thresholds)


def sharpened(probabilities: NDArray[np.float32], sharpness: float) -> NDArray[np.float32]:
    """Probabilities raised to a power and normalised again, along the last axis."""
    raised = np.maximum(probabilities, _FLOOR) ** np.float32(sharpness)
    result: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return result


def least(confidence: NDArray[np.float32], right: NDArray[np.bool_], share: float) -> float:
    """The least confidence from which at least `share` of the decisions are right; 1 where there is none."""
    order = np.argsort(-confidence, kind="stable")
    kept = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(kept >= share)
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def _best(make: Callable[[float], NDArray[np.float32]], candidates: NDArray[np.float64], true: NDArray[np.int64]) -> float:
    """The candidate whose probabilities make the true intents most likely."""
    rows = np.arange(len(true))
    losses = [-np.log(np.maximum(make(float(c))[rows, true], _FLOOR)).mean() for c in candidates]
    return float(candidates[int(np.argmin(losses))])
