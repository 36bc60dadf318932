"""The port Recommender: by need, by what goes with the products spoken of, by what the person has bought."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Product, Shop
from bot.ports import Encoder
from bot.text import normal
from bot.types import Card, Findings, Need, Passage
from knowledge.concepts import Concept
from knowledge.recommend.co_purchase import CoPurchases, Link
from knowledge.recommend.constraints import Assortment, Constraints, bounded, read_constraints
from knowledge.recommend.extremes import PRICE, SALES, Extreme, at_the_end, attribute_of, ranks, read_extreme
from knowledge.recommend.relaxation import Relaxed, explained, relax
from knowledge.wording import card, is_english, listed

# What products are called and who bought them is read again after this many seconds; prices and stock at every call.
LEARNED_FOR_S = 60.0
# How much the meaning of a need counts beside the number of its properties that a product has.
_MEANING = 4.0
# How much more a hoodie counts, where a hoodie is wanted, than what is of the category of hoodies.
_OWN_NAME = 0.25
_NO_KEY = 99
# So many products are asked of the shop by their ids, more as a part of all.
_FEW = 100
_NOT = re.compile(r"\bnot?[\s-]")


class ShopRecommender:
    """`Recommender` over the shop's tables and everybody's purchases."""

    def __init__(self, shop: Shop, encoder: Encoder) -> None:
        self._shop = shop
        self._encoder = encoder
        self._co_purchases = CoPurchases({})
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._assortment = Assortment(())
        self._learned_at = float("-inf")
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        """Read what products are called and who bought them, where that was not done lately."""
        async with self._learning:
            if time.monotonic() - self._learned_at < LEARNED_FOR_S:
                return
            products = await self._shop.products()
            self._assortment = Assortment(products)
            self._co_purchases = CoPurchases(await self._shop.purchases())
            fresh = [product for product in products if product.id not in self._vectors]
            if fresh:
                vectors = await self._encoder.encode_passages([_text(product) for product in fresh])
                self._vectors |= {product.id: vector for product, vector in zip(fresh, vectors, strict=True)}
            self._learned_at = time.monotonic()

    async def recommend(self, need: Need) -> Findings:
        """Cards in stock, best first; empty when nothing keeps to what the need rules out."""
        await self.learn()
        assortment = self._assortment
        read = read_constraints(need.text, assortment)
        products = {product.id: product for product in await self._shop.products(_of_kinds(read, assortment))}
        constraints = bounded(read, products.get(read.than))
        owned = list((await self._shop.purchases()).get(need.customer_id, ())) if need.customer_id else []
        extreme = read_extreme(need.text)

        def fits(wishes: Constraints) -> list[Product]:
            kept = [p for p in products.values() if p.active and _is_kind(p, wishes, assortment) and wishes.variants(p)]
            return _with_properties(kept, wishes)

        fitting = fits(constraints)
        if not fitting:
            return _nearest(relax(constraints, fits), constraints, need)
        if extreme is not None:
            return _at_the_end(fitting, extreme, need, self._co_purchases)
        # "a sun jacket" names one product as well as its kind: it is not left out as something already spoken of
        spoken = [name for name in need.product_ids if not assortment.kinds.named_by(constraints.kinds, name)]
        left = [product for product in fitting if product.id not in {*owned, *spoken}]
        links = {link.product_id: link for link in self._co_purchases.suggest([*need.product_ids, *owned])}
        named = {p.id: _OWN_NAME for p in left if assortment.kinds.own_name_says(constraints.kinds, p.id)}
        ranked = await self._ranked(
            need, left, constraints, {p.id: _together(links, p) + named.get(p.id, 0.0) for p in left}
        )
        of_shop = assortment.by_id
        return _found(_card(p, need.language, constraints, links.get(p.id), of_shop) for p in ranked[: need.limit])

    async def _ranked(
        self, need: Need, products: Sequence[Product], constraints: Constraints, apart: Mapping[str, float]
    ) -> list[Product]:
        """By properties and meaning where the need says something, and by what counts `apart` from them; then by sales."""
        meaning = await self._meaning(need.text, products) if need.text else {}
        sold = self._co_purchases

        def score(product: Product) -> tuple[float, float, str]:
            fit = sum(1.0 for concept in constraints.properties if _speaks_of(product, concept))
            return -(fit + _MEANING * meaning.get(product.id, 0.0) + apart[product.id]), -sold.buyers(product.id), product.id

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


def _of_kinds(constraints: Constraints, assortment: Assortment) -> list[str] | None:
    """The products of the kinds that were said, and the one that others are compared with; None stands for all."""
    named = [name for name in assortment.by_id if assortment.kinds.named_by(constraints.kinds, name)]
    if not constraints.kinds or len(named) > _FEW:
        return None
    return [*named, *([constraints.than] if constraints.than else [])]


def _nearest(relaxed: Relaxed | None, constraints: Constraints, need: Need) -> Findings:
    """What comes nearest where nothing fits: its passage says which wish was given up. Empty where nothing comes near."""
    if relaxed is None:
        return Findings()
    cards = tuple(_card(product, need.language, relaxed.constraints, None, {}) for product in relaxed.products[: need.limit])
    why = Passage(explained(relaxed, constraints, need.language), "products", "", language=need.language, live=True)
    return Findings((why,), cards, 0.0, product_ids=tuple(card.product_id for card in cards))


def _together(links: Mapping[str, Link], product: Product) -> float:
    """How often a product is bought with what is spoken of or owned."""
    return links[product.id].score if product.id in links else 0.0


def _found(cards: Iterable[Card]) -> Findings:
    cards = tuple(cards)
    return Findings(cards=cards, confidence=float(bool(cards)), product_ids=tuple(card.product_id for card in cards))


def _at_the_end(products: Sequence[Product], extreme: Extreme, need: Need, sold: CoPurchases) -> Findings:
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
    """`1 of 12, highest first; `. Of an attribute, only those that state it are counted."""
    stated = extreme.scale not in (PRICE, SALES)
    if is_english(need.language):
        end = "highest" if extreme.most else "lowest"
        return f"{place} of the {of} that state it, {end} first; " if stated else f"{place} of {of}, {end} first; "
    end = "高到低" if extreme.most else "低到高"
    return f"{of} 款{'有标注的' if stated else ''}里从{end}排第 {place}；"


def _value(product: Product, extreme: Extreme, need: Need, sold: CoPurchases) -> str:
    """What the product was ranked by."""
    english = is_english(need.language)
    if extreme.scale == SALES:
        buyers = sold.buyers(product.id)
        return f"{buyers} customers bought it" if english else f"{buyers} 位顾客买过"
    attribute = attribute_of(product, extreme)
    if attribute is None:
        price = min(variant.price for variant in product.variants if variant.stock > 0)
        return f"price {price}" if english else f"价格 {price}"
    colon = ": " if english else "："
    return f"{attribute.label.in_(need.language)}{colon}{attribute.value.in_(need.language)}"


def _text(product: Product) -> str:
    """What a product is, in both languages, for its vector."""
    parts = (product.name.zh, product.name.en, product.category_name.zh, product.category_name.en, *product.tags)
    return " ".join((*parts, product.description.zh, product.description.en))


def _is_kind(product: Product, constraints: Constraints, assortment: Assortment) -> bool:
    """Whether a product is of a kind that was named; anything is where none was."""
    return not constraints.kinds or assortment.kinds.named_by(constraints.kinds, product.id)


def _with_properties(products: list[Product], constraints: Constraints) -> list[Product]:
    """The products that have one of the properties asked for, by the attribute that says it best; where none has any,
    all that do not deny it.

    Keys of a concept are ordered: a jacket with a waterproof rating goes before one that is only water-repellent.
    """
    left = [p for p in products if not any(_denies(p, concept) for concept in constraints.properties)]
    ranked = {p.id: min((_best_key(p, concept) for concept in constraints.properties), default=_NO_KEY) for p in left}
    best = min(ranked.values(), default=_NO_KEY)
    return [p for p in left if ranked[p.id] == best]


def _speaks_of(product: Product, concept: Concept) -> bool:
    """Whether an attribute of the product says something about a property."""
    return any(attribute.key in concept.keys for attribute in product.attributes)


def _best_key(product: Product, concept: Concept) -> int:
    """The place of the first of the concept's keys that the product has an attribute for, or `_NO_KEY`."""
    having = {attribute.key for attribute in product.attributes}
    return next((n for n, key in enumerate(concept.keys) if key in having), _NO_KEY)


def _denies(product: Product, concept: Concept) -> bool:
    """Whether the product says of itself that it does not have a property: "不防水", "not waterproof"."""
    values = [attribute.value for attribute in product.attributes if attribute.key in concept.keys]
    return any(
        any(f"不{word}" in normal(value.zh) for word in concept.zh)
        or ((no := _NOT.search(normal(value.en))) is not None and concept.en.match(normal(value.en), no.end()) is not None)
        for value in values
    )


def _card(
    product: Product, language: str, constraints: Constraints, link: Link | None, products: dict[str, Product]
) -> Card:
    variants = constraints.variants(product)
    reasons = _properties(product, language, constraints)
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


def _properties(product: Product, language: str, constraints: Constraints) -> list[str]:
    """The attributes that were asked for, as the product has them."""
    keys = [key for concept in constraints.properties for key in concept.keys]
    found = [attribute for key in keys for attribute in product.attributes if attribute.key == key]
    colon = ": " if is_english(language) else "："
    said = (f"{a.label.in_(language)}{colon}{a.value.in_(language)}" for a in found)
    return list(dict.fromkeys(said))[:2]
