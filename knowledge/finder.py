"""The port Knowledge: live tables first, documents for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commerce import Product, Shop
from bot.ports import Encoder
from bot.text import clean
from bot.types import Entity, Findings, Passage, Question
from knowledge.catalogue import ShopCatalogue
from knowledge.confidence import confidence
from knowledge.documents import Entry
from knowledge.followups import is_follow_up, is_only_named, points_back, topic_resumed
from knowledge.index import Index, LoadReport, Progress
from knowledge.ingest.manifest import Calendar
from knowledge.live import OF_COUPONS, OF_PROMOTIONS, Asking, Tables, facts
from knowledge.reranking import Reranker
from knowledge.search import Hit, Query, Search
from knowledge.topics import Topic, topic_of
from knowledge.wording import card

# How sure a fact from the live tables answers: of the product that was named, or of the one on screen or talked about.
SURE_NAMED, SURE_IMPLIED = 0.97, 0.92
# "How much is a pick-up" asks for a price, but of no product: from here on the documents answer, and none is asked for.
SURE_WITHOUT_PRODUCT = 0.85
# Cards shown with an answer.
MAX_CARDS = 3
MAX_TOPICS = 3
# Questions about one product that may come without its name.
_PRODUCT_TOPICS = {Topic.PRICE, Topic.STOCK, Topic.COLOR, Topic.SIZE_ADVICE, Topic.ATTRIBUTE, Topic.WARRANTY,
                   Topic.RETURNABLE, Topic.PRODUCT}  # fmt: skip

# Those of them that nothing but the tables answers.
_OF_ONE_PRODUCT = {Topic.PRICE, Topic.STOCK, Topic.COLOR}


class KnowledgeBase:
    """`Knowledge` over a shop and the index of its documents."""

    def __init__(
        self,
        shop: Shop,
        encoder: Encoder,
        index_path: Path,
        *,
        chroma_url: str = "",
        timezone: str = "Asia/Shanghai",
        reranker: Reranker | None = None,
    ) -> None:
        """`index_path` is a folder of ours; `chroma_url` names a Chroma server, empty for an embedded one."""
        self._shop = shop
        self._encoder = encoder
        self._zone = ZoneInfo(timezone)
        self._catalogue = ShopCatalogue(shop)
        self._index = Index(index_path, encoder, chroma_url)
        self._search = Search(self._index, encoder, reranker)

    async def open(self) -> int:
        """Open the index now rather than at the first question. Returns the number of entries."""
        generation, _ = await self._index.ready()
        return len(generation.entries)

    async def load(
        self, documents: Path, progress: Progress = lambda doing, done, total: None, shift: timedelta = timedelta()
    ) -> LoadReport:
        """Bring the index in step with a folder of documents; `shift` is added to every date of the manifest."""
        return await self._index.load(documents, Calendar(self._zone, shift), progress)

    async def source(self, path: str) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
        """A document for reading: title, language, and its parts as (location, text); None for one that is not public."""
        generation, _ = await self._index.ready()
        state = generation.files.get(path)
        if state is None or state.details.audience == "agent":
            return None
        return state.details.title, _language_of(state.entries), _parts(state.entries)

    async def find(self, question: Question) -> Findings:
        """Evidence for a question. Live facts come first and alone settle what is theirs."""
        at = question.asked_at or datetime.now(UTC)
        question = replace(question, text=clean(question.text))
        mentions = [entity for entity in await self._catalogue.mentions(question.text) if entity.confidence > 0.5]
        named_so = [entity.text for entity in (*mentions, *question.entities) if entity.kind == "product"]
        rest = _without(question.text, named_so)  # "防晒衣" is a name, not a question about sun protection
        topic = topic_of(rest, question.topic)
        if rest != question.text and is_only_named(rest):
            topic = topic_resumed(Topic.PRODUCT, question.recent, otherwise=Topic.PRODUCT)
        elif is_follow_up(question.text, question.recent):
            topic = topic_resumed(topic, question.recent)
        products, named = await self._products(question, topic, mentions)
        live = await self._live(replace(question, text=rest), topic, products, at)
        if live:
            sure = SURE_NAMED if named or not products else SURE_IMPLIED
            cards = tuple(card(product, question.language) for product in products[:MAX_CARDS])
            return Findings(tuple(live), cards, sure, product_ids=tuple(product.id for product in products))
        query = Query(question.text, question.language, at, tuple(product.id for product in products))
        hits, sure = await self._documents(query, "" if named or not products else products[0].name.in_(question.language))
        if topic in _OF_ONE_PRODUCT and not products and (sure < SURE_WITHOUT_PRODUCT or _is_of_one(question)):
            return Findings(missing="product")
        return Findings(
            passages=tuple(_passage(hit) for hit in hits),
            confidence=sure,
            topics=_topics(hits, question.language),
            product_ids=tuple(product.id for product in products),
        )

    async def _documents(self, query: Query, implied: str) -> tuple[list[Hit], float]:
        """What the documents say, and how sure that is: of the product that is `implied`, or as the question stands."""
        texts = [f"{implied} {query.text}", query.text] if implied else [query.text]
        found = [await self._search.find(replace(query, text=text)) for text in texts]
        return max(((hits, confidence(hits, self._encoder.name)) for hits in found), key=lambda pair: pair[1])

    async def _products(self, question: Question, topic: Topic, mentions: Sequence[Entity]) -> tuple[list[Product], bool]:
        """The products in question, and whether the asker named them."""
        ids = list(question.product_ids) or [
            str(entity.value) for entity in question.entities if entity.kind == "product" and entity.confidence > 0.5
        ]
        if not ids:
            ids = [str(entity.value) for entity in mentions]
        named = bool(ids)
        if not ids and topic in _PRODUCT_TOPICS:
            recent = next((exchange.product_ids for exchange in reversed(question.recent) if exchange.product_ids), ())
            ids = [question.on_screen] if question.on_screen else list(recent[:1])
        return await self._shop.products(list(dict.fromkeys(ids))) if ids else [], named

    async def _live(self, question: Question, topic: Topic, products: Sequence[Product], at: datetime) -> list[Passage]:
        if topic is Topic.NONE:
            return []
        promotions = await self._shop.promotions(at, question.room) if topic in OF_PROMOTIONS else ()
        coupons = await self._shop.coupons(at) if topic in OF_COUPONS else ()
        tables = Tables(tuple(products), tuple(promotions), tuple(coupons))
        return facts(topic, tables, Asking(question.text, question.language, question.entities, self._zone))


def _is_of_one(question: Question) -> bool:
    """Whether a question is of one product that it does not name: "is it in stock", "有 M 码吗"."""
    return points_back(question.text) or any(entity.kind in ("size", "color") for entity in question.entities)


def _without(text: str, names: Iterable[str]) -> str:
    """A text without the products in it, as they are named or numbered there."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, " ")
    return text.strip()


