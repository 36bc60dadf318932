"""Hybrid search over the documents: BM25 and vectors, fused by rank, and the best of them ordered by `relevance`.

Fusion: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods",
SIGIR 2009, with their constant of 60.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.errors import StorageUnavailable
from bot.ports import Encoder
from bot.text import is_bilingual, normal
from knowledge.documents import Entry
from knowledge.expected import Kind, holds, kinds_asked
from knowledge.generation import Generation
from knowledge.index import Index
from knowledge.lexical import Lexicon, tokens
from knowledge.relevance import FEATURES, relevance
from knowledge.reranking import Reranker
from knowledge.rows import looks_up, made_for, place_codes
from knowledge.synonyms import with_document_words
from knowledge.vectors import Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RRF = 60
# Candidates taken from each of the two rankings before filtering, and of the fused ranking to be ordered by relevance.
POOL = 50
CANDIDATES = 24
# Cosines are measured by how far those of so many of the nearest entries lie apart, and by no more than FAR: what is far in
# one shop is near in another.
NEAREST, FAR = 20, -8.0
# Added to the relevance of entries in the other language: an answer in the asker's language reads better; of those about the
# product in question; and of one row of a table, which is worth less than a paragraph that says it for all.
OTHER_LANGUAGE, OWN_PRODUCT, ROW = -2.0, 1.0, -0.1
# The same for an entry that names what is asked about, and for a row in which the question looks something up.
NAMES_IT, LOOKED_UP = 0.6, 1.5
# And for one that says something of a place that the question names.
OF_PLACE = 1.0
# Rows of one table whose scores are at most so far apart answer together.
ROWS_TOGETHER = 0.5
# Two texts that share this part of their terms say the same; under one heading of two documents, so much makes them versions
# of one rule.
DUPLICATE, VERSIONS = 0.85, 0.5
# Questions whose hits are kept: in a room many ask the same.
KEPT = 1024
# Stands for every moment of a stretch of time in which the same entries hold.
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. With `product_ids`, documents about other products only are left out.

    `plain` is what is asked in the words of a shop's rules, where that is known (see `knowledge.paraphrases`); `about` are
    the normalised words for the product in question, and `said` is what was written, where `text` has more.
    """

    text: str
    language: str
    at: datetime
    product_ids: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ("public", "customer")
    limit: int = 6
    plain: str = ""
    about: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found: its relevance and its cosine.

    `near` and `plain` say how far its cosines to the question, and to what is asked put plainly, are below the best, in
    spreads of the shop's own cosines; `words` is its BM25 score as a part of the best. The others are parts, 0 to 1: of the
    question's terms, weighted by how telling they are, that the entry has (`coverage`) and that its heading has, of the
    heading's that the question has (`told`), of the question's that no entry at all has (`unknown`), and of the kinds of
    thing asked for those that it has (`holds`). `planned`: whether what is asked could be put plainly; `terms`: how many
    the question has. `older` are entries of earlier documents that say otherwise.
    """

    entry: Entry
    score: float
    cosine: float
    near: float
    words: float
    coverage: float
    heading: float
    told: float
    holds: float
    unknown: float
    plain: float
    planned: bool
    terms: int
    older: tuple[Entry, ...] = ()


class Search:
    """Search over the generation in force."""

    def __init__(self, index: Index, encoder: Encoder, reranker: Reranker | None = None) -> None:
        """With a `reranker`, it orders the candidates; their scores stay what they were."""
        self._index = index
        self._encoder = encoder
        self._reranker = reranker
        self._known: LRUCache[tuple[str, int, Query], list[Hit]] = LRUCache(KEPT)

    async def find(self, query: Query) -> list[Hit]:
        """The best entries, best first, without near-duplicates."""
        if self._reranker is None:
            return await self._find(query)
        hits = await self._find(replace(query, limit=CANDIDATES))
        scores = await self._reranker.scores(query.text, [hit.entry.searchable for hit in hits]) if hits else ()
        order = sorted(range(len(hits)), key=lambda n: -scores[n])
        return [hits[n] for n in order[: query.limit]]

    async def _find(self, query: Query) -> list[Hit]:
        generation, vectors = await self._index.ready()
        if not generation.entries:
            return []
        asked = generation.name, generation.stretch(query.at), replace(query, at=_ANY_TIME)
        known = self._known.get(asked)
        if known is not None:
            return known
        hits = await self._ranked(generation, vectors, query)
        self._known[asked] = hits
        return hits

    async def _ranked(self, generation: Generation, vectors: Vectors, query: Query) -> list[Hit]:
        texts = [with_document_words(query.text), *([query.plain] if query.plain else [])]
        encoded = await self._encoder.encode_queries(texts)
        try:
            return await asyncio.to_thread(rank, generation, vectors, query, encoded, self._encoder.name)
        except StorageUnavailable:
            fresh, vectors = await self._index.ready()
            if fresh.name == generation.name:
                raise
            # another process has put a generation in force meanwhile, and removed vectors of the old one
            return await asyncio.to_thread(rank, fresh, vectors, query, encoded, self._encoder.name)


def rank(
    generation: Generation, vectors: Vectors, query: Query, encoded: NDArray[np.float32], encoder: str = ""
) -> list[Hit]:
    """Rank the generation's entries for a query. Blocks.

    `encoded` has the vector of its text and, where it has one, of what is asked put plainly, by the encoder of that name.
    Raises StorageUnavailable where the vectors of these entries are not there any more.
    """
    terms = tokens(with_document_words(query.text))
    bm25 = generation.lexicon.scores(terms)
    about = sorted({number for product_id in query.product_ids for number in generation.by_product.get(product_id, ())})
    lexical = _lexical_ranking(generation, query, bm25, about)
    cosines = _cosines(generation, vectors, encoded[0], [*lexical, *about])
    semantic = sorted((n for n in cosines if _serves(generation.entries[n], query)), key=lambda n: -cosines[n])
    planned = _cosines(generation, vectors, encoded[1], about) if query.plain else {}
    by_plan = sorted((n for n in planned if _serves(generation.entries[n], query)), key=lambda n: -planned[n])
    cosines = _fetched(generation, vectors, encoded[0], [n for n in by_plan if n not in cosines]) | cosines
    fused = {n: _fuse(n, lexical, semantic, by_plan) for n in {*lexical, *semantic, *by_plan}}
    best = sorted(fused, key=lambda n: (-fused[n], n))[:CANDIDATES]
    if not best:
        return []
    if not semantic:
        raise StorageUnavailable("the vectors of this generation are gone")
    own = [n for n in semantic if _in_own_language(generation.entries[n], query)] or semantic
    near = _in_spreads(cosines, own)
    if query.plain:
        planned |= _fetched(generation, vectors, encoded[1], [n for n in best if n not in planned])
    plain = _in_spreads(planned, own)
    most = max(float(bm25[n]) for n in best) or 1.0
    asked = _Terms(terms, kinds_asked(normal(query.text)), generation.lexicon)
    unknown = generation.lexicon.unknown(terms)
    hits = [
        Hit(
            generation.entries[n], 0.0, cosines.get(n, 0.0), near.get(n, FAR), float(bm25[n]) / most,
            *_met(generation, n, asked), unknown, plain.get(n, FAR if query.plain else 0.0), bool(query.plain), len(terms),
        )
        for n in best
    ]  # fmt: skip
    scores = relevance(features(hits), encoder)
    scored = [replace(hit, score=float(score) + _prior(hit.entry, query)) for hit, score in zip(hits, scores, strict=True)]
    return _merged(_rows_made_for(query, generation, _distinct(sorted(scored, key=lambda hit: -hit.score), query.limit)))


def features(hits: Sequence[Hit]) -> NDArray[np.float32]:
    """What `relevance` looks at, shape (len(hits), len(relevance.FEATURES))."""
    import numpy as np

    return np.array([[getattr(hit, name) for name in FEATURES] for hit in hits], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Terms:
    """A question's terms, the kinds of thing it asks for, and how telling terms are here."""

    terms: Sequence[str]
    kinds: tuple[Kind, ...]
    lexicon: Lexicon


