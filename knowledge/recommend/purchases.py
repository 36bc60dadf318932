"""What goes with a person's purchases and with what is spoken of: `sequence` over the shop's products, with true reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from knowledge.recommend.sequence import SequenceModel, fit

# Pairs that fewer customers make are no reason.
MIN_TOGETHER = 2


@dataclass(frozen=True, slots=True)
class Link:
    """A product that is suggested, its score from 0 to 1, and why: `together` customers bought it and `because`."""

    product_id: str
    score: float
    because: str
    together: int


class Purchases:
    """Everybody's purchases, and what they speak for."""

    def __init__(self, purchases: Mapping[str, Sequence[str]]) -> None:
        """`purchases`: customer to product ids, oldest first."""
        self._names = sorted({name for bought in purchases.values() for name in bought})
        self._numbers = {name: number for number, name in enumerate(self._names)}
        histories = [self._numbered(bought) for bought in purchases.values()]
        self._buyers = Counter(item for history in histories for item in set(history))
        self._together = Counter(pair for history in histories for pair in combinations(sorted(set(history)), 2))
        self._model: SequenceModel = fit(histories, len(self._names))

    def buyers(self, product_id: str) -> int:
        """How many people bought a product."""
        return self._buyers[self._numbers.get(product_id, -1)]

    def together(self, a: str, b: str) -> int:
        """How many people bought both."""
        low, high = sorted((self._numbers.get(a, -1), self._numbers.get(b, -1)))
        return self._together[low, high]

    def suggest(self, history: Sequence[str]) -> list[Link]:
        """Products that some customers bought with these (oldest first), likeliest next first, none of them themselves."""
        known = self._numbered(history)
        if not known:
            return []
        scores = self._model.scores(known)
        ranked = [self._names[item] for item in np.argsort(-scores, kind="stable") if scores[item] > 0]
        links = [self._link(name, known, float(scores[self._numbers[name]])) for name in ranked]
        return [link for link in links if link.together >= MIN_TOGETHER]

    def _link(self, name: str, known: Sequence[int], score: float) -> Link:
        """The reason is the product of the history that most people bought it with."""
        because = max((self._names[item] for item in reversed(known)), key=lambda other: self.together(name, other))
        return Link(name, min(1.0, score), because, self.together(name, because))

    def _numbered(self, names: Sequence[str]) -> list[int]:
        return [self._numbers[name] for name in names if name in self._numbers]
