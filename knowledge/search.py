"""Hybrid search over the documents: BM25 and vectors, fused by rank.

Fusion: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods",
SIGIR 2009, with their constant of 60.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.ports import Encoder
from knowledge.documents import Entry
from knowledge.generation import Generation
from knowledge.index import Index
from knowledge.lexical import tokens
from knowledge.synonyms import in_document_words
from knowledge.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RRF = 60
# Candidates taken from each of the two rankings before filtering.
POOL = 50
# Entries in the other language are worth less: an answer in the asker's language reads better.
OTHER_LANGUAGE = 0.7
# Entries about the product in question are worth more than those about everything.
OWN_PRODUCT = 1.3
# One row of a table is worth less than a paragraph that says it for all.
ROW = 0.95
# Two texts that share this part of their terms say the same.
DUPLICATE = 0.85


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. With `product_ids`, documents about other products only are left out."""

    text: str
    language: str
    at: datetime
    product_ids: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ("public", "customer")
    limit: int = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found: fused score, cosine, BM25 score, and the weighted part of its terms (0 to 1)."""

    entry: Entry
    score: float
    cosine: float
    bm25: float
    coverage: float


class Search:
    """Search over the generation in force."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    async def find(self, query: Query) -> list[Hit]:
        """The best entries, best first, without near-duplicates."""
        generation, vectors = await self._index.ready()
        if not generation.entries:
            return []
        query = replace(query, text=in_document_words(query.text))
        vector = (await self._encoder.encode_queries([query.text]))[0]
        return await asyncio.to_thread(rank, generation, vectors, query, vector)


def rank(generation: Generation, vectors: Vectors, query: Query, vector: NDArray[np.float32]) -> list[Hit]:
    """Rank the generation's entries for a query whose vector is known. Blocks."""
    terms = tokens(query.text)
    bm25 = generation.lexicon.scores(terms)
    about = sorted({number for product_id in query.product_ids for number in generation.by_product.get(product_id, ())})
    lexical = _lexical_ranking(generation, query, bm25, about)
    cosines = _cosines(generation, vectors, vector, [*lexical, *about])
    semantic = sorted((n for n in cosines if _serves(generation.entries[n], query)), key=lambda n: -cosines[n])
    fused = {n: _fuse(n, lexical, semantic) * _weight(generation.entries[n], query) for n in {*lexical, *semantic}}
    best = sorted(fused, key=lambda n: (-fused[n], n))
    hits = (
        Hit(
            entry := generation.entries[n],
            fused[n],
            cosines.get(n, 0.0),
            float(bm25[n]),
            generation.lexicon.coverage(terms, tokens(entry.searchable)),
        )
        for n in best[: query.limit * 3]
    )
    return _distinct(hits, query.limit)


def _lexical_ranking(generation: Generation, query: Query, bm25: NDArray[np.float32], about: Sequence[int]) -> list[int]:
    import numpy as np

    count = min(POOL, len(bm25))
    top = np.argpartition(-bm25, count - 1)[:count] if count else np.empty(0, dtype=np.int64)
    pool = {int(n) for n in top if bm25[n] > 0} | {n for n in about if bm25[n] > 0}
    return sorted((n for n in pool if _serves(generation.entries[n], query)), key=lambda n: (-bm25[n], n))[:POOL]


def _cosines(generation: Generation, vectors: Vectors, vector: NDArray[np.float32], more: Sequence[int]) -> dict[int, float]:
    """Cosines of the nearest entries, and of the entries in `more`."""
    found = {
        number: cosine for name, cosine in vectors.nearest(vector, POOL) for number in generation.by_vector.get(name, ())
    }
    missing = [number for number in dict.fromkeys(more) if number not in found]
    fetched = vectors.fetch(list({generation.entries[number].vector_id for number in missing}))
    for number in missing:
        if (other := fetched.get(generation.entries[number].vector_id)) is not None:
            found[number] = float(other @ vector)
    return found


def _serves(entry: Entry, query: Query) -> bool:
    """Valid at the time, meant for the asker, and not about other products only."""
    details = entry.details
    if details.audience not in query.audiences:
        return False
    if (details.valid_from and query.at < details.valid_from) or (details.valid_until and query.at >= details.valid_until):
        return False
    return not (query.product_ids and details.products) or bool(set(query.product_ids) & set(details.products))


def _fuse(number: int, *rankings: Sequence[int]) -> float:
    return sum(1 / (RRF + ranking.index(number) + 1) for ranking in rankings if number in ranking)


def _weight(entry: Entry, query: Query) -> float:
    weight = 1.0 if entry.language == ("en" if query.language == "en" else "zh") else OTHER_LANGUAGE
    weight *= ROW if entry.kind == "row" else 1.0
    return weight * OWN_PRODUCT if set(query.product_ids) & set(entry.details.products) else weight


def _distinct(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """Leave out what repeats a better hit; where two say the same, the newer document is kept and scores as the better."""
    kept: list[tuple[Hit, set[str]]] = []
    for hit in hits:
        terms = set(tokens(hit.entry.text))
        twin = next((n for n, (_, other) in enumerate(kept) if _same(terms, other)), None)
        if twin is None:
            if len(kept) < limit:
                kept.append((hit, terms))
        elif _newer(hit.entry, kept[twin][0].entry):
            kept[twin] = (replace(hit, score=kept[twin][0].score), terms)
    return [hit for hit, _ in kept]


def _same(a: set[str], b: set[str]) -> bool:
    union = len(a | b)
    return union > 0 and len(a & b) / union >= DUPLICATE


def _newer(a: Entry, b: Entry) -> bool:
    return bool(a.details.valid_from and (not b.details.valid_from or a.details.valid_from > b.details.valid_from))
