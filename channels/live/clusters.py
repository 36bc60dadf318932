"""Which questions of a show are the same. Pure.

Two are that are worded alike about the same product, whose answers claim the same facts, be it in two languages, or that
were told the same words. What is somebody's own is never joined with another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from channels.live.asks import Ask
from channels.live.triage import normalised


def clustered(asks: Sequence[Ask]) -> list[list[Ask]]:
    """The questions in groups, each in the order in which it was asked, and the groups by their first."""
    parents = list(range(len(asks)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    first: dict[Hashable, int] = {}
    for number, ask in enumerate(asks):
        for sign in _signs(ask):
            one, other = sorted((root(number), root(first.setdefault(sign, number))))
            parents[other] = one
    groups: defaultdict[int, list[Ask]] = defaultdict(list)
    for number, ask in enumerate(asks):
        groups[root(number)].append(ask)
    return [groups[number] for number in sorted(groups)]


def _signs(ask: Ask) -> Iterator[Hashable]:
    """What makes a question the same as another; each one is enough."""
    if ask.personal:
        return
    yield "worded", normalised(ask.words), ask.products
    if facts := frozenset((claim.subject, claim.aspect) for claim in ask.claims):
        yield "claims", facts, ask.topic
    if ask.told_at and ask.answer:
        yield "told", ask.answer
