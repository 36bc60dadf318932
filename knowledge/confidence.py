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

FEATURES = ("coverage", "said", "heading", "told", "cosine", "above", "margin", "unknown", "lead", "same_document")
# So many hits after the best are looked at for its document.
NEIGHBOURS = 3
WEIGHTS = Path(__file__).with_name("confidence.json")


def features(hits: Sequence[Hit]) -> tuple[float, ...]:
    """What is known about a ranking, in the order of FEATURES.

    Of the best hit: the parts of the question's terms that it has, with and without the words that were added to the
    question; of those that its heading has, and of the heading's that the question has; its cosine, and how far that is
    above those of the nearest entries. Then how far the best hit's score is above the next place's, the part of the
    question's terms that no entry has, how far the best hit's cosine is above every other's, and the part of the next hits
    that are of its document.
    """
    best = hits[0]
    lead = best.cosine - max((hit.cosine for hit in hits[1:]), default=0.0)
    same_document = sum(hit.entry.path == best.entry.path for hit in hits[1 : 1 + NEIGHBOURS]) / NEIGHBOURS
    place = best.entry.path, best.entry.headings, best.entry.language
    others = [hit.score for hit in hits[1:] if (hit.entry.path, hit.entry.headings, hit.entry.language) != place]
    margin = best.score - max(others) if others else best.score
    words = best.coverage, best.said, best.heading, best.told
    return *words, best.cosine, best.above, min(margin, 3.0), best.unknown, lead, same_document


def confidence(hits: Sequence[Hit], encoder: str) -> float:
    """Probability that the best hit answers, 0 to 1; 0 without hits."""
    if not hits:
        return 0.0
    weights = weights_of(WEIGHTS, encoder)
    z = weights["bias"] + sum(weights[name] * value for name, value in zip(FEATURES, features(hits), strict=True))
    return 1 / (1 + math.exp(-z))