def _met(generation: Generation, number: int, asked: _Terms) -> tuple[float, float, float, float]:
    """How the words of a question and of an entry meet: `coverage`, `heading`, `told` and `holds` of a hit."""
    entry, coverage = generation.entries[number], asked.lexicon.coverage
    heading = _terms(heading_of(entry))
    return (
        coverage(asked.terms, frozenset(generation.tokens[number])),
        coverage(asked.terms, heading),
        coverage(heading, asked.terms),
        holds(asked.kinds, _normal(entry.text)),
    )


def _in_spreads(cosines: Mapping[int, float], own: Sequence[int]) -> dict[int, float]:
    """Cosines as distances to the best of `own`, in spreads of the nearest of these."""
    import numpy as np

    nearest = sorted((cosines[n] for n in own if n in cosines), reverse=True)[:NEAREST]
    if not nearest:
        return {}
    spread = float(np.std(nearest)) or 1.0
    return {n: max((cosine - nearest[0]) / spread, FAR) for n, cosine in cosines.items()}


def _in_own_language(entry: Entry, query: Query) -> bool:
    """Whether an entry says what it says in the asker's language, be it beside the other one."""
    return entry.language == ("en" if query.language == "en" else "zh") or is_bilingual(entry.text)


@lru_cache(maxsize=20_000)
def _normal(text: str) -> str:
    return normal(text)


