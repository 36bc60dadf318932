"""The port Knowledge: what the live tables say and what the documents say compete by how surely they answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product as pairs
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.asking import has_question_words
from bot.commerce import Coupon, Product, Promotion, Shop
from bot.loads import KnownDocument
from bot.offers import Bill
from bot.ports import Encoder
from bot.postage import Charge, Postage
from bot.text import clean, normal, simplified
from bot.types import Entity, Exchange, Findings, Language, Need, Question
from knowledge.catalogue import ShopCatalogue
from knowledge.confidence import confidence
from knowledge.denying import CERTAIN, denied_of, unknown_denied, unsold_denied
from knowledge.encoders import for_documents
from knowledge.facts import promos, scales
from knowledge.facts.answers import EXACT, VAGUE, FactAnswers, Told, explained, purchase_of
from knowledge.facts.delivered import Asks, asks_of, destinations
from knowledge.facts.reading import Act, Inquiry, acts_of, has_cue, label_asked, pieces_of
from knowledge.facts.relevance import features
from knowledge.facts.sizes import advice_by_kind, measured
from knowledge.facts.telling import Delivery, Tables, Telling, of_shop
from knowledge.facts.variants import select
from knowledge.followups import elsewhere, is_follow_up, is_only_named, kin, points_back, resumed, without_pointing
from knowledge.grounds import goods_of, of_documents, of_linked, of_postage, of_told, of_unsold, of_wish
from knowledge.index import Index, LoadReport, Progress
from knowledge.ingest.manifest import Calendar
from knowledge.lexicon.grams import without_spans
from knowledge.lexicon.lexicon import Finds, Lexicon, in_order
from knowledge.lexicon.names import kind_names, said_names
from knowledge.linking import ProductLinker
from knowledge.listing import known_documents
from knowledge.paraphrases import plainly
from knowledge.passages import (
    as_passage,
    confirmed,
    is_looked_up,
    language_of_entries,
    of_these_first,
    parts_of,
    passage_of_hit,
    referred_next,
    says_nothing_of_it,
    topics_of,
)
from knowledge.postage.sending import Sending, Sent
from knowledge.recommend.constraints import read_constraints
from knowledge.recommend.recommender import ShopRecommender
from knowledge.reranking import Reranker
from knowledge.search import Hit, Query, Search
from knowledge.wanting import (
    OF_GOODS,
    OF_ONE_PRODUCT,
    RECOMMEND,
    none_says,
    says_only_values,
    unsaid,
)
from knowledge.weighing import OF_ACTS, Source, Way, score
from knowledge.weighing import sure as sure_of
from knowledge.wording import card, listed

# How much less sure documents are that were found with words which the asker did not write.
_NAME_ADDED = 0.92
# How much less sure a row of a table is that is found for no word of its own.
_ANY_ROW = 0.7
# Passages that are looked at for those of the products in question.
_LOOKED_AT = 12
# From here on a text that names no product means the one that it is like; where another is talked about or kinds are named,
# of which others may be meant as well, and where nothing seems to be sold of what is asked for, from there on.
LINKED, LINKED_ELSEWHERE = 0.6, 0.85
# Products among which one is looked for that is not named.
_LINKABLE = 2000
# How much less sure a fact is of the product on screen or talked about than of one that was named.
IMPLIED = 0.95
# "How much is a pick-up" asks for a price, but of no product: from here on the documents answer, and none is asked for.
SURE_WITHOUT_PRODUCT = 0.75
# An act that accounts for less of a question than this is not what is asked.
_HALF = 0.5
# From here on the documents are taken to answer, by their own account.
ANSWERS = 0.75
# Products whose statements are encoded when the service starts; those of the others at the first question about them.
WARMED = 300
# Cards shown with an answer.
MAX_CARDS = 3
# What a question says that asks for the number of all that the shop sells.
_GOODS_AS_SUCH = re.compile(
    r"商品|产品|东西|宝贝|货|一共|总共|共|多少|几|[款种样]|你们?家?|店里?|现在|目前|[在有卖上了]"
    r"|\b(?:how many|total|number|products?|items?|things?|goods|articles?|kinds?|types?|models?|different|shop|store|sell"
    r"|now)\b"
)
# Products whose statements are compared for one question.
_SCALE = 200
# Goods that are wanted less probably than this are neither shown nor said not to be sold.
_LEAST = 0.35
# What is so much less likely than the likeliest is not shown beside it.
_BESIDE = 0.6
_OF_GOODS = (Source.WISH, Source.LINKED, Source.UNSOLD)
# Documents that are less sure than this themselves are taken at their word: nearly all questions that the weights are fitted
# on have an answer somewhere, those of customers have not.
_DOUBTED = 0.25
# Acts that are not of one product.
_OF_SEVERAL = frozenset({Act.FIND, Act.COUNT, Act.EXTREME, Act.COMPARE, Act.OFFERS})
_OF_OFFERS = frozenset({Act.OFFERS, Act.PRICE, Act.TOTAL, Act.SAVING})
_OF_COUPONS, _OF_STOCK, _OF_POSTAGE = "ask_coupon", "ask_stock", "ask_shipping_fee"
_ON_AIR = re.compile(r"直播|\blive(?: room| show| stream)?\b", re.IGNORECASE)
_LATIN, _CAPITALS = re.compile(r"[a-z]+"), re.compile(r"(?<![A-Za-z])[A-Z]+(?![A-Za-z])")
# One of several that were shown is asked for.
_OF_THESE = re.compile(r"哪[个款一种件双]|最|\bwhich\b|\bmost\b|est\b")
_CODE_LIKE = re.compile(r"[A-Z][A-Z0-9]{2,}|(?<![A-Za-z0-9])(?=[a-z]*\d)[a-z0-9]{4,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it refers to: the inquiry, its products, what is asked of them, and whether that is what was
    asked last (`resumed`). `meant`: how probable it is of each product that it is meant, where none is named or something is
    wished for; `intents` what it was taken for, with the probabilities."""

    inquiry: Inquiry
    products: tuple[Product, ...]
    about: str
    topic: str
    resumed: bool
    meant: Mapping[str, float]
    intents: tuple[tuple[str, float], ...]


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
        catalogue: ShopCatalogue | None = None,
        recommender: ShopRecommender | None = None,
        default_room: str = "",
        postage: Postage | None = None,
        own: Path | None = None,
    ) -> None:
        """`index_path` is a folder of ours, `own` one with documents of ours (`knowledge.index.OWN`); `chroma_url` names
        a Chroma server, empty for an embedded one.

        `recommender` finds products for wishes; without one such questions are left to the documents. `default_room` is the
        room whose offers are meant by who speaks of the live room from outside. `postage` is the rule that the shop brings;
        without one it is read in the documents.
        """
        self._shop = shop
        self._reader = for_documents(encoder)
        self._zone = ZoneInfo(timezone)
        self._default_room = default_room
        self._catalogue = catalogue or ShopCatalogue(shop)
        self._recommender = recommender
        self._index = Index(index_path, self._reader, chroma_url, own)
        self._sending = Sending(self._index, self._catalogue, postage)
        self._search = Search(self._index, self._reader, reranker)
        self._facts = FactAnswers(self._reader)
        self._linker = ProductLinker(encoder, self._facts.nearest)

    async def open(self) -> int:
        """Open the index now rather than at the first question. Returns the number of entries."""
        generation, _ = await self._index.ready()
        return len(generation.entries)

    async def warm(self) -> None:
        """Read the shop's words and encode what it says of its first products, so that nobody waits for it who asks."""
        products = list((await self._catalogue.lexicon()).products.values())[:WARMED]
        for language in ("zh", "en"):
            await self._catalogue.corpus(language)
            await self._facts.warm(products, language)
            await self._linker.warm(products, language)

    async def load(
        self, documents: Path, progress: Progress = lambda doing, done, total: None, shift: timedelta = timedelta()
    ) -> LoadReport:
        """Bring the index in step with a folder of documents; `shift` is added to every date of the manifest."""
        return await self._index.load(documents, Calendar(self._zone, shift), progress)

    async def load_own(self) -> LoadReport:
        """Bring the index in step with the documents of our own."""
        return await self._index.load_own(Calendar(self._zone))

    async def documents(self) -> list[KnownDocument]:
        """Every document that is in force, by path."""
        generation, _ = await self._index.ready()
        return known_documents(generation.files)

    async def source(self, path: str) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
        """A document for reading: title, language, and its parts as (location, text); None for one that is not public."""
        generation, _ = await self._index.ready()
        state = generation.files.get(path)
        if state is None or state.details.audience == "agent":
            return None
        return state.details.title, language_of_entries(state.entries), parts_of(state.entries)

    async def postage(self, purchase: Bill, places: Sequence[str], at: datetime) -> Charge | None:
        """What sending a purchase to places (ISO 3166 codes) costs, as `find` tells it; None where that is not known."""
        sent = await self._sending.sent(purchase, places, at)
        return sent.charge if sent is not None else None

    async def find(self, question: Question) -> Findings:
        """Evidence for a question: of all ways to answer it, the one that is likeliest right, and how likely that is."""
        asked, ways = await self.ways(question)
        best = sorted(((self._score(way.source, way.evidence, asked), n) for n, way in enumerate(ways)), reverse=True)
        for scored, n in best:
            unlikely = ways[n].source in _OF_GOODS and sure_of(scored) < _LEAST
            if not unlikely and (found := await ways[n].findings()) is not None:
                sure = min(sure_of(scored), ways[n].at_most)
                return found if found.denied or not found.passages else replace(found, confidence=sure)
        return Findings(about=asked.about, topic=asked.topic)

    async def ways(self, question: Question, *, prune: bool = True) -> tuple[Asked, list[Way]]:
        """A question as it is read, and the ways to answer it.

        With `prune` the documents are not looked into where they cannot win.
        """
        at = question.asked_at or datetime.now(UTC)
        lexicon = await self._catalogue.lexicon()
        if (moved := elsewhere(question.text, question.recent)) is not None:
            question = replace(question, text=moved[0], topic=moved[1], likely=())
        asked = await self._read(replace(question, text=clean(question.text)), lexicon)
        telling = Telling(question.language, self._zone, at, await self._tables(asked, question, at))
        if (unknown := unknown_denied(asked.inquiry, question, telling)) is not None:
            return asked, [Way(Source.UNSOLD, {}, _given(unknown))]
        sent = self._of_postage(asked, question, telling)
        ways = [
            *(_with_postage(way, sent) for way in await self._of_the_tables(asked, lexicon, telling)),
            *self._of_products(asked, question, lexicon, telling),
            *([sent] if sent is not None else []),
        ]
        highest = max((self._score(way.source, way.evidence, asked) for way in ways), default=0.0)
        if not prune or highest < max(
            0.0, self._score(Source.DOCUMENTS, of_documents(asked.inquiry, 1.0, asked.meant, looked_up=True), asked)
        ):
            ways.append(await self._of_the_documents(asked, question, telling))
        return asked, ways

    def _score(self, source: Source, evidence: Mapping[str, float], asked: Asked) -> float:
        return score(source, evidence, asked.intents)

    async def _of_the_tables(self, asked: Asked, lexicon: Lexicon, telling: Telling) -> list[Way]:
        """What the act says that the words ask for, and what is stated of the products."""
        told = await self._tell(asked, lexicon, telling)
        found = [told] if told is not None else []
        if asked.products and (told is None or told.act is not Act.PROPERTY):
            corpus = await self._catalogue.corpus(telling.language)
            stated = await self._facts.stated(asked.inquiry, asked.products, telling, corpus)
            found += [stated] if stated is not None else []
        return [
            Way(
                OF_ACTS[one.act], of_told(one, asked.inquiry, resumed=asked.resumed), _given(_of_tables(one, asked, telling))
            )
            for one in found
        ]

    def _of_products(self, asked: Asked, question: Question, lexicon: Lexicon, telling: Telling) -> list[Way]:
        """Products for a wish, the one that is likeliest meant, and that there are none of what is asked for."""
        inquiry, ways = asked.inquiry, list[Way]()
        goods, lacks = goods_of(inquiry, asked.meant, lexicon), _lacks_product(asked)
        offer = self._offer(inquiry, lexicon, telling)
        if self._recommender is not None and (goods.may or not lacks):
            evidence = of_wish(inquiry, goods, names_offer=offer is not None)
            ways.append(Way(Source.WISH, evidence, lambda: self._wished(asked, question)))
        if asked.meant and not lacks:
            products = _likeliest([lexicon.products[name] for name in asked.meant], asked.meant)
            shown = Findings(
                cards=tuple(card(product, telling.language) for product in products),
                product_ids=tuple(product.id for product in products),
                about=asked.about,
                topic=asked.topic,
            )
            ways.append(Way(Source.LINKED, of_linked(asked.meant, goods), _given(shown)))
        unsold = unsold_denied(inquiry, lexicon, telling)
        wished = goods.first or goods.may
        if unsold is not None or (wished and not (inquiry.firm or lacks)):
            evidence = of_unsold(goods, is_denied=unsold is not None)
            ways.append(Way(Source.UNSOLD, evidence, _given(unsold or denied_of("", lexicon, telling))))
        return ways

    def _of_postage(self, asked: Asked, question: Question, telling: Telling) -> Way | None:
        """What the products that are asked about cost with sending them, where that is asked for."""
        asks = asks_of(asked.inquiry) if asked.products else Asks.NOT
        meant = asked.inquiry.named or points_back(question.text)
        if asks is Asks.NOT or not (meant or asks is Asks.TOTAL):
            return None  # what sending costs in general; what "how much, sent to Beijing" is asked of is talked about
        return Way(Source.POSTAGE, of_postage(asks), lambda: self._shipped(asked, question, telling, asks))

    async def _of_the_documents(self, asked: Asked, question: Question, telling: Telling) -> Way:
        hits, sure = await self._documents(asked, question, telling.at)
        looked_up = bool(hits) and is_looked_up(hits[0].entry, question.text)
        found = self._read_in_documents(asked, question, hits, sure)
        return Way(
            Source.DOCUMENTS,
            of_documents(asked.inquiry, sure if hits else 0.0, asked.meant, looked_up=looked_up),
            _given(found),
            at_most=1.0 if sure >= _DOUBTED else sure,
        )

    # ------------------------------------------------------------ reading

    async def _read(self, question: Question, lexicon: Lexicon) -> Asked:
        """The question with its references resolved, and made whole where it leans on the last one."""
        written = simplified(question.text)
        plain = normal(question.text)
        finds = await self._without_codes(lexicon.find(plain))
        by_link = [str(e.value) for e in question.entities if e.kind == "product" and _is_link(e, question.entities)]
        sure = [m.product_ids[0] for m in finds.products if m.sure]
        ids = list(dict.fromkeys([*by_link, *(sure or question.product_ids or finds.product_ids)]))
        pointed = bool(question.product_ids) and not finds.products  # "the second one": what points says nothing more
        rest, topic = without_pointing(finds.rest) if pointed else finds.rest, question.topic
        context = next((exchange.product_ids for exchange in reversed(question.recent) if exchange.product_ids), ())
        before = lexicon.products.get(context[0]) if context else None
        if not ids and not finds.kinds and before is not None and is_follow_up(question.text, question.recent):
            ids = [*kin(rest, before, lexicon.products.values())]
            rest = "" if ids else rest
        if not ids and not finds.kinds and (owner := lexicon.owner(plain)) not in context[:1]:
            ids = [owner] if owner else []
        if not ids and not finds.kinds and question.before:
            ids = _only_of(lexicon.find(normal(question.before)))
        named = bool(ids)
        # who wishes for something may name what it is for: "to hold my phone to the eyepiece"
        may_mean = not named or (not (by_link or pointed) and (topic in RECOMMEND or has_cue(Act.FIND, rest)))
        meant = await self._meant(question, plain, lexicon) if may_mean and not finds.unknown else {}
        ids = ids or _linked(meant, finds, question, talked_about=bool(context or question.on_screen))
        values = _values_in(plain, question.entities)
        rest = _without(rest, [e.text for e in question.entities if e.kind == "link_number"])
        spans, said_now = (
            _places(rest, [text for text, _, _ in values]) + self._values_of(lexicon, ids or context, rest, written),
            rest,
        )
        asks = set(acts_of(rest, "")) - {Act.FIND}
        # a value that the product pointed at has not is asked for, too
        said = [*spans, *lexicon.values(rest)] if pointed else spans
        only_values = bool(said) and not features(without_spans(rest, said)) and not asks
        leans = is_follow_up(question.text, question.recent) or is_only_named(rest) or only_values
        past = _with_abouts(question.recent, lexicon)
        if spans or ids:  # other values or another product take the place of those of the last question
            past = [self._without_values(exchange, lexicon) for exchange in past]
        last = resumed(rest, topic, spans, past)
        if pointed and only_values and (last.topic in RECOMMEND or not (last.topic or has_question_words(last.about))):
            topic = _OF_STOCK  # a value of one that was suggested: whether it is to be had
        elif leans and (last.about != rest or not finds.kinds):
            rest, topic = last.about, last.topic
        if not ids and not finds.kinds and not finds.unknown:
            ids = [question.on_screen] if question.on_screen else list(last.product_ids[:1])
            if len(last.product_ids) > 1 and _OF_THESE.search(plain):
                ids = list(last.product_ids)
        products = await self._shop.products(ids) if ids else []
        said_before = [Exchange(question.before, "", tuple(ids))] if question.before and not finds.products else []
        recent = said_before or ([] if named else question.recent)
        carried = "" if spans or len(ids) != 1 else _values_before(recent, lexicon, ids[0])
        one_of_kind = finds.of_kinds if len(finds.of_kinds) == 1 else ()
        own, labels = self._values_of(lexicon, ids or one_of_kind, rest, written), lexicon.labels(rest)
        firm = bool(by_link or sure or pointed or self._values_of(lexicon, finds.product_ids, plain))
        inquiry = Inquiry(
            plain=plain,
            written=written if len(written) == len(plain) else plain,
            rest=rest,
            language=question.language,
            finds=finds,
            product_ids=tuple(product.id for product in products),
            named=named,
            kinds=finds.kinds,
            acts=acts_of(without_spans(rest, own), topic),  # "left-handed" asks for nothing that is left
            firm=firm,
            pieces=pieces_of(plain, [(m.start, m.end) for m in finds.products] + self._values_of(lexicon, ids, plain)),
            intent=topic,
            values=values,
            spans=tuple(own),
            only_values=only_values and rest == said_now,
            others=tuple(lexicon.values(without_spans(plain, [(m.start, m.end) for m in finds.products]))),
            carried=carried,
            labels=tuple((label.start, label.end) for label in labels),
            label=label_asked(rest, labels, [p.id for p in products]) if firm or not finds.kinds else None,
        )
        about = rest if not carried or carried in rest else f"{carried} {rest}"
        return Asked(
            inquiry, tuple(products), about, topic, leans and rest != finds.rest, meant, _intents_of(question, topic)
        )

    async def _meant(self, question: Question, plain: str, lexicon: Lexicon) -> dict[str, float]:
        """How probable it is of each product that a text means it; nothing where it is not about goods, or the shop has too
        many."""
        if question.topic not in OF_GOODS or question.intents or len(lexicon.products) > _LINKABLE:
            return {}
        return await self._linker.link(plain, list(lexicon.products.values()), question.language)

    async def _without_codes(self, finds: Finds) -> Finds:
        """What was found, without the codes of coupons among the signs that no product has."""
        if not finds.unknown:
            return finds
        codes = {coupon.code.lower() for coupon in await self._shop.coupons(None)}
        return replace(finds, unknown=tuple(span for span in finds.unknown if finds.plain[slice(*span)] not in codes))

    def _without_values(self, exchange: Exchange, lexicon: Lexicon) -> Exchange:
        """A past exchange without the values of variants in what was asked."""
        spans = self._values_of(lexicon, exchange.product_ids, exchange.about)
        return replace(exchange, about=" ".join(without_spans(exchange.about, spans).split()))

    def _values_of(self, lexicon: Lexicon, ids: Sequence[str], rest: str, written: str = "") -> list[tuple[int, int]]:
        """Where a text names values of the variants of a product: of the first of these. `written` has its capitals."""
        product = next(iter(in_order(lexicon.products, ids)), None)
        return list(select(product, rest, _with_capitals(rest, written)).spans) if product is not None else []

    async def _tables(self, asked: Asked, question: Question, at: datetime) -> Tables:
        """The offers, where the question is about money or names one."""
        acts = set(asked.inquiry.acts)
        asks = acts & _OF_OFFERS or asked.topic == _OF_COUPONS
        if not asks and not asked.inquiry.finds.unknown and not _speaks_of_a_code(question.text):
            return Tables()
        room = question.room or (self._default_room if _ON_AIR.search(question.text) else "")
        running = await self._shop.promotions(at, room)
        coupons = await self._shop.coupons(at)
        every, every_coupon = await self._shop.promotions(None), await self._shop.coupons(None)
        now, codes = {offer.id for offer in running}, {coupon.code for coupon in coupons}
        return Tables(
            tuple(running),
            tuple(coupons),
            tuple(offer for offer in every if offer.id not in now and (not offer.room or offer.room == room)),
            tuple(coupon for coupon in every_coupon if coupon.code not in codes),
        )

    # ------------------------------------------------------------ telling

    async def _tell(self, asked: Asked, lexicon: Lexicon, telling: Telling) -> Told | None:
        """What the tables say, and how sure that is."""
        inquiry = asked.inquiry
        offer = self._offer(inquiry, lexicon, telling)
        if isinstance(offer, Coupon) and _buys(inquiry):  # "two of these, and I have WELCOME10"
            inquiry = replace(inquiry, acts=(Act.TOTAL, *inquiry.acts))
        if offer is not None and not (asked.products and {Act.PRICE, Act.TOTAL} & set(inquiry.acts)):
            meant = asked.products if inquiry.named else in_order(lexicon.products, inquiry.finds.of_kinds)
            passage = promos.about(offer, telling, meant, lexicon.products.values())
            return Told((passage,), (), CERTAIN, Act.CODE)
        corpus = await self._catalogue.corpus(telling.language)
        products = asked.products
        if not products and inquiry.kinds and not {Act.FIND, Act.EXTREME} & set(inquiry.acts):
            products = tuple(in_order(lexicon.products, inquiry.finds.of_kinds))
            if len(products) > MAX_CARDS:
                products = ()
        if Act.SIZE in inquiry.acts and not asked.products and measured(inquiry.plain):
            worn = in_order(lexicon.products, inquiry.finds.of_kinds or tuple(lexicon.products))
            passages = advice_by_kind(worn, inquiry.plain, telling)
            return Told(tuple(passages), (), CERTAIN, Act.SIZE) if passages else None
        if has_cue(Act.COUNT, inquiry.plain) and (inquiry.kinds or (not inquiry.named and _of_all(inquiry.plain))):
            return _counted(inquiry, lexicon, telling)
        if not products and Act.OFFERS in inquiry.acts and (share := explained(inquiry, Act.OFFERS)) >= _HALF:
            of_kind = in_order(lexicon.products, inquiry.finds.of_kinds)
            passages = promos.running(of_kind, telling)
            return Told(tuple(passages), (), VAGUE + (EXACT - VAGUE) * share, Act.OFFERS) if passages else None
        if (
            Act.EXTREME in inquiry.acts
            and inquiry.label is None
            and len(asked.products) < 2
            and (ended := await self._at_the_end(asked, lexicon, telling))
        ):
            return ended
        found = await self._facts.tell(inquiry, products, telling, corpus)
        if found is None and inquiry.intent == _OF_COUPONS and (passages := promos.coupons_now(products, telling)):
            return Told(tuple(passages), (), VAGUE, Act.OFFERS)
        if found is None or inquiry.named:
            return found
        return replace(found, confidence=found.confidence * IMPLIED)

    def _offer(self, inquiry: Inquiry, lexicon: Lexicon, telling: Telling) -> Promotion | Coupon | None:
        """The offer that is asked about by its code or name, or by what it takes off which goods. What has a word of an
        offer's name need not ask for one."""
        meant = inquiry.product_ids if inquiry.named else inquiry.finds.of_kinds
        offer = promos.named(inquiry.plain, telling, in_order(lexicon.products, meant))
        if not isinstance(offer, Promotion) or has_cue(Act.OFFERS, inquiry.plain):
            return offer
        return offer if promos.is_named(offer, inquiry.plain) else None

    async def _at_the_end(self, asked: Asked, lexicon: Lexicon, telling: Telling) -> Told | None:
        """Which product of a kind stands at the end of a scale; of all where no kind is said, of those shown last."""
        inquiry = asked.inquiry
        ids = inquiry.finds.of_kinds or (inquiry.product_ids if len(inquiry.product_ids) > 1 else ())
        if not ids:  # of the kind that is talked about, of all where none is
            kinds = {product.category for product in asked.products}
            ids = tuple(name for name, product in lexicon.products.items() if not kinds or product.category in kinds)
        products = [product for product in await self._shop.products(list(ids)) if product.active]
        if self._recommender is not None:
            products = await self._recommender.fitting(inquiry.plain, products, telling.language)
        corpus = await self._catalogue.corpus(telling.language)
        if len(products) > _SCALE and not scales.is_of_price(inquiry.rest):
            return None
        ended = await self._facts.at_the_end(inquiry, products, telling, corpus) if products else None
        if ended is None:
            return None
        passage, ordered = ended
        return Told((passage,), tuple(product.id for product in ordered[:MAX_CARDS]), CERTAIN, Act.EXTREME)

    async def _wished(self, asked: Asked, question: Question) -> Findings | None:
        """Products for what is wished; None for what is no wish for products."""
        inquiry = asked.inquiry
        if self._recommender is None:
            return None
        spoken = inquiry.product_ids if inquiry.named else ()
        need = Need(
            self._wish(asked, question), Language(question.language), question.room, spoken, question.customer_id,
            question.asked_at,
            person=question.person, search=question.search,
        )  # fmt: skip
        found = await self._recommender.recommend(need, await self._stated(inquiry), asked.meant)
        if found.cards and (words := unsaid(inquiry, await self._catalogue.lexicon())):
            found = replace(found, passages=(none_says(words, question.language),), confidence=0.0)
        return replace(found, about=asked.about, topic=asked.topic) if found.cards or found.passages else None

    def _wish(self, asked: Asked, question: Question) -> str:
        """What is wished, with the kind that was talked about where only another value of it is said: "有金色的吗"."""
        inquiry = asked.inquiry
        if inquiry.kinds or inquiry.named or not asked.products or not says_only_values(inquiry):
            return question.text
        return f"{asked.products[0].category_name.in_(question.language)} {question.text}"

    async def _stated(self, inquiry: Inquiry) -> dict[str, float]:
        """How near what is stated of each product comes to what is wished; nothing where they are too many to compare."""
        lexicon = await self._catalogue.lexicon()
        kinds = read_constraints(inquiry.plain, lexicon).kinds
        ids = [name for name in lexicon.products if lexicon.kinds.named_by(kinds, name)] if kinds else lexicon.products
        products = in_order(lexicon.products, tuple(ids))
        return await self._facts.nearness(inquiry.plain, products, inquiry.language) if len(products) <= _SCALE else {}

    async def _documents(self, asked: Asked, question: Question, at: datetime) -> tuple[list[Hit], float]:
        """What the documents say, and how sure that is: of the product that is meant, or as the question stands."""
        topics = asked.topic or question.topic, *question.intents
        plains = [plain for topic in dict.fromkeys(topics) if (plain := plainly(topic, question.language))]
        products = asked.inquiry.product_ids if asked.inquiry.named else ()
        # a rule may name what it is for; what a product is like, its own statements say better than passages that name it
        ruled = asked.products if asked.inquiry.intent not in OF_GOODS else ()
        words = tuple(dict.fromkeys(word for one in ruled for word in _words_for(one)))
        query = Query(question.text, question.language, at, products, plain=plains[0] if plains else "", about=words)
        texts = [question.text]
        if asked.products and not asked.inquiry.named:
            texts.append(f"{asked.products[0].name.in_(question.language)} {question.text}")
        if asked.about and asked.about not in (question.text, asked.inquiry.finds.rest):
            texts.append(asked.about)
        lexicon = await self._catalogue.lexicon()
        meant = products or asked.inquiry.finds.of_kinds
        found = []
        for text, plain in pairs(texts, plains or [""]):
            hits = await self._search.find(replace(query, text=text, plain=plain, said=question.text, limit=_LOOKED_AT))
            ordered = of_these_first(hits, meant, lexicon)
            sure = confidence(ordered if ordered[:1] != hits[:1] else hits, self._reader.name)
            # a name that was put there by us is found in every row about the product
            found.append((ordered[: query.limit], sure * (_NAME_ADDED if text is not question.text else 1.0)))
        best = max(found, key=lambda pair: pair[1])
        if best[0] and says_nothing_of_it(best[0][0].entry, " ".join((question.text, asked.about, *plains))):
            best = best[0], best[1] * _ANY_ROW
        if question.told and (going_on := await self._going_on(question, query, best[0])) is not None:
            return going_on
        if best[1] >= ANSWERS or not plains:
            return best
        return confirmed(best, await self._search.find(replace(query, text=plains[0], plain="")), self._reader.name)

    async def _going_on(self, question: Question, query: Query, alone: Sequence[Hit]) -> tuple[list[Hit], float] | None:
        """What answers a question that goes on with what its message asked before: "can you send to Mars, and how much".

        It stands in the document that answered before, is not that answer again, and is found for the question alone, too.
        """
        hits = await self._search.find(replace(query, text=f"{question.before} {question.text}"))
        sure = confidence(hits, self._reader.name)
        if not hits or sure < ANSWERS:
            return None
        entry, told = hits[0].entry, {(passage.source, passage.text) for passage in question.told}
        same = any(entry.path == source for source, _ in told) and (entry.path, entry.text) not in told
        return (hits, sure) if same and any(hit.entry == entry for hit in alone) else None

    async def _shipped(self, asked: Asked, question: Question, telling: Telling, asks: Asks) -> Findings | None:
        """What products cost together with their postage, and what the documents say of sending such a purchase.

        Where no rule says what sending costs, the documents are asked in the customer's words. None where nothing is known.
        """
        inquiry = replace(asked.inquiry, acts=(Act.TOTAL,))
        tables = await self._tables(replace(asked, inquiry=inquiry), question, telling.at)
        telling = replace(telling, tables=tables)
        sent = await self._sent(replace(asked, inquiry=inquiry), telling)
        delivery = Delivery(sent.charge, asks is Asks.FEE) if sent is not None else None
        telling = replace(telling, tables=replace(tables, delivery=delivery))
        corpus, told, plain = await self._catalogue.corpus(telling.language), None, question
        if delivery is not None or asks is not Asks.FEE:
            told = await self._facts.tell(inquiry, asked.products, telling, corpus)
        if delivery is not None:
            plain = replace(question, text=plainly(_OF_POSTAGE, question.language))
        hits, sure = await self._documents(asked, replace(plain, intents=(_OF_POSTAGE,)), telling.at)
        if told is None and sure < ANSWERS:
            return None
        hits = hits if sure >= ANSWERS else []
        rule = sent.rule if sent is not None else None
        rules = [as_passage(entry) for entry in rule.of_language(question.language)] if rule is not None else []
        return Findings(
            (
                *(told.passages if told else ()),
                *rules,
                *(passage_of_hit(hit) for hit in hits if as_passage(hit.entry) not in rules),
            ),
            (),
            product_ids=asked.inquiry.product_ids,
            about=plain.text,
            topic=asked.topic,
        )

    async def _sent(self, asked: Asked, telling: Telling) -> Sent | None:
        """What sending what is asked for costs, to the places named; None where it is nothing, or no rule says it."""
        purchase = purchase_of(asked.inquiry, asked.products, telling)
        return await self._sending.sent(purchase, destinations(asked.inquiry), telling.at) if purchase is not None else None

    def _read_in_documents(self, asked: Asked, question: Question, hits: Sequence[Hit], sure: float) -> Findings:
        if _lacks_product(asked) and (sure < SURE_WITHOUT_PRODUCT or _is_of_one(question)):
            return Findings(missing="product", about=asked.about, topic=asked.topic)
        return Findings(
            passages=tuple(passage_of_hit(hit) for hit in referred_next(hits)),
            topics=topics_of(hits, question.language),
            product_ids=tuple(product.id for product in asked.products),
            about=asked.about,
            topic=asked.topic,
        )