def _passage(hit: Hit) -> Passage:
    older = tuple(_as_passage(entry) for entry in hit.older)
    return replace(_as_passage(hit.entry), score=hit.score, older=older)


def _as_passage(entry: Entry) -> Passage:
    return Passage(
        text=entry.text,
        source=entry.path,
        title=entry.details.title,
        location=entry.location,
        url=entry.url,
        product_id=entry.details.products[0] if len(entry.details.products) == 1 else None,
        language=entry.language,
        valid_until=entry.details.valid_until,
    )


def _topics(hits: Sequence[Hit], language: str) -> tuple[str, ...]:
    """What the nearest documents are about, in the asker's language."""
    own = "en" if language == "en" else "zh"
    names = (_topic(hit.entry) for hit in hits if hit.entry.language == own)
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TOPICS]


def _topic(entry: Entry) -> str:
    if entry.kind == "qa":
        return entry.text.split("\n", 1)[0]
    return entry.headings[-1] if entry.headings else entry.details.title


def _language_of(entries: Sequence[Entry]) -> str:
    return entries[0].language if entries else "zh"


def _parts(entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    parts: dict[str, list[str]] = {}
    for entry in entries:
        parts.setdefault(entry.location, []).append(entry.text)
    return tuple((location, "\n\n".join(texts)) for location, texts in parts.items())
