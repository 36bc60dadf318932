"""The port Recommender: by need, by what goes with the products spoken of, by what the person has bought."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Product, Shop
from bot.ports import Encoder
from bot.text import normal
from bot.types import Card, Findings, Need, Passage
from knowledge.catalogue import ShopCatalogue
from knowledge.facts.relevance import FAR, Corpus
from knowledge.facts.statements import Statement, statements
from knowledge.facts.wishes import AFFIRMED, keeps_to, support
from knowledge.lexicon.lexicon import Lexicon
from knowledge.lexicon.quantities import Quantity
from knowledge.recommend.constraints import Constraints, bounded, read_constraints
from knowledge.recommend.extremes import SALES, Extreme, at_the_end, ranks, read_extreme
from knowledge.recommend.purchases import Link, Purchases
from knowledge.recommend.relaxation import Relaxed, explained, relax
from knowledge.wording import card, is_english, listed

# What products are called and who bought them is read again after this many seconds; prices and stock at every call.
LEARNED_FOR_S = 60.0
# How much the meaning of a need counts beside the number of its properties that a product has.
_MEANING = 4.0
# How much what is likely bought next counts: its scores are some hundredths, cosines of a need some tenths.
_NEXT = 8.0
# How much more a hoodie counts, where a hoodie is wanted, than what is of the category of hoodies.
_OWN_NAME = 0.25
# How much it counts how near what is stated of a product comes to the need.
_STATED = 8.0
NOTHING_STATED: Mapping[str, float] = {}
# So many products are asked of the shop by their ids, more as a part of all.
_FEW = 100


class ShopRecommender:
    """`Recommender` over the shop's tables and everybody's purchases."""

    def __init__(self, shop: Shop, encoder: Encoder, catalogue: ShopCatalogue | None = None) -> None:
        """`catalogue` is the one that others read, too, where there is one."""
        self._shop = shop
        self._catalogue = catalogue or ShopCatalogue(shop)
        self._encoder = encoder
        self._purchases = Purchases({})
        self._learned_from: Mapping[str, Sequence[str]] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._learned_at = float("-inf")
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        """Read what products are called and who bought them, where that was not done lately."""
        async with self._learning:
            if time.monotonic() - self._learned_at < LEARNED_FOR_S:
                return
            products = await self._shop.products()
            bought = await self._shop.purchases()
            if bought != self._learned_from:
                self._purchases = await asyncio.to_thread(Purchases, bought)
                self._learned_from = bought
            fresh = [product for product in products if product.id not in self._vectors]
            if fresh:
                vectors = await self._encoder.encode_passages([_text(product) for product in fresh])
                self._vectors |= {product.id: vector for product, vector in zip(fresh, vectors, strict=True)}
            self._learned_at = time.monotonic()

    async def recommend(self, need: Need, stated: Mapping[str, float] = NOTHING_STATED) -> Findings:
        """Cards in stock, best first; empty when nothing keeps to what the need rules out.

        `stated` says how near what is stated of each product comes to the need, from FAR to 1, by product id.
        """
        await self.learn()
        lexicon, corpus = await self._catalogue.lexicon(), await self._catalogue.corpus(need.language)
        read = read_constraints(need.text, lexicon)
        wider = _widened(read, lexicon)
        products = {product.id: product for product in await self._shop.products(_of_kinds(wider, lexicon))}
        constraints = bounded(read, products.get(read.than))
        owned = list((await self._shop.purchases()).get(need.customer_id, ())) if need.customer_id else []
        extreme = read_extreme(need.text)

        def fits(wishes: Constraints) -> list[Product]:
            kept = [p for p in products.values() if p.active and _is_kind(p, wishes, lexicon) and wishes.variants(p)]
            return _with_properties(kept, wishes, corpus, need.language)

        fitting = fits(constraints)
        if not fitting and wider is not read:
            constraints = bounded(wider, products.get(read.than))
            fitting = fits(constraints)
        if not fitting:
            return _nearest(relax(constraints, fits), Because(constraints, corpus, lexicon.products, need.language), need)
        if extreme is not None:
            return _at_the_end(fitting, extreme, need, self._purchases)
        # "a sun jacket" names one product as well as its kind: it is not left out as something already spoken of
        spoken = [name for name in need.product_ids if not lexicon.kinds.named_by(constraints.kinds, name)]
        left = [product for product in fitting if product.id not in {*owned, *spoken}]
        links = {link.product_id: link for link in self._purchases.suggest([*owned, *need.product_ids])}
        named = {p.id: _OWN_NAME for p in left if lexicon.kinds.own_name_says(constraints.kinds, p.id)}
        apart = {
            p.id: _together(links, p) + named.get(p.id, 0.0) + _fit(p, constraints, corpus, need.language) for p in left
        }
        near = [product for product in left if stated.get(product.id) != FAR] or left
        apart = {name: score + _STATED * stated.get(name, 0.0) for name, score in apart.items()}
        ranked = await self._ranked(need, near, apart)
        because = Because(constraints, corpus, lexicon.products, need.language)
        return _found(_card(p, because, links.get(p.id)) for p in ranked[: need.limit])

    async def fitting(self, text: str, products: Sequence[Product], language: str) -> list[Product]:
        """Those of the products that keep to what a text wishes: bounds, values and properties."""
        lexicon, corpus = await self._catalogue.lexicon(), await self._catalogue.corpus(language)
        wishes = read_constraints(text, lexicon)
        return _with_properties([p for p in products if wishes.variants(p)], wishes, corpus, language)

    async def _ranked(self, need: Need, products: Sequence[Product], apart: Mapping[str, float]) -> list[Product]:
        """By meaning where the need says something, and by what counts `apart` from it; then by sales."""
        meaning = await self._meaning(need.text, products) if need.text else {}
        sold = self._purchases

        def score(product: Product) -> tuple[float, float, str]:
            return -(_MEANING * meaning.get(product.id, 0.0) + apart[product.id]), -sold.buyers(product.id), product.id

        return sorted(products, key=score)

    async def _meaning(self, text: str, products: Sequence[Product]) -> dict[str, float]:
        """Cosine of the need and each product, less the mean: what all have in common tells nothing."""
        if not products:
            return {}
        query = (await self._encoder.encode_queries([text]))[0]
        cosines = {
            product.id: float(self._vectors[product.id] @ query) for product in products if product.id in self._vectors
        }
        mean = sum(cosines.values()) / len(cosines) if cosines else 0.0
        return {name: cosine - mean for name, cosine in cosines.items()}


def _of_kinds(constraints: Constraints, lexicon: Lexicon) -> list[str] | None:
    """The products of the kinds that were said, and the one that others are compared with; None stands for all."""
    named = [name for name in lexicon.products if lexicon.kinds.named_by(constraints.kinds, name)]
    if not constraints.kinds or len(named) > _FEW:
        return None
    return [*named, *([constraints.than] if constraints.than else [])]


def _nearest(relaxed: Relaxed | None, because: Because, need: Need) -> Findings:
    """What comes nearest where nothing fits: its passage says which wish was given up. Empty where nothing comes near."""
    if relaxed is None:
        return Findings()
    given = replace(because, constraints=relaxed.constraints)
    cards = tuple(_card(product, given, None) for product in relaxed.products[: need.limit])
    why = Passage(explained(relaxed, because.constraints, need.language), "products", "", language=need.language, live=True)
    return Findings((why,), cards, 0.0, product_ids=tuple(card.product_id for card in cards))


def _together(links: Mapping[str, Link], product: Product) -> float:
    """How likely a product is bought after what is owned and spoken of."""
    return _NEXT * links[product.id].score if product.id in links else 0.0


def _found(cards: Iterable[Card]) -> Findings:
    cards = tuple(cards)
    return Findings(cards=cards, confidence=float(bool(cards)), product_ids=tuple(card.product_id for card in cards))


def _at_the_end(products: Sequence[Product], extreme: Extreme, need: Need, sold: Purchases) -> Findings:
    """The answer to "which is the cheapest": the order of the scale, whatever the person owns."""
    ranked = at_the_end(products, extreme, sold.buyers)
    places = ranks(ranked, extreme, sold.buyers)
    shown = [product for product in ranked if places[product.id] >= extreme.place]
    return _found(
        card(
            product,
            need.language,
            _place(places[product.id], len(ranked), extreme, need) + _value(product, extreme, need, sold),
        )
        for product in shown[: need.limit]
    )


def _place(place: int, of: int, extreme: Extreme, need: Need) -> str:
    """`1 of 12, highest first; `."""
    if is_english(need.language):
        return f"{place} of {of}, {'highest' if extreme.most else 'lowest'} first; "
    return f"{of} 款里从{'高到低' if extreme.most else '低到高'}排第 {place}；"


def _value(product: Product, extreme: Extreme, need: Need, sold: Purchases) -> str:
    """What the product was ranked by."""
    english = is_english(need.language)
    if extreme.scale == SALES:
        buyers = sold.buyers(product.id)
        return f"{buyers} customers bought it" if english else f"{buyers} 位顾客买过"
    price = min(variant.price for variant in product.variants if variant.stock > 0)
    return f"price {price}" if english else f"价格 {price}"


def _text(product: Product) -> str:
    """What a product is, in both languages, for its vector."""
    parts = (product.name.zh, product.name.en, product.category_name.zh, product.category_name.en, *product.tags)
    return " ".join((*parts, product.description.zh, product.description.en))


def _is_kind(product: Product, constraints: Constraints, lexicon: Lexicon) -> bool:
    """Whether a product is of a kind that was named; anything is where none was."""
    return not constraints.kinds or lexicon.kinds.named_by(constraints.kinds, product.id)


def _widened(constraints: Constraints, lexicon: Lexicon) -> Constraints:
    """The constraints with the kind's category where its word names a single product that other wishes speak against:
    who wants "headphones, but not over-ear" wants other headphones."""
    named = [name for name in lexicon.products if lexicon.kinds.named_by(constraints.kinds, name)]
    if len(named) != 1 or not constraints.kinds or all(wish.wanted for wish in constraints.wishes):
        return constraints
    product = lexicon.products[named[0]]
    words = [text for text in (product.category_name.zh, product.category_name.en) if text]
    return replace(constraints, kinds=lexicon.kinds.said(" ".join(normal(word) for word in words)) or constraints.kinds)


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


def _with_properties(products: list[Product], constraints: Constraints, corpus: Corpus, language: str) -> list[Product]:
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
        said = {p.id: support(wish.phrase, _told(p, language), corpus) for p in left}
        if not wish.wanted:
            left = [p for p in left if said[p.id] < AFFIRMED]
            continue
        sure = [p for p in left if said[p.id] >= AFFIRMED]
        left = sure or [p for p in left if said[p.id] > -AFFIRMED]
    return left


def _fit(product: Product, constraints: Constraints, corpus: Corpus, language: str) -> float:
    """How well a product's statements say what is wished, and deny what is not."""
    told = _told(product, language)
    return sum((1 if wish.wanted else -1) * support(wish.phrase, told, corpus) for wish in constraints.wishes)