def _intents_of(question: Question, topic: str) -> tuple[tuple[str, float], ...]:
    """What a question was taken for, with the probabilities: one that goes on with the last is for what that was for."""
    return question.likely if question.likely and topic == question.topic else ((topic, 1.0),)


def _linked(meant: Mapping[str, float], finds: Finds, question: Question, *, talked_about: bool) -> list[str]:
    """The product that a text means which names none, where something of one product is asked and one is likely enough.

    It has to be likelier where kinds are named, of which others may be meant as well, or another product is talked about:
    what leans on that means that.
    """
    best = max(meant, key=lambda name: meant[name], default=None)
    if best is None or _OF_SEVERAL & set(acts_of(finds.rest, question.topic)):
        return []
    if talked_about and (is_follow_up(question.text, question.recent) or points_back(question.text)):
        return []
    return [best] if meant[best] >= (LINKED_ELSEWHERE if talked_about or finds.kinds else LINKED) else []


def _likeliest(products: Sequence[Product], meant: Mapping[str, float]) -> list[Product]:
    """The products that are likeliest meant, the best first, without those that are far less likely, or sold out."""
    first, *others = sorted(products, key=lambda product: -meant[product.id])
    near = (one for one in others if meant[one.id] >= _BESIDE * meant[first.id])
    return [first, *(one for one in near if any(variant.stock for variant in one.variants))][:MAX_CARDS]


