"""What sending a purchase costs, for whoever asks: an answer in the chat and the cashier are told by the same function.

The rule is that which the shop brings, or else the one that its documents in force say for just these goods and places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.commerce import Product
from bot.offers import Bill
from bot.postage import Charge, Postage, charge
from bot.values.places import country_of
from knowledge.catalogue import ShopCatalogue
from knowledge.index import Index
from knowledge.lexicon.lexicon import Lexicon
from knowledge.postage.reader import RuleRead, rule_of


@dataclass(frozen=True, slots=True)
class Sent:
    """What sending a purchase costs, and the rule of the documents that says it; None where the shop brings its own."""

    charge: Charge
    rule: RuleRead | None = None


class Sending:
    """What sending costs in a shop; each state of its documents is read once."""

    def __init__(self, index: Index, catalogue: ShopCatalogue, own: Postage | None = None) -> None:
        """`own` is the rule that the shop brings; without one it is read in the documents."""
        self._index = index
        self._catalogue = catalogue
        self._own = own
        self._read: tuple[tuple[str, int, str, Lexicon], RuleRead | None] | None = None

    async def sent(self, purchase: Bill, places: Sequence[str], at: datetime) -> Sent | None:
        """What sending a purchase to places (ISO 3166 codes) costs; None where no rule is wholly understood for it."""
        if self._own is not None:
            return _sent(self._own, None, purchase, places)
        products = [line.product for line in purchase.lines]
        every = await self._rule(at, purchase.total.currency)
        rule = every.of([product.id for product in products]) if every is not None else None
        if rule is None or await self._is_excepted(rule, products, places):
            return None
        return _sent(rule.postage, rule, purchase, places)

    async def _rule(self, at: datetime, currency: str) -> RuleRead | None:
        """What the documents that hold say of postage: read again when others hold."""
        generation, _ = await self._index.ready()
        lexicon = await self._catalogue.lexicon()
        key = (generation.name, generation.stretch(at), currency, lexicon)
        if self._read is None or self._read[0] != key:
            self._read = key, await asyncio.to_thread(rule_of, generation.entries, at, currency, lexicon.named_for_sure)
        return self._read[1]

    async def _is_excepted(self, rule: RuleRead, products: Sequence[Product], places: Sequence[str]) -> bool:
        """Whether the documents say something of these places or products that was not understood."""
        lexicon = await self._catalogue.lexicon()
        countries = {country_of(code) for code in places} or {lexicon.currency[:2]}
        finds = [lexicon.find(text) for country in countries for text in rule.excepting(country)]
        named = {name for found in finds for name in (*found.product_ids, *found.of_kinds)}
        return rule.keeps_silent_of(places) or any(product.id in named for product in products)


def _sent(postage: Postage, rule: RuleRead | None, purchase: Bill, places: Sequence[str]) -> Sent | None:
    """What a rule says of a purchase; None where it says nothing."""
    costs = charge(postage, purchase, places)
    return Sent(costs, rule) if costs is not None else None