@dataclass(frozen=True, slots=True)
class Because:
    """What reasons for a card are made of: the wishes, the words of the shop and its products, and the language."""

    constraints: Constraints
    corpus: Corpus
    products: Mapping[str, Product]
    language: str


def _card(product: Product, because: Because, link: Link | None) -> Card:
    constraints, language, products = because.constraints, because.language, because.products
    variants = constraints.variants(product)
    reasons = _properties(product, because)
    cheapest = min(variant.price for variant in variants)
    if constraints.most is not None:
        reasons.append(f"from {cheapest}, within budget" if is_english(language) else f"{cheapest} 起，在预算内")
    if constraints.foreign:
        reasons.append(
            f"our prices are in {cheapest.currency}" if is_english(language) else f"本店按 {cheapest.currency} 标价"
        )
    if constraints.colors or constraints.unwanted:
        colors = list(dict.fromkeys(variant.color.in_(language) for variant in variants))
        reasons.append(f"in {listed(colors, 'en')}" if is_english(language) else f"有{listed(colors, 'zh')}")
    if constraints.size:
        size = constraints.size.upper()
        reasons.append(f"size {size} in stock" if is_english(language) else f"{size} 码有货")
    if link is not None and link.because in products:
        name = products[link.because].name.in_(language)
        reasons.append(
            f"{link.together} customers bought it with {name}"
            if is_english(language)
            else f"{link.together} 位顾客和「{name}」一起买过"
        )
    if not reasons:
        pieces = sum(variant.stock for variant in variants)
        reasons.append(f"in stock, {pieces} left" if is_english(language) else f"现货 {pieces} 件")
    return card(product, language, ("; " if is_english(language) else "；").join(reasons))


def _properties(product: Product, because: Because) -> list[str]:
    """The statements that say what was wished, as the product has them."""
    told = statements(product, because.language)
    colon = ": " if is_english(because.language) else "："
    reasons = []
    for wish in because.constraints.wishes:
        scored = [(abs(support(wish.phrase, [statement], because.corpus)), n) for n, statement in enumerate(told)]
        best, place = max(scored, default=(0.0, 0))
        if best >= AFFIRMED:
            statement = told[place]
            reasons.append(f"{statement.label}{colon}{statement.text}" if statement.label else statement.text)
    for one in because.constraints.stated:
        reasons += [f"{a.label.in_(because.language)}{colon}{a.value.in_(because.language)}" for a in one.of(product)]
    for bound in because.constraints.bounds:
        stated = (s for s in told if any(q.dimension == bound.dimension for q in s.quantities))
        reasons += [f"{s.label}{colon}{s.text}" if s.label else s.text for s in list(stated)[:1]]
    return list(dict.fromkeys(reasons))[:2]