def _words_for(product: Product) -> Iterator[str]:
    """The normalised words for a product and its kind, without those of a single character."""
    return (word for word in (*said_names(product), *kind_names(product)) if len(word) > 1)


def _lacks_product(asked: Asked) -> bool:
    """Whether something of one product is asked, such as its price, and neither one nor a kind is meant."""
    acts = asked.inquiry.acts[:1] if not asked.inquiry.values else asked.inquiry.acts
    return bool(OF_ONE_PRODUCT & set(acts)) and not asked.products and not asked.inquiry.kinds


def _with_postage(way: Way, sent: Way | None) -> Way:
    """What something costs together with sending it, where that is asked for and known."""
    if way.source is not Source.MONEY or sent is None:
        return way

    async def findings() -> Findings | None:
        return await sent.findings() or await way.findings()

    return replace(way, findings=findings)


def _given(found: Findings) -> Callable[[], Awaitable[Findings | None]]:
    """Findings that are there already."""

    async def given() -> Findings:
        return found

    return given


def _of_tables(told: Told, asked: Asked, telling: Telling) -> Findings:
    """What the tables said as findings, with the cards of the products in question."""
    cards = tuple(card(product, telling.language) for product in asked.products if product.id in told.product_ids)
    about = "" if told.act is Act.EXTREME else asked.about  # what was chosen is what is talked about now
    return Findings(told.passages, cards[:MAX_CARDS], product_ids=told.product_ids, about=about, topic=asked.topic)


