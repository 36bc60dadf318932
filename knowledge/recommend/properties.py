"""Which products are as wished by what they state of themselves, and how well. Pure."""

from __future__ import annotations

import math

from bot.commerce import Product
from bot.text import normal
from knowledge.facts.limits import ranges_of
from knowledge.facts.relevance import Corpus, features
from knowledge.facts.statements import Statement, statements
from knowledge.facts.wishes import AFFIRMED, denied, keeps_to, spoken_of, support
from knowledge.lexicon.quantities import Quantity
from knowledge.recommend.audience import for_audience
from knowledge.recommend.constraints import Constraints

_AGE = "age"
_OF_MANY = ("length", "mass")


def _told(product: Product, language: str) -> tuple[Statement, ...]:
    """Everything that is told of a product, its names and kind among it."""
    named = (
        product.name.zh,
        product.name.en,
        *product.aliases,
        product.category_name.zh,
        product.category_name.en,
        *product.tags,
    )
    return (*statements(product, language), *(Statement(product.id, "", "", text) for text in named if text))


def _spans(product: Product, measure: Quantity) -> list[tuple[float, float]]:
    """The ranges of a measure that a product states, in either language, or that its sizes are made for.

    Lengths and masses are stated of so many things that only a range with both ends may be of the one that is given.
    """
    told = [s for language in ("zh", "en") for s in statements(product, language) if s.label]
    told = [s for s in told if measure.dimension in {q.dimension for q in s.quantities}]
    stated = [one for s in told for one in ranges_of(s, product) if one.dimension == measure.dimension]
    spans = [(r.low, r.high) for r in stated if measure.dimension not in _OF_MANY or math.isfinite(r.high - r.low)]
    of_sizes = [row.height_cm if measure.dimension == "length" else row.weight_kg for row in product.size_chart]
    factor = 10.0 if measure.dimension == "length" else 1000.0
    return [*spans, *((low * factor, high * factor) for low, high in filter(None, of_sizes))]


def off_measures(product: Product, constraints: Constraints) -> float:
    """How far the measures that are given are outside of what a product states of them."""
    off = 0.0
    for measure in constraints.measures:
        spans = _spans(product, measure)
        off += min((max(low - measure.low, measure.low - high, 0.0) for low, high in spans), default=0.0)
    return off


def with_properties(
    products: list[Product], constraints: Constraints, corpus: Corpus, language: str, *, whole: bool = False
) -> list[Product]:
    """The products that are as wished: without what is not wanted, and with what is, where any says of itself that it is.

    With `whole` that counts which says all of a phrase: what is compared must not be chosen by one word of it.
    """
    left = products
    if constraints.audience is not None:
        left = for_audience(left, constraints.audience)
    for one in constraints.stated:
        kept = [p for p in left if one.kept_by(p)]
        # of what is not wanted those are surest that state something else
        left = sorted(kept, key=lambda p: one.holds(p) is None)
    for bound in constraints.bounds:
        keeping = {p.id: keeps_to(bound, statements(p, language)) for p in left}
        sure = [p for p in left if keeping[p.id]]
        left = sure or [p for p in left if keeping[p.id] is None]
    for measure in constraints.measures:
        spans = {p.id: _spans(p, measure) for p in left}
        inside = [p for p in left if any(low <= measure.low <= high for low, high in spans[p.id])]
        # an age that is stated keeps out whoever has another one
        left = inside or [p for p in left if measure.dimension != _AGE or not spans[p.id]]
    for wish in constraints.wishes:
        left = _stating(wish.phrase, left, language) if wish.wanted else left
        told = {p.id: _told(p, language) for p in left}
        # a word that no product has tells none from another
        words = frozenset() if whole else spoken_of(wish.phrase, told.values())
        said = {p.id: support(wish.phrase, told[p.id], corpus, words) for p in left}
        if not wish.wanted:
            left = [p for p in left if said[p.id] < AFFIRMED]
            if not constraints.kinds:  # of all that is sold, what speaks of it is meant
                left = [p for p in left if said[p.id] <= -AFFIRMED] or left
            continue
        sure = [p for p in left if said[p.id] >= AFFIRMED]
        left = sure or [p for p in left if said[p.id] > -AFFIRMED]
    return left


def _stating(phrase: str, products: list[Product], language: str) -> list[Product]:
    """The products without those that state something else under an attribute of which others state a word of a phrase:
    of "something for oily skin" a thing for dry skin is none, whatever its sentences say of skin."""
    asked = frozenset(word for word in features(phrase) if len(word) > 1 and not word.isdigit())
    by_key: dict[str, dict[str, bool]] = {}
    for product in products:
        for s in statements(product, language):
            if s.key and s.label:
                says = {word for word in asked & features(s.text) if not denied(normal(s.text), frozenset({word}))}
                by_key.setdefault(s.key, {}).setdefault(product.id, False)
                by_key[s.key][product.id] |= bool(says)
    others = {name for told in by_key.values() if any(told.values()) for name, says in told.items() if not says}
    return [product for product in products if product.id not in others] or products


def fit(product: Product, constraints: Constraints, corpus: Corpus, language: str) -> float:
    """How well a product's statements say what is wished, and deny what is not."""
    told = _told(product, language)
    return sum((1 if wish.wanted else -1) * support(wish.phrase, told, corpus) for wish in constraints.wishes)
