"""How sure it is that what was found answers the question: logistic regression on few features.

The weights are fitted on the development half of our question set (`python -m evals.knowledge --fit`) and kept in
`confidence.json`, a row an encoder: cosines of one encoder say nothing about another's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import orjson

from knowledge.search import Hit

FEATURES = ("coverage", "cosine", "margin", "agreement")
WEIGHTS = Path(__file__).with_name("confidence.json")
_DEFAULT = "default"
_BUILD = re.compile(r"-[0-9a-f]{8}$")


def features(hits: Sequence[Hit]) -> tuple[float, ...]:
    """What is known about a ranking, in the order of FEATURES.

    Weighted part of the question's terms in the best hit; its cosine; how far that is above the mean of other documents'
    hits; and whether the best by words and the best by meaning are one.
    """
    best = hits[0]
    others = [hit.cosine for hit in hits[1:] if hit.entry.path != best.entry.path]
    margin = best.cosine - sum(others) / len(others) if others else 0.0
    by_words = max(hits, key=lambda hit: hit.bm25)
    by_meaning = max(hits, key=lambda hit: hit.cosine)
    return best.coverage, best.cosine, margin, float(by_words is by_meaning)


def confidence(hits: Sequence[Hit], encoder: str) -> float:
    """Probability that the best hit answers, 0 to 1; 0 without hits."""
    if not hits:
        return 0.0
    weights = _weights().get(family(encoder)) or _weights()[_DEFAULT]
    z = weights["bias"] + sum(weights[name] * value for name, value in zip(FEATURES, features(hits), strict=True))
    return 1 / (1 + math.exp(-z))


def family(encoder: str) -> str:
    """The encoder's name without the build at its end: `multilingual-e5-small` of `multilingual-e5-small-1a2b3c4d`."""
    return _BUILD.sub("", encoder).rsplit(":", maxsplit=1)[-1]


@cache
def _weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = orjson.loads(WEIGHTS.read_bytes())
    return weights
