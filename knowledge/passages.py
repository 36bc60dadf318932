"""What the documents have for a question: which entry goes first, and entries as passages that are told. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.text import normal, titles_in
from bot.types import Passage
from bot.values.ranges import falls_into, given_measures
from knowledge.confidence import confidence
from knowledge.documents import Entry
from knowledge.facts.relevance import features
from knowledge.lexicon.lexicon import Lexicon
from knowledge.rows import looks_up
from knowledge.search import Hit, heading_of

# How much worse a passage of other products is.
_OF_OTHERS = 1.5
# Entries that two ways to ask are looked at for a common one, and how much less sure that is than what was asked.
_AGREE, _PLAINLY = 4, 0.97
MAX_TOPICS = 3


def of_these_first(hits: Sequence[Hit], product_ids: Sequence[str], lexicon: Lexicon) -> list[Hit]:
    """Hits with those lower whose heading names things that are sold, but none of the products in question: what a shop
    writes under "Skin care" is no rule for bicycles. The nearest heading counts that names any, or else the title."""
    if not product_ids:
        return list(hits)

    def of_others(hit: Hit) -> bool:
        heads = dict.fromkeys((heading_of(hit.entry), *reversed(hit.entry.headings), hit.entry.details.title))
        said = (lexicon.find(normal(head)) for head in heads)
        named = next((ids for find in said if (ids := {*find.product_ids, *find.of_kinds})), set[str]())
        return bool(named) and named.isdisjoint(product_ids)

    scored = [replace(hit, score=hit.score - _OF_OTHERS) if of_others(hit) else hit for hit in hits]
    return sorted(scored, key=lambda hit: -hit.score)


def referred_next(hits: Sequence[Hit]) -> list[Hit]:
    """Hits with the one behind the best to which that refers by its title."""
    titles = titles_in(hits[0].entry.text) if hits else ()
    referred = [
        hit for hit in hits[1:] if titles and {normal(hit.entry.details.title), normal(heading_of(hit.entry))} & {*titles}
    ][:1]
    return [*hits[:1], *referred, *(hit for hit in hits[1:] if hit not in referred)]


def is_looked_up(entry: Entry, question: str) -> bool:
    """Whether an entry is the row for somebody's own measure, or the one in which a question looks something up."""
    return entry.kind == "row" and (falls_into(given_measures(question), entry.text) or looks_up(entry.text, question))


def says_nothing_of_it(entry: Entry, asked: str) -> bool:
    """Whether an entry is a row of a table that has no word of what is asked: it is like every other row of its table."""
    return entry.kind == "row" and not features(entry.text) & features(asked)


def confirmed(found: tuple[list[Hit], float], plainly_found: Sequence[Hit], encoder: str) -> tuple[list[Hit], float]:
    """What was found, with an entry first that is among the best both for the asker's words and for the intent put plainly.

    Two ways to ask that meet in one entry are surer than one.
    """
    hits, sure = found
    ranks = {hit.entry.vector_id: n for n, hit in enumerate(plainly_found[:_AGREE])}
    agreed = [hit for hit in hits[:_AGREE] if hit.entry.vector_id in ranks]
    if not agreed:
        return found
    best = min(agreed, key=lambda hit: (hits.index(hit) + ranks[hit.entry.vector_id], hits.index(hit)))
    by_intent = confidence(plainly_found, encoder)
    return [best, *(hit for hit in hits if hit is not best)], max(sure if best is hits[0] else 0.0, by_intent * _PLAINLY)


def passage_of_hit(hit: Hit) -> Passage:
    """What was found as it is told, with what it took the place of."""
    older = tuple(as_passage(entry) for entry in hit.older)
    return replace(as_passage(hit.entry), score=hit.score, older=older)


def as_passage(entry: Entry) -> Passage:
    """An entry as it is told."""
    return Passage(
        text=entry.text,
        source=entry.path,
        title=entry.details.title,
        location=entry.location,
        heading=entry.headings[-1] if entry.kind == "text" and len(entry.headings) > 1 else "",
        url=entry.url,
        product_id=entry.details.products[0] if len(entry.details.products) == 1 else None,
        language=entry.language,
        valid_until=entry.details.valid_until,
    )


def topics_of(hits: Sequence[Hit], language: str) -> tuple[str, ...]:
    """What the nearest documents are about, in the asker's language."""
    own = "en" if language == "en" else "zh"
    names = (_topic(hit.entry) for hit in hits if hit.entry.language == own)
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TOPICS]


def _topic(entry: Entry) -> str:
    if entry.kind == "qa":
        return entry.text.split("\n", 1)[0]
    return entry.headings[-1] if entry.headings else entry.details.title


def language_of_entries(entries: Sequence[Entry]) -> str:
    """The language of a document, by its entries."""
    return entries[0].language if entries else "zh"


def parts_of(entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """The parts of a document as (location, text), by its entries."""
    parts: dict[str, list[str]] = {}
    for entry in entries:
        parts.setdefault(entry.location, []).append(entry.text)
    return tuple((location, "\n\n".join(texts)) for location, texts in parts.items())
