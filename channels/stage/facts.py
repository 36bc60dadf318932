"""What the shop's tables say of one product, as the stage needs it: read through the port, then plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commerce import Money, Product, Promotion, ShelfLink, Shop, Variant
from bot.offers import CartLine, applies, bill

# An offer that ends sooner than a sentence is spoken and understood is not spoken of.
LAST_CALL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Facts:
    """A product with its links and promotions, those to come and over too; what holds is asked as of `at`.

    `replace(facts, at=later)` is the same tables at another time.
    """

    product: Product
    at: datetime
    links: tuple[ShelfLink, ...] = ()
    promotions: tuple[Promotion, ...] = ()

    @classmethod
    def of(
        cls, product: Product, at: datetime, links: Iterable[ShelfLink] = (), promotions: Iterable[Promotion] = ()
    ) -> Facts:
        """The facts of a product among a room's links and promotions."""
        own = tuple(link for link in links if link.product_id == product.id)
        return cls(product, at, own, tuple(offer for offer in promotions if applies(offer.applies_to, product)))

    @property
    def sellable(self) -> tuple[Variant, ...]:
        """The variants that can be bought now; none of a product that is not sold."""
        return tuple(v for v in self.product.variants if v.stock > 0) if self.product.active else ()

    @property
    def pieces(self) -> int:
        """How many pieces can be bought, of all variants."""
        return sum(variant.stock for variant in self.sellable)

    @property
    def link(self) -> int | None:
        """The smallest number under which the product can be bought in the room."""
        numbers = [link.number for link in self.links if _holds(link, self.at)]
        return min(numbers, default=None)

    @property
    def prices(self) -> tuple[Money, Money] | None:
        """The lowest and the highest price of what can be bought."""
        prices = [variant.price for variant in self.sellable]
        return (min(prices), max(prices)) if prices else None

    @property
    def former(self) -> Money | None:
        """The higher price from before, where all that can be bought has one price and had one price."""
        pairs = {(variant.price, variant.compare_at) for variant in self.sellable}
        if len(pairs) != 1:
            return None
        price, former = pairs.pop()
        return former if former is not None and former > price else None

    @property
    def offers(self) -> tuple[Promotion, ...]:
        """The promotions that run now and will not end while they are spoken of."""
        return tuple(offer for offer in self._running(self.at) if _holds(offer, self.at + LAST_CALL))

    @property
    def to_pay(self) -> Money | None:
        """What one piece costs with the offers; None where nothing comes off, prices differ or offers soon change."""
        if self.prices is None or self.prices[0] != self.prices[1]:
            return None
        running = self._running(self.at)
        total = bill([CartLine(self.product, self.sellable[0])], running).total
        return total if total < self.prices[0] and running == self._running(self.at + LAST_CALL) else None

    def _running(self, at: datetime) -> tuple[Promotion, ...]:
        return tuple(offer for offer in self.promotions if _holds(offer, at))


def words_of(facts: Facts) -> str:
    """The texts that the tables have of a product, in both languages: what a guard lets pass because it is so."""
    product = facts.product
    texts = [product.name, product.description, product.final_sale_reason, *(v.color for v in product.variants)]
    texts += [text for attribute in product.attributes for text in (attribute.label, attribute.value)]
    return "\n".join(part for text in (*texts, *(offer.name for offer in facts.promotions)) for part in (text.zh, text.en))


async def read_facts(shop: Shop, room: str, product_ids: Sequence[str], at: datetime) -> dict[str, Facts]:
    """The facts of these products, by id; unknown ones are left out. Raises ShopUnavailable."""
    products = await shop.products(product_ids)
    links = await shop.shelf(room, at)
    promotions = [offer for offer in await shop.promotions(None) if offer.room in ("", room)]
    return {product.id: Facts.of(product, at, links, promotions) for product in products}


def _holds(thing: ShelfLink | Promotion, at: datetime) -> bool:
    begun = thing.starts_at is None or thing.starts_at <= at
    return begun and (thing.ends_at is None or at < thing.ends_at)
