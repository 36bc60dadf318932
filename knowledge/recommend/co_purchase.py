"""What is bought by the same people: item-item recommendation.

Method: cosine between items over the customers who bought them (Sarwar et al., "Item-based collaborative filtering
recommendation algorithms", WWW 2001), shrunk towards nothing for pairs that few people make (Bell and Koren, "Improved
neighborhood-based collaborative filtering", KDD Cup 2007).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

# Added to the number of shared customers in the denominator: a pair shared by two people counts a third of its cosine.
_SHRINK = 4
# Pairs that fewer customers make say nothing.
MIN_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class Link:
    """Why a product is suggested: `together` customers bought it and `because`."""

    product_id: str
    score: float
    because: str
    together: int


class CoPurchases:
    """Counts over everybody's purchases."""

    def __init__(self, purchases: Mapping[str, Sequence[str]]) -> None:
        baskets = [sorted(set(bought)) for bought in purchases.values()]
        self._buyers = Counter(item for basket in baskets for item in basket)
        self._together = Counter(pair for basket in baskets for pair in combinations(basket, 2))
        self._neighbours: dict[str, list[str]] = {}
        for a, b in self._together:
            self._neighbours.setdefault(a, []).append(b)
            self._neighbours.setdefault(b, []).append(a)

    def buyers(self, product_id: str) -> int:
        """How many people bought a product."""
        return self._buyers[product_id]

    def similarity(self, a: str, b: str) -> float:
        """Shrunk cosine of two products, 0 to 1."""
        together = self._together[(a, b) if a < b else (b, a)]
        if together < MIN_TOGETHER:
            return 0.0
        cosine = together / math.sqrt(self._buyers[a] * self._buyers[b])
        return cosine * together / (together + _SHRINK)

    def suggest(self, owned: Iterable[str]) -> list[Link]:
        """Products that go with these, best first, none of them themselves."""
        owned = list(dict.fromkeys(owned))
        best: dict[str, Link] = {}
        scores: defaultdict[str, float] = defaultdict(float)
        for item in owned:
            for other in self._neighbours.get(item, ()):
                similarity = self.similarity(item, other)
                if other in owned or not similarity:
                    continue
                scores[other] += similarity
                if other not in best or similarity > best[other].score:
                    together = self._together[(item, other) if item < other else (other, item)]
                    best[other] = Link(other, similarity, item, together)
        ranked = sorted(best, key=lambda name: (-scores[name], name))
        return [Link(name, scores[name], best[name].because, best[name].together) for name in ranked]
