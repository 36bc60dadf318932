"""Which products are as wished by what they state of themselves, and how well. Pure."""

from __future__ import annotations

from bot.commerce import Product
from knowledge.facts.relevance import Corpus
from knowledge.facts.statements import Statement, statements
from knowledge.facts.wishes import AFFIRMED, keeps_to, spoken_of, support
from knowledge.lexicon.quantities import Quantity
from knowledge.recommend.constraints import Constraints


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


def _spans(product: Product, measure: Quantity, language: str) -> list[tuple[float, float]]:
    """The ranges of a measure that a product states, or that its sizes are made for."""
    stated = [q for s in statements(product, language) if s.label for q in s.quantities]
    spans = [(q.low, q.high) for q in stated if q.dimension == measure.dimension and q.low < q.high]
    of_sizes = [row.height_cm if measure.dimension == "length" else row.weight_kg for row in product.size_chart]
    factor = 10.0 if measure.dimension == "length" else 1000.0
    return [*spans, *((low * factor, high * factor) for low, high in filter(None, of_sizes))]


def with_properties(products: list[Product], constraints: Constraints, corpus: Corpus, language: str) -> list[Product]:
    """The products that are as wished: without what is not wanted, and with what is, where any says of itself that it is."""
    left = products
    for one in constraints.stated:
        kept = [p for p in left if one.kept_by(p)]
        # of what is not wanted those are surest that state something else
        left = sorted(kept, key=lambda p: one.holds(p) is None)
    for bound in constraints.bounds:
        keeping = {p.id: keeps_to(bound, statements(p, language)) for p in left}
        sure = [p for p in left if keeping[p.id]]
        left = sure or [p for p in left if keeping[p.id] is None]
    for measure in constraints.measures:
        spans = {p.id: _spans(p, measure, language) for p in left}
        inside = [p for p in left if any(low <= measure.low <= high for low, high in spans[p.id])]
        left = inside or left
    for wish in constraints.wishes:
        told = {p.id: _told(p, language) for p in left}
        words = spoken_of(wish.phrase, told.values())  # a word that no product has tells none from another
        said = {p.id: support(wish.phrase, told[p.id], corpus, words) for p in left}
        if not wish.wanted:
            left = [p for p in left if said[p.id] < AFFIRMED]
            continue
        sure = [p for p in left if said[p.id] >= AFFIRMED]
        left = sure or [p for p in left if said[p.id] > -AFFIRMED]
    return left


def fit(product: Product, constraints: Constraints, corpus: Corpus, language: str) -> float:
    """How well a product's statements say what is wished, and deny what is not."""
    told = _told(product, language)
    return sum((1 if wish.wanted else -1) * support(wish.phrase, told, corpus) for wish in constraints.wishes)
