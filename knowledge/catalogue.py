"""Products as people name them: the port Catalogue, and the shop's lexicon as of now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

from bot.asking import asks, asks_for_an_amount
from bot.commerce import Product, Shop
from bot.text import clean, normal
from bot.types import Entity
from knowledge.facts.goods import on_the_shelf
from knowledge.facts.reading import Act, acts_of, cue_spans, pieces_of
from knowledge.facts.relevance import Corpus, corpus_of, features
from knowledge.facts.statements import statements
from knowledge.facts.variants import select
from knowledge.followups import only_changes
from knowledge.lexicon.grams import without_spans
from knowledge.lexicon.lexicon import Lexicon, in_order
from knowledge.lexicon.names import Mention
from knowledge.lexicon.own_words import NO_WORDS, OwnWords
from knowledge.recommend.critiques import Values, known_values, picked, read_critique

# Names are read again after this many seconds; prices and stock never come from here.
NAMES_FOR_S = 60.0
# What nothing but the tables answers.
_OF_TABLES = frozenset({Act.PRICE, Act.TOTAL, Act.STOCK, Act.CHOICES, Act.EACH, Act.SAVING})
# How much less sure a word of a name is that does not say what the thing is.
_NO_HEAD = 0.6


class ShopCatalogue:
    """`Catalogue` over the shop's product table. One is shared by everybody who reads what people say of this shop."""

    def __init__(self, shop: Shop, default_room: str = "", words: OwnWords = NO_WORDS) -> None:
        """`default_room` is whose links are meant by who writes from no room, `words` what the shop has written down."""
        self._shop = shop
        self._default_room = default_room
        self._words = words
        self._compiled_of: list[Product] = []
        self._lexicon = Lexicon(())
        self._corpora: dict[str, Corpus] = {}
        self._values: Values = {}
        self._read_at = float("-inf")
        self._refreshing = asyncio.Lock()

    async def lexicon(self) -> Lexicon:
        """The words of the shop, as its tables have them now or had them a minute ago."""
        await self._refresh()
        return self._lexicon

    async def values(self) -> Values:
        """What the shop's products have that can be said alone, with the aspects that have it."""
        await self._refresh()
        return self._values

    async def corpus(self, language: str) -> Corpus:
        """How telling each word is among what the shop says of its products in a language."""
        await self._refresh()
        key = "en" if language == "en" else "zh"
        if key not in self._corpora:
            told = [s for product in self._lexicon.products.values() for s in statements(product, key)]
            self._corpora[key] = corpus_of(told)
        return self._corpora[key]

    async def mentions(self, text: str) -> Sequence[Entity]:
        """Products named in `text` by name, a telling part of one, alias, id or SKU, in order.

        An ambiguous name gives one entity a product, with as much less confidence.
        """
        await self._refresh()
        return _entities(self._lexicon.mentions(normal(text)), text)

    async def asks(self, text: str, last: Sequence[str] = ()) -> bool:
        """Whether a text asks for something of a product it names that the tables say, by the form of its words.

        After a question about the products `last` it asks, too, where it only names another, or a value or number of these.
        """
        await self._refresh()
        finds = self._lexicon.find(normal(text))
        named = any(mention.whole or mention.head for mention in finds.products)
        of_tables = bool(_OF_TABLES & set(acts_of(finds.rest, ""))) or asks_for_an_amount(finds.rest)
        if (named and of_tables) or on_the_shelf(finds.plain):
            return True
        meant = finds.product_ids[:1] if named else last[:1]
        if not last or not meant or meant[0] not in self._lexicon.products:
            return False
        spans = select(self._lexicon.products[meant[0]], finds.rest, finds.rest).spans
        changed = named or bool(spans) or pieces_of(finds.rest, spans) is not None
        return changed and only_changes(finds.rest, spans)

    async def completes(self, asked: str, named: str) -> bool:
        """Whether a text asks the tables for something and says nothing else, of what the one before it only `named`."""
        await self._refresh()
        before, now = self._lexicon.find(normal(named)), self._lexicon.find(normal(asked))
        acts = [act for act in acts_of(now.rest, "") if act in _OF_TABLES]
        bare = not now.products and not features(without_spans(now.rest, cue_spans(now.rest, acts)))
        names = bool(before.products) or bool(self._lexicon.values(before.plain))
        return bool(acts) and bare and names and not _OF_TABLES & set(acts_of(before.rest, "")) and not asks(named)

    async def criticises(self, text: str, shown: Sequence[str]) -> bool:
        """Whether a text is a critique of the products shown, and names no product."""
        await self._refresh()
        products = self._lexicon.products
        if picked(text) is not None:
            return True
        plain = normal(text)
        named = [mention for mention in self._lexicon.mentions(plain) if mention.whole or mention.head]
        if any(plain[mention.start : mention.end] not in self._values for mention in named):
            return False
        seen = [products[name] for name in shown if name in products]
        return bool(seen) and read_critique(text, seen, self._values) is not None

    async def has_value(self, text: str, product_ids: Sequence[str]) -> bool:
        """Whether a text is a value that tells the variants of one of these products apart, such as a size."""
        await self._refresh()
        plain = normal(text)
        found = in_order(self._lexicon.products, product_ids)
        selected = [(product, select(product, plain, plain)) for product in found]
        return any(chosen.said and len(chosen.variants) < len(product.variants) for product, chosen in selected)

    async def link(self, room: str, number: int, at: datetime) -> str | None:
        """The product that link `number` of `room` meant at `at`, or None."""
        shelf = await self._shop.shelf(room or self._default_room, at)
        return next((link.product_id for link in shelf if link.number == number), None)

    async def _refresh(self) -> None:
        async with self._refreshing:  # once, however many ask at the moment when the names are old
            if time.monotonic() - self._read_at <= NAMES_FOR_S:
                return
            products = await self._shop.products()
            if not _same(products, self._compiled_of):
                self._lexicon = await asyncio.to_thread(Lexicon, products, self._words)
                self._compiled_of = products
                self._values = await asyncio.to_thread(known_values, products)
                self._corpora.clear()
            self._read_at = time.monotonic()


def _same(a: Sequence[Product], b: Sequence[Product]) -> bool:
    """Whether two readings of the table name their products alike; prices and pieces may differ."""
    return len(a) == len(b) and all(x is y or _words(x) == _words(y) for x, y in zip(a, b, strict=True))


def _words(product: Product) -> tuple[object, ...]:
    skus = tuple((v.sku, v.color, v.size) for v in product.variants)
    return (
        product.id,
        product.name,
        product.aliases,
        product.category,
        product.category_aliases,
        product.attributes,
        product.description,
        skus,
    )


def _sure(mention: Mention) -> float:
    """How sure it is that one of its products is meant: a word that does not say what the thing is counts less."""
    said = 1.0 if mention.whole or mention.head else _NO_HEAD
    return mention.confidence * said / len(mention.product_ids)


def _entities(found: Sequence[Mention], text: str) -> list[Entity]:
    same = len(clean(text)) == len(text) == len(normal(text))  # cleaning may have moved the places
    entities = []
    for mention in found:
        start, end = (mention.start, mention.end) if same else (0, len(text))
        entities += [Entity("product", name, text[start:end], start, end, _sure(mention)) for name in mention.product_ids]
    return entities
