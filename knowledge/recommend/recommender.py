"""The port Recommender: by need, by what goes with the products spoken of, by what the person has bought."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Product, Shop
from bot.ports import Encoder
from bot.signals import Signal, Signals
from bot.text import normal
from bot.types import Card, Findings, Narrowing, Need, Passage
from knowledge.catalogue import ShopCatalogue
from knowledge.facts.relevance import FAR
from knowledge.lexicon.lexicon import Lexicon
from knowledge.recommend.aspects import GROUP, KIND
from knowledge.recommend.constraints import Constraints, bounded, read_constraints
from knowledge.recommend.critiques import Demand, all_demands, kept_to
from knowledge.recommend.extremes import SALES, Extreme, at_the_end, ranks, read_extreme
from knowledge.recommend.narrowing import question
from knowledge.recommend.properties import fit, with_properties
from knowledge.recommend.purchases import Link, Purchases
from knowledge.recommend.reasons import Because, joined, near_in_meaning, not_all, reasoned, reasons
from knowledge.recommend.relaxation import Relaxed, explained, relax
from knowledge.recommend.tastes import ALIKE, Taste, centred, likeness, liking, taste_of
from knowledge.wording import card, is_english

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
# How much it counts how probable it is that a product is meant. From where on one is likely, what part of that others must
# have, and what part all of a kind that is said must have, or else the word for it is none.
_MEANT, LIKELY, _AS_LIKELY, _OF_KIND_AS_LIKELY = 3.0, 0.5, 0.25, 0.1
# What fits is looked through to its end.
_ALL = 1_000_000
# How much it counts to be like the product that was pointed at.
_LIKE = 2.0
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# So many products are asked of the shop by their ids, more as a part of all.
_FEW = 100


class ShopRecommender:
    """`Recommender` over the shop's tables and everybody's purchases."""

    def __init__(
        self, shop: Shop, encoder: Encoder, catalogue: ShopCatalogue | None = None, signals: Signals | None = None
    ) -> None:
        """`catalogue` is the one that others read, too, where there is one; `signals` what people agreed to have kept."""
        self._shop = shop
        self._catalogue = catalogue or ShopCatalogue(shop)
        self._signals = signals
        self._encoder = encoder
        self._purchases = Purchases({})
        self._learned_from: Mapping[str, Sequence[str]] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._alike: dict[str, NDArray[np.float32]] = {}
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
                self._alike = centred(self._vectors)
            self._learned_at = time.monotonic()

    async def recommend(
        self, need: Need, stated: Mapping[str, float] = NOTHING_STATED, meant: Mapping[str, float] = NOTHING_STATED
    ) -> Findings:
        """Cards in stock, best first; empty when nothing keeps to what the need rules out.

        `stated` says how near what is stated of each product comes to the need, from FAR to 1, by product id, and `meant`
        how probable it is that the need means it.
        """
        found = await self.ranking(need, stated, meant)
        if isinstance(found, Findings):
            return found
        return found.found(need.limit)

    async def why(self, need: Need, product_id: str) -> str:
        """What put a product among the suggestions for a need; empty where nothing does now."""
        found = await self.ranking(replace(need, limit=_ALL))
        if isinstance(found, Ranking):
            return next((found.why(p, need) for p in found.products if p.id == product_id), "")
        return next((card.reason for card in found.cards if card.product_id == product_id), "")

    async def ranking(
        self, need: Need, stated: Mapping[str, float] = NOTHING_STATED, meant: Mapping[str, float] = NOTHING_STATED
    ) -> Ranking | Findings:
        """Everything that fits, best first, with the features that say so; where a rule decides alone, what it found."""
        await self.learn()
        lexicon, corpus = await self._catalogue.lexicon(), await self._catalogue.corpus(need.language)
        read = _of_what_is_excluded(read_constraints(need.text, lexicon), lexicon)
        read = _of_what_is_meant(read, meant, lexicon)
        wider = _widened(read, lexicon)
        products = {product.id: product for product in await self._shop.products(_of_kinds(wider, lexicon))}
        constraints = bounded(read, products.get(read.than))
        taste = await taste_of(need, self._shop, self._signals)
        extreme = read_extreme(need.text)

        def fits(wishes: Constraints) -> list[Product]:
            kept = [p for p in products.values() if p.active and _is_kind(p, wishes, lexicon) and wishes.variants(p)]
            return with_properties(self._not_rejected(kept, need), wishes, corpus, need.language)

        fitting = fits(constraints)
        if not fitting and wider is not read:
            constraints = bounded(wider, products.get(read.than))
            fitting = fits(constraints)
        because = Because(constraints, corpus, lexicon.products, need.language)
        if not fitting:
            return _nearest(relax(constraints, fits), because, need)
        if extreme is not None:
            return _at_the_end(fitting, extreme, need, self._purchases)
        # "a sun jacket" names one product as well as its kind: it is not left out as something already spoken of
        spoken = [name for name in need.product_ids if not lexicon.kinds.named_by(constraints.kinds, name)]
        left = [product for product in fitting if product.id not in {*taste.owned, *spoken}]
        near = [product for product in left if stated.get(product.id) != FAR] or left
        near = _likely(near, meant)
        refined = await self._refined(near, need, lexicon)
        near, because = refined.products, replace(because, demands=refined.demands)
        if not near:
            return Findings()
        if refined.beyond:  # nothing that began the search holds any more
            because = replace(because, constraints=Constraints())
        links = {link.product_id: link for link in self._purchases.suggest([*taste.kept, *need.product_ids])}
        at = need.asked_at or max((one.at for one in taste.signals), default=_LONG_AGO)
        likings = {p.id: liking(p.id, taste, at, self._alike) for p in near}
        meaning = await self._meaning(need.text, near) if need.text else {}
        features = {
            p.id: {
                "meaning": _MEANING * meaning.get(p.id, 0.0),
                "bought next": _NEXT * links[p.id].score if p.id in links else 0.0,
                "own name": _OWN_NAME if lexicon.kinds.own_name_says(constraints.kinds, p.id) else 0.0,
                "properties": fit(p, constraints, corpus, need.language),
                "stated": _STATED * stated.get(p.id, 0.0),
                "meant": _MEANT * meant.get(p.id, 0.0),
                "taste": likings[p.id][0],
                "likeness": _LIKE * likeness(p.id, refined.like, self._alike) if refined.like else 0.0,
            }
            for p in near
        }
        ranked = sorted(near, key=lambda p: (-sum(features[p.id].values()), -self._purchases.buyers(p.id), p.id))
        done = {name: one for name, (_, one) in likings.items() if one is not None}
        asks = question(ranked[need.limit :], need.search.asked, need.language)
        return Ranking(tuple(ranked), features, because, links, done, taste, asks, refined.given_up)

    async def _refined(self, products: list[Product], need: Need, lexicon: Lexicon) -> Refined:
        """What the critiques of the search leave: the new first, since what was shown was not it."""
        if len(need.search.said) < 2:
            return Refined(products)
        demands, like = all_demands(need.search.said, lexicon.products, await self._catalogue.values())
        met, given_up = kept_to(demands, products)
        beyond = not met and any(demand.aspect in (KIND, GROUP) for demand in demands[-1:])
        if beyond:  # another kind than the search began with
            sold = [p for p in await self._shop.products() if any(v.stock > 0 for v in p.variants)]
            met, given_up = kept_to(demands, self._not_rejected(sold, need))
        fresh = [p for p in met or products if p.id not in need.search.seen]
        return Refined(fresh or met, demands[given_up:], like, given_up > 0 or beyond, beyond)

    def _not_rejected(self, products: Sequence[Product], need: Need) -> list[Product]:
        """Without what was rejected, and without its like where anything else is left."""
        rejected = need.search.rejected
        left = [p for p in products if p.id not in rejected]
        unlike = [p for p in left if all(likeness(p.id, name, self._alike) < ALIKE for name in rejected)]
        return unlike or left

    async def fitting(self, text: str, products: Sequence[Product], language: str) -> list[Product]:
        """Those of the products that keep to what a text wishes: bounds, values and properties."""
        lexicon, corpus = await self._catalogue.lexicon(), await self._catalogue.corpus(language)
        wishes = read_constraints(text, lexicon)
        return with_properties([p for p in products if wishes.variants(p)], wishes, corpus, language, whole=True)

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


def _likely(products: Sequence[Product], meant: Mapping[str, float]) -> list[Product]:
    """The products, without those that are far less likely to be meant where one of them is likely."""
    best = max((meant.get(product.id, 0.0) for product in products), default=0.0)
    if best < LIKELY:
        return list(products)
    return [product for product in products if meant.get(product.id, 0.0) >= best * _AS_LIKELY]


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
    cards = tuple(reasoned(product, given) for product in relaxed.products[: need.limit])
    why = Passage(explained(relaxed, because.constraints, need.language), "products", "", language=need.language, live=True)
    return Findings((why,), cards, 0.0, product_ids=tuple(card.product_id for card in cards))


@dataclass(frozen=True, slots=True)
class Refined:
    """What critiques leave: the products, the demands that they meet, and the product that they should be like.

    `given_up`: other demands were, for no product met all; `beyond`: what began the search, too.
    """

    products: list[Product]
    demands: tuple[Demand, ...] = ()
    like: str = ""
    given_up: bool = False
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """What fits a need, best first. `features` are what each product's place is the sum of; `done` the signal of the person
    that speaks for a product most."""

    products: tuple[Product, ...]
    features: Mapping[str, Mapping[str, float]]
    because: Because
    links: Mapping[str, Link]
    done: Mapping[str, Signal]
    taste: Taste
    asks: Narrowing | None = None
    given_up: bool = False

    def found(self, limit: int) -> Findings:
        """The first of them as cards, with the question that divides the others best."""
        language = self.because.language
        cards = tuple(self.card(product) for product in self.products[:limit])
        said = not_all(language, met=bool(self.because.demands))
        why = (Passage(said, "products", "", language=language, live=True),) if self.given_up and cards else ()
        ids = tuple(card.product_id for card in cards)
        return Findings(why, cards, float(bool(cards) and not why), product_ids=ids, narrowing=self.asks)

    def card(self, product: Product) -> Card:
        """The product with its reasons."""
        return reasoned(product, self.because, self.links.get(product.id), self.done.get(product.id))

    def why(self, product: Product, need: Need) -> str:
        """Its reasons, and that it is near to what was said where that counted for it."""
        found = reasons(product, self.because, self.links.get(product.id), self.done.get(product.id))
        if need.text and self.features[product.id]["meaning"] > 0:
            found.append(near_in_meaning(need.text, need.language))
        return joined(found, need.language)


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


def _of_what_is_excluded(constraints: Constraints, lexicon: Lexicon) -> Constraints:
    """The constraints; where no kind is said, of the kind of the product that is not wanted: who leaves out the spinach
    wants other seeds."""
    if constraints.kinds:
        return constraints
    unwanted = (lexicon.find(wish.phrase).product_ids for wish in constraints.wishes if not wish.wanted)
    left_out = next((name for names in unwanted for name in names), None)
    return constraints if left_out is None else replace(constraints, kinds=_kinds_beside(left_out, lexicon))


def _of_what_is_meant(constraints: Constraints, meant: Mapping[str, float], lexicon: Lexicon) -> Constraints:
    """The constraints, of any kind where a product is likely to be meant, and far likelier than any of the kinds that are
    said: who wants to grind beans wants no beans."""
    best = max(meant.values(), default=0.0)
    of_kinds = (meant[name] for name in meant if lexicon.kinds.named_by(constraints.kinds, name))
    if best < LIKELY or max(of_kinds, default=0.0) > best * _OF_KIND_AS_LIKELY:
        return constraints
    return replace(constraints, kinds=())


def _widened(constraints: Constraints, lexicon: Lexicon) -> Constraints:
    """The constraints with the kind's category where its word names a single product that other wishes speak against:
    who wants "headphones, but not over-ear" wants other headphones."""
    named = [name for name in lexicon.products if lexicon.kinds.named_by(constraints.kinds, name)]
    if len(named) != 1 or not constraints.kinds or all(wish.wanted for wish in constraints.wishes):
        return constraints
    return replace(constraints, kinds=_kinds_beside(named[0], lexicon) or constraints.kinds)


def _kinds_beside(product_id: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The words for what a product's category is called: its other products are of that kind as well."""
    name = lexicon.products[product_id].category_name
    return lexicon.kinds.said(" ".join(normal(text) for text in (name.zh, name.en) if text))
