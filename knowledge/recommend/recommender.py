"""The port Recommender: by need, by what goes with the products spoken of, by what the person has bought."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Product, Shop
from bot.ports import Encoder
from bot.types import Card, Findings, Need
from knowledge.concepts import Concept
from knowledge.recommend.co_purchase import CoPurchases, Link
from knowledge.recommend.constraints import Constraints, named_by, read_constraints
from knowledge.wording import card, is_english, listed

# Purchases and the texts of products are read again after this many seconds; prices and stock at every call.
LEARNED_FOR_S = 300.0
# How much the meaning of a need counts beside the number of its properties that a product has.
_MEANING = 4.0


class ShopRecommender:
    """`Recommender` over the shop's tables and everybody's purchases."""

    def __init__(self, shop: Shop, encoder: Encoder) -> None:
        self._shop = shop
        self._encoder = encoder
        self._co_purchases = CoPurchases({})
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._learned_at = float("-inf")

    async def recommend(self, need: Need) -> Findings:
        """Cards in stock, best first; empty when nothing keeps to what the need rules out."""
        products = {product.id: product for product in await self._shop.products()}
        await self._learn(products.values())
        currency = next((v.price.currency for product in products.values() for v in product.variants), "CNY")
        constraints = read_constraints(need.text, products.values(), currency)
        owned = list((await self._shop.purchases()).get(need.customer_id, ())) if need.customer_id else []
        fitting = [p for p in products.values() if constraints.variants(p) and _is_kind(p, constraints)]
        left = [product for product in fitting if product.id not in {*owned, *need.product_ids}]
        links = {link.product_id: link for link in self._co_purchases.suggest([*need.product_ids, *owned])}
        ranked = await self._ranked(need, left, constraints, links)
        cards = tuple(_card(p, need.language, constraints, links.get(p.id), products) for p in ranked[: need.limit])
        return Findings(cards=cards, confidence=float(bool(cards)), product_ids=tuple(card.product_id for card in cards))

    async def _ranked(
        self, need: Need, products: Sequence[Product], constraints: Constraints, links: dict[str, Link]
    ) -> list[Product]:
        """By properties and meaning where the need says something, by what goes together, then by what sells."""
        meaning = await self._meaning(need.text, products) if need.text else {}
        sold = self._co_purchases

        def score(product: Product) -> tuple[float, float, str]:
            fit = sum(1.0 for concept in constraints.properties if _speaks_of(product, concept))
            together = links[product.id].score if product.id in links else 0.0
            return -(fit + _MEANING * meaning.get(product.id, 0.0) + together), -sold.buyers(product.id), product.id

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

    async def _learn(self, products: Iterable[Product]) -> None:
        if time.monotonic() - self._learned_at < LEARNED_FOR_S:
            return
        self._co_purchases = CoPurchases(await self._shop.purchases())
        fresh = [product for product in products if product.id not in self._vectors]
        if fresh:
            vectors = await self._encoder.encode_passages([_text(product) for product in fresh])
            self._vectors |= {product.id: vector for product, vector in zip(fresh, vectors, strict=True)}
        self._learned_at = time.monotonic()


def _text(product: Product) -> str:
    """What a product is, in both languages, for its vector."""
    parts = (product.name.zh, product.name.en, product.category_name.zh, product.category_name.en, *product.tags)
    return " ".join((*parts, product.description.zh, product.description.en))


def _is_kind(product: Product, constraints: Constraints) -> bool:
    """Whether a product is of a kind that was named; anything is where none was."""
    return not constraints.kinds or named_by(constraints.kinds, product)


def _speaks_of(product: Product, concept: Concept) -> bool:
    """Whether an attribute of the product says something about a property."""
    return any(attribute.key in concept.keys for attribute in product.attributes)


def _card(
    product: Product, language: str, constraints: Constraints, link: Link | None, products: dict[str, Product]
) -> Card:
    variants = constraints.variants(product)
    reasons = _properties(product, language, constraints)
    cheapest = min(variant.price for variant in variants)
    if constraints.most is not None:
        reasons.append(f"from {cheapest}, within budget" if is_english(language) else f"{cheapest} 起，在预算内")
    if constraints.colors:
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
