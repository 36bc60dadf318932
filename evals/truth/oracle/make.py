"""Draws as many cases as are asked for, evenly over kinds and languages."""

from __future__ import annotations

import random
from collections.abc import Iterator

from evals.truth.cases import Case
from evals.truth.oracle import facts, offers, prices, search
from evals.truth.oracle.draw import Draw, Maker
from evals.truth.tables import Tables

LANGUAGES = ("zh", "en")

MAKERS: dict[str, Maker] = {
    "price": prices.price,
    "variant_price": prices.variant_price,
    "stock": prices.stock,
    "pieces": prices.pieces,
    "no_value": prices.no_value,
    "attribute": facts.attribute,
    "check": facts.check,
    "total": prices.total,
    "total_coupon": prices.total_coupon,
    "needs": offers.needs,
    "gives": offers.gives,
    "state": offers.state,
    "unknown_code": offers.unknown_code,
    "compare_price": facts.compare_price,
    "compare_attribute": facts.compare_attribute,
    "cheapest": search.cheapest,
    "dearest": search.dearest,
    "highest": search.highest_of,
    "lowest": search.lowest_of,
    "count": search.count,
    "under": search.under,
    "above": search.above,
    "having": search.having,
    "lacking": search.lacking,
    "link_price": prices.link_price,
    "link_product": prices.link_product,
    "no_link": prices.no_link,
    "not_sold": search.not_sold,
    "unanswerable": facts.unanswerable,
    "follow_other": prices.follow_other,
    "follow_value": prices.follow_value,
    "follow_count": prices.follow_count,
    "follow_attribute": facts.follow_attribute,
    "two_questions": facts.two_questions,
}

# How often a maker may draw nothing before it has nothing (more) to ask.
_TRIES = 200


def make(tables: Tables, n: int, seed: int, kinds: tuple[str, ...] = ()) -> list[Case]:
    """`n` different cases, fewer where a shop gives no more, the same for the same seed. `kinds`: only these."""
    streams = [cases(tables, kind, language, seed) for kind in kinds or MAKERS for language in LANGUAGES]
    made: list[Case] = []
    while streams and len(made) < n:
        for stream in tuple(streams):
            case = next(stream, None)
            if case is None:
                streams.remove(stream)
            elif len(made) < n:
                made.append(case)
    return made


def cases(tables: Tables, kind: str, language: str, seed: int) -> Iterator[Case]:
    """Different cases of one kind and language. Both languages ask for the same where they can."""
    rng, naming = random.Random(f"{seed}:{kind}"), random.Random(f"{seed}:{kind}:{language}")
    seen: set[str] = set()
    tries = 0
    while tries < _TRIES:
        drawn = MAKERS[kind](Draw(tables, language, random.Random(rng.getrandbits(64)), naming))
        tries += 1
        if drawn is not None and drawn.id not in seen:
            seen.add(drawn.id)
            tries = 0
            yield drawn