def _buys(inquiry: Inquiry) -> bool:
    """Whether pieces of a product that is named are wanted, rather than asked about."""
    return inquiry.named and (inquiry.pieces or 0) > 1 and not inquiry.asks_yes_or_no


def _of_all(plain: str) -> bool:
    """Whether a question for a number names nothing but goods as such: what else it names is not all that is sold."""
    return not features(_GOODS_AS_SUCH.sub(" ", plain))


def _counted(inquiry: Inquiry, lexicon: Lexicon, telling: Telling) -> Told | None:
    """How many products there are, of the kinds said, in the asker's word for them, or of all."""
    count = len(inquiry.finds.of_kinds) if inquiry.kinds else len(lexicon.products)
    said = [inquiry.plain[kind.start : kind.end] for kind in inquiry.kinds]
    if said and all(word.isascii() == (telling.language == "en") for word in said):
        kinds = listed(said, telling.language)
        text = telling.say(
            f"{kinds}现在在售的一共有 {count} 款。",
            f"We have {count} {'kind' if count == 1 else 'kinds'} of {kinds} on sale.",
        )
    else:
        text = telling.say(f"现在在售的一共有 {count} 款。", f"There are {count} on sale now.")
    return Told((of_shop(telling, text, "products", telling.say("商品", "Products")),), (), CERTAIN, Act.COUNT)


