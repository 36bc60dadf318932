"""What is to be bought and by whom: the nouns, and the port under which a conversation's cart and purchases are kept.

Amounts are minor units. The shop's own nouns (bot/commerce.py) are not named here: storage knows no shop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.types import ConversationKey

# The most different things in one cart.
MAX_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """`pieces` of one variant of a product."""

    product_id: str
    sku: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody has chosen, in its order, and the coupon that they want to use."""

    items: tuple[Item, ...] = ()
    coupon: str = ""

    def with_item(self, item: Item) -> Cart:
        """The cart with so many pieces of one more variant, or of one that it has: the newest number counts."""
        others = (other for other in self.items if other.sku != item.sku)
        return replace(self, items=(*others, item)[-MAX_ITEMS:])


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a parcel goes to, and where. `country` is an ISO 3166 code; `email` may be empty."""

    name: str
    phone: str
    line: str
    city: str
    region: str
    postal_code: str
    country: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class PricedItem:
    """An item at the price that was agreed to: `unit` for one piece, `discount` off all of them."""

    item: Item
    unit: int
    discount: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at paying, as it was agreed to: nothing of it changes while the money is on its way. `id` names it."""

    id: str
    recipient: Recipient
    items: tuple[PricedItem, ...]
    postage: int
    currency: str
    coupon: str = ""

    @property
    def goods(self) -> int:
        """What the pieces cost before offers."""
        return sum(priced.unit * priced.item.pieces for priced in self.items)

    @property
    def discount(self) -> int:
        """What offers take off."""
        return sum(priced.discount for priced in self.items)

    @property
    def total(self) -> int:
        """What is paid."""
        return self.goods - self.discount + self.postage


@dataclass(frozen=True, slots=True)
class Purchase:
    """A checkout that was begun in a conversation. `token` is its secret address; `room` where the offers are that count.

    `order_id` once it is paid for; `refused` when it was paid for too late, and the money went back.
    """

    token: str
    key: ConversationKey
    cart: Cart
    room: str
    language: str
    begun_at: datetime
    held_until: datetime
    customer_id: str = ""
    attempts: tuple[Attempt, ...] = ()
    order_id: str = ""
    refused: bool = False

    def attempt(self, name: str) -> Attempt | None:
        """The attempt at paying of this id."""
        return next((attempt for attempt in self.attempts if attempt.id == name), None)

    def with_attempt(self, attempt: Attempt) -> Purchase:
        """The purchase with one more attempt; the same again is one."""
        others = (other for other in self.attempts if other.id != attempt.id)
        return replace(self, attempts=(*others, attempt))


class Purchases(Protocol):
    """Carts and purchases. Raises StorageUnavailable when the database does not answer."""

    async def cart(self, key: ConversationKey) -> Cart:
        """The cart of a conversation, perhaps an empty one."""
        ...

    async def keep_cart(self, key: ConversationKey, cart: Cart) -> None:
        """The cart is now this."""
        ...

    async def begin(self, purchase: Purchase, source: str) -> Purchase:
        """Keep a new purchase for `source`, the call that began it. Returns the one that was kept for it before, if any."""
        ...

    async def find(self, token: str) -> Purchase | None:
        """The purchase of a token."""
        ...

    async def add_attempt(self, token: str, attempt: Attempt, held_until: datetime) -> None:
        """Somebody is about to pay."""
        ...

    async def settle(self, token: str, order_id: str) -> None:
        """It is paid for and ordered, or with no order refused. What came first stays."""
        ...


class Checkout(Protocol):
    """Where a purchase is paid for."""

    def link(self, purchase: Purchase) -> str:
        """The address that the buyer opens."""
        ...


def lines_text(items: Iterable[Item]) -> str:
    """A cart in one line, as addresses of shops have it: `SKU:PIECES,SKU:PIECES`."""
    return ",".join(f"{item.sku}:{item.pieces}" for item in items)
