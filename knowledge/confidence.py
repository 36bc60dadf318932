"""How sure it is that what was found answers the question: logistic regression on few features.

The weights are fitted on the development questions (`python -m evals.knowledge --fit`) and kept in `confidence.json`, a row
an encoder: cosines of one encoder say nothing about another's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from knowledge.relevance import weights_of
from knowledge.search import Hit

FEATURES = (
    "cosine", "lead", "margin", "words", "coverage", "told", "unknown", "holds", "plain", "planned", "length"
)  # fmt: skip
# A margin is counted up to here, a question's length in terms, too.
WIDEST, LONGEST = 4.0, 12
WEIGHTS = Path(__file__).with_name("confidence.json")


def features(hits: Sequence[Hit]) -> tuple[float, ...]:
    """What is known about a ranking, in the order of FEATURES.

    Of the best hit: its cosine; how far it is above every other place's by its cosine, in spreads of the shop's own, and
    by its score; its BM25 score as a part of the best; how its words and the question's meet; whether it holds what is
    asked for; how near it is to the intent put plainly, and whether that is known; and how long the question is.
    """
    best = hits[0]
    place = _place(best)
    others = [hit for hit in hits[1:] if _place(hit) != place]
    lead = best.near - max((hit.near for hit in others), default=best.near)
    margin = min(best.score - max((hit.score for hit in others), default=best.score - WIDEST), WIDEST)
    meeting = best.words, best.coverage, best.told, best.unknown, best.holds
    return best.cosine, lead, margin, *meeting, best.plain, float(best.planned), min(best.terms, LONGEST) / LONGEST


def _place(hit: Hit) -> tuple[str, tuple[str, ...], str]:
    return hit.entry.path, hit.entry.headings, hit.entry.language


def confidence(hits: Sequence[Hit], encoder: str) -> float:
    """Probability that the best hit answers, 0 to 1; 0 without hits."""
    if not hits:
        return 0.0
    weights = weights_of(WEIGHTS, encoder)
    z = weights["bias"] + sum(weights[name] * value for name, value in zip(FEATURES, features(hits), strict=True))
    return 1 / (1 + math.exp(-z))