def heading_of(entry: Entry) -> str:
    """What an entry says that it is about: a pair's question, the last heading, or the document's title."""
    if entry.kind == "qa":
        return entry.text.split("\n", 1)[0]
    return entry.headings[-1] if entry.headings else entry.details.title


@lru_cache(maxsize=20_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


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
    return found | _fetched(generation, vectors, vector, [number for number in dict.fromkeys(more) if number not in found])


def _fetched(
    generation: Generation, vectors: Vectors, vector: NDArray[np.float32], numbers: Sequence[int]
) -> dict[int, float]:
    """Cosines of these entries."""
    fetched = vectors.fetch(list({generation.entries[number].vector_id for number in numbers}))
    found = ((number, fetched.get(generation.entries[number].vector_id)) for number in numbers)
    return {number: float(other @ vector) for number, other in found if other is not None}


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


def _prior(entry: Entry, query: Query) -> float:
    """What is added to an entry's relevance for its language, its kind, and the product that it is about or names."""
    prior = 0.0 if _in_own_language(entry, query) else OTHER_LANGUAGE
    if entry.kind == "row":
        prior += ROW + (LOOKED_UP if looks_up(entry.text, query.said or query.text) else 0.0)
    prior += OF_PLACE if place_codes(entry.text) & place_codes(query.text) else 0.0
    if set(query.product_ids) & set(entry.details.products):
        return prior + OWN_PRODUCT
    return prior + (NAMES_IT if _names(entry, query.about) else 0.0)


def _names(entry: Entry, words: Sequence[str]) -> bool:
    """Whether an entry says one of some words, Latin ones as whole words, in the singular or plural."""
    text = _normal(entry.text)
    return any(
        re.search(rf"\b{re.escape(word)}(?:e?s)?\b", text) is not None if word.isascii() else word in text for word in words
    )


def _distinct(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """Leave out what repeats a better hit; of two versions the newer document's is kept, scores as the better, and knows the
    older."""
    kept: list[Hit] = []
    for hit in hits:
        if len(kept) == limit and not hit.entry.details.valid_from:
            continue  # there is no room for it, and it replaces nothing
        twin = next((n for n, other in enumerate(kept) if _of_one_thing(hit.entry, other.entry)), None)
        if twin is not None:
            kept[twin] = _newer_of(kept[twin], hit)
        elif len(kept) < limit:
            kept.append(hit)
    return kept


def _of_one_thing(a: Entry, b: Entry) -> bool:
    """Whether two entries repeat each other, or are an older and a newer document's version of one rule."""
    likeness = _likeness(_terms(a.text), _terms(b.text))
    return likeness >= DUPLICATE or (likeness >= VERSIONS and _are_versions(a, b))


def _are_versions(a: Entry, b: Entry) -> bool:
    if a.path == b.path or (a.language, a.details.products) != (b.language, b.details.products):
        return False
    return (_newer(a, b) or _newer(b, a)) and _terms(heading_of(a)) == _terms(heading_of(b))


def _newer_of(better: Hit, other: Hit) -> Hit:
    """The hit of the newer document, in the place of the better one."""
    if _newer(other.entry, better.entry):
        return replace(other, score=better.score, older=_with_older(better, better.entry, other.entry))
    if _newer(better.entry, other.entry):
        return replace(better, older=_with_older(better, other.entry, better.entry))
    return better


def _with_older(hit: Hit, older: Entry, newer: Entry) -> tuple[Entry, ...]:
    """What is older, where it says otherwise."""
    return hit.older if _terms(older.text) == _terms(newer.text) else (*hit.older, older)


def _rows_made_for(query: Query, generation: Generation, hits: Sequence[Hit]) -> list[Hit]:
    """The hits, with the rows that are made for what the question names in the place of others of the same table."""
    found: list[Hit] = []
    tables: set[tuple[str, tuple[str, ...]]] = set()
    for hit in hits:
        table = hit.entry.path, hit.entry.headings
        if hit.entry.kind != "row" or not (rows := _made_for(query, generation, hit.entry)):
            found.append(hit)
        elif table not in tables:
            tables.add(table)
            found += [replace(hit, entry=row) for row in rows]
    return found


def _made_for(query: Query, generation: Generation, row: Entry) -> list[Entry]:
    """Of the table of a row, the rows that are made for what a question names; those of its product, where some are."""
    table = [
        entry
        for entry in generation.files[row.path].entries
        if (entry.kind, entry.headings) == (row.kind, row.headings) and _serves(entry, query)
    ]
    found = [table[number] for number in made_for(query.text, [entry.text for entry in table])]
    return [entry for entry in found if _names(entry, query.about)] or found


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    """Pieces of a section that follow each other as one hit, and so the rows of a table that answer about alike."""
    kept: list[list[Hit]] = []
    for hit in hits:
        group = next((group for group in kept if _together(hit, group)), None)
        if group is None:
            kept.append([hit])
        else:
            group.append(hit)
    return [_as_one(group) for group in kept]


def _together(hit: Hit, group: Sequence[Hit]) -> bool:
    a, b = hit.entry, group[0].entry
    if (a.path, a.headings, a.page, a.kind) != (b.path, b.headings, b.page, b.kind):
        return False
    if a.kind == "row":
        return group[0].score - hit.score <= ROWS_TOGETHER
    return a.kind == "text" and any(abs(a.position - other.entry.position) == 1 for other in group)


def _as_one(group: Sequence[Hit]) -> Hit:
    """The group's best hit with the words of all, in reading order."""
    if len(group) == 1:
        return group[0]
    text = "\n".join(hit.entry.text for hit in sorted(group, key=lambda hit: hit.entry.position))
    return replace(group[0], entry=replace(group[0].entry, text=text))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """The part of all their terms that two texts share."""
    return len(a & b) / len(a | b) if a or b else 0.0


def _newer(a: Entry, b: Entry) -> bool:
    return bool(a.details.valid_from and (not b.details.valid_from or a.details.valid_from > b.details.valid_from))