def _speaks_of_a_code(text: str) -> bool:
    """Whether a text has a word in capitals, or of letters and digits, as codes are."""
    return _CODE_LIKE.search(text) is not None


def _with_abouts(recent: Sequence[Exchange], lexicon: Lexicon) -> list[Exchange]:
    """Past exchanges, of which the last about products says what was asked: in its own words, where nobody noted it."""
    last = next((exchange for exchange in reversed(recent) if exchange.product_ids or exchange.about), None)
    last = last or (recent[-1] if recent else None)
    if last is None or last.about:
        return list(recent)
    return [replace(last, about=lexicon.find(normal(last.asked)).rest)]


def _values_before(recent: Sequence[Exchange], lexicon: Lexicon, product_id: str) -> str:
    """The values of a product's variants that the last question about products said, as they were written."""
    last = next((exchange for exchange in reversed(recent) if exchange.product_ids), None)
    product = lexicon.products.get(product_id)
    if last is None or product is None or last.product_ids[0] != product_id:
        return ""
    for text in (last.asked, last.about):
        plain, written = normal(text), simplified(clean(text))
        names = [(m.start, m.end) for m in lexicon.find(plain).products]
        written = without_spans(written if len(written) == len(plain) else plain, names)
        if spans := select(product, without_spans(plain, names), written).spans:
            return " ".join(written[start:end] for start, end in spans)
    return ""


