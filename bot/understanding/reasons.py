"""Why something goes back, by what was learned: the goods are not as they should be, or they are not wanted. Pure.

The first kinds are the seller's to answer for (the goods do not conform with the contract: Directive (EU) 2019/771, articles
6 and 7; Chinese consumer law, article 24), the others are not. So what is told apart first is which of both it is, by all
kinds of one side together; where that is not sure, it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

SELLERS = ("fault", "wrong_item", "not_as_described")
# The label of what gives no reason.
NONE = "none"
# The goods may or may not be as they should be.
UNCLEAR = "unclear"
# From how probable on the goods are surely not as they should be, and up to where they surely are: between it is asked.
# By five-fold cross-validation of the examples 6 in 100 faults are taken for a change of mind, 3 in 100 the other way, and
# 16 in 100 reasons are asked after.
SURE, UNSURE = 0.6, 0.3
# So sure it must be where no reason was asked for: a wish may have words of one and give none. 69 in 100 faults are.
UNASKED = 0.7


def kind_of(kinds: Mapping[str, float], sure: float = SURE) -> str:
    """The kind of reason with these probabilities: one of them, UNCLEAR, or empty where there is none for sure."""
    sellers = {kind: p for kind, p in kinds.items() if kind in SELLERS}
    if sum(sellers.values()) >= sure:
        return max(sellers, key=lambda kind: sellers[kind])
    if sum(sellers.values()) > UNSURE:
        return UNCLEAR
    best = max(kinds, key=lambda kind: kinds[kind], default=NONE)
    return best if best != NONE and best not in SELLERS and kinds[best] >= sure else ""