def _is_link(entity: Entity, entities: Sequence[Entity]) -> bool:
    """Whether a product is meant by a link number rather than by its name."""
    return any(other.kind == "link_number" and other.text == entity.text for other in entities)


def _values_in(plain: str, entities: Sequence[Entity]) -> tuple[tuple[str, int, int], ...]:
    """The colours and sizes that a normalised question says, each with its place in it.

    The entities are those of a whole message, of which the question may be a part.
    """
    said = [e.text for e in entities if e.kind in ("color", "size") and e.text]
    placed = ((text, _places(plain, [text])) for text in said)
    return tuple((text, *places[0]) for text, places in placed if places)


def _places(plain: str, values: Sequence[str]) -> list[tuple[int, int]]:
    """Where values stand in a normalised text."""
    return [match.span() for text in values if (match := _as_a_word(normal(text)).search(plain))]


@lru_cache(4096)
def _as_a_word(text: str) -> re.Pattern[str]:
    """Finds a normalised text, Latin letters and digits at its ends as whole words: no "l" in "shell"."""
    before = r"(?<![a-z0-9])" if text[:1].isascii() and text[:1].isalnum() else ""
    after = r"(?![a-z0-9])" if text[-1:].isascii() and text[-1:].isalnum() else ""
    return re.compile(f"{before}{re.escape(text)}{after}" if text else r"(?!)")


def _is_of_one(question: Question) -> bool:
    """Whether a question is of one product that it does not name: "is it in stock", "有 M 码吗"."""
    return points_back(question.text) or any(entity.kind in ("size", "color") for entity in question.entities)


def _only_of(finds: Finds) -> list[str]:
    """The one product that a text is about, be it the only one of the kind that it says; none of several."""
    ids = finds.product_ids or finds.of_kinds
    return [*ids] if len(ids) == 1 else []


def _with_capitals(plain: str, written: str) -> str:
    """A normalised text with the words in capitals that are so in what was written: "l" is a size where "L" stands."""
    capitals = set(_CAPITALS.findall(written))
    return _LATIN.sub(lambda match: match.group().upper() if match.group().upper() in capitals else match.group(), plain)


def _without(text: str, parts: Sequence[str]) -> str:
    """A text without some parts of it."""
    for part in sorted(filter(None, parts), key=len, reverse=True):
        text = text.replace(normal(part), " ")
    return " ".join(text.split())
