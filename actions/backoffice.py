"""What after-sales work needs of a shop beyond reading it: the ledger, cases, and changes that happen whole or not at all.

A verb decides and describes what is to happen as a `Change`: effects as data. `Backoffice.commit` carries it out in one
transaction, with the row of the audit and the outcome under the idempotency key. So every shop system needs one way of
writing, and every rule stands once, whatever the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.commerce import Address, Customer, Money, Order, Return, Shop

# ---------------------------------------------------------------- nouns


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay that a customer has on file. `balance` is what a gift card still holds; None for the others."""

    id: str
    customer_id: str
    kind: str
    balance: Money | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One movement of money on an order: in (`payment`) or back (`refund`). `line` when it is for one line only.

    `status`: done, started (on its way through the provider) or review (a person releases it).
    """

    id: str
    order_id: str
    kind: Literal["payment", "refund"]
    amount: Money
    method: str
    at: datetime
    status: Literal["done", "started", "review"] = "done"
    reason: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Something that a colleague works on: complaint, problem, warranty, invoice, reminder, review."""

    id: str
    kind: str
    opened_at: datetime
    order_id: str = ""
    line: int | None = None
    sku: str = ""
    customer_id: str = ""
    text: str = ""
    status: str = "open"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the shop for what has no other place: an appointment, a review. `version` counts changes, 0: new."""

    kind: str
    id: str
    data: Mapping[str, Any]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the audit: who did what, when and why."""

    key: str
    action: str
    actor: str
    at: datetime
    why: str


# ---------------------------------------------------------------- effects


@dataclass(frozen=True, slots=True)
class SaveOrder:
    """The order is now this. `order.version` is the version that was read; another one stored is a VersionConflict."""

    order: Order
    kind: Literal["save_order"] = "save_order"


@dataclass(frozen=True, slots=True)
class SaveReturn:
    """A return or exchange is new, or is now this."""

    item: Return
    kind: Literal["save_return"] = "save_return"


@dataclass(frozen=True, slots=True)
class MoveStock:
    """`pieces` come into stock (negative: leave it). Stock below what others hold is a VersionConflict.

    `hold` is the hold of these pieces that becomes the sale, and ends with it.
    """

    sku: str
    pieces: int
    hold: str = ""
    kind: Literal["move_stock"] = "move_stock"


@dataclass(frozen=True, slots=True)
class HoldStock:
    """`pieces` are kept for the buyer of `hold` until `ends_at`; nobody else is told of them or sold them.

    The same hold again takes the place of the earlier one. Fewer pieces that are free are a VersionConflict.
    """

    hold: str
    sku: str
    pieces: int
    ends_at: datetime
    kind: Literal["hold_stock"] = "hold_stock"


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """The order is new; so is its `customer`, where the shop has none of this id. A taken id is a VersionConflict."""

    order: Order
    customer: Customer
    kind: Literal["place_order"] = "place_order"


@dataclass(frozen=True, slots=True)
class MovePoints:
    """`points` are credited (negative: taken back). A balance may fall below zero and is earned back."""

    customer_id: str
    points: int
    kind: Literal["move_points"] = "move_points"


@dataclass(frozen=True, slots=True)
class MoveMoney:
    """A row of the ledger; the balance of a gift card on file follows unless it waits for a person.

    A balance below zero is a VersionConflict.
    """

    payment: Payment
    kind: Literal["move_money"] = "move_money"


@dataclass(frozen=True, slots=True)
class ReturnCoupon:
    """One use of a coupon is given back."""

    code: str
    kind: Literal["return_coupon"] = "return_coupon"


@dataclass(frozen=True, slots=True)
class UseCoupon:
    """One use of a coupon is taken. One that is used up is a VersionConflict."""

    code: str
    kind: Literal["use_coupon"] = "use_coupon"


@dataclass(frozen=True, slots=True)
class SetAddress:
    """The default address of a customer is now this."""

    customer_id: str
    address: Address
    kind: Literal["set_address"] = "set_address"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case is new."""

    case: Case
    kind: Literal["open_case"] = "open_case"


@dataclass(frozen=True, slots=True)
class SaveEntry:
    """A document is now this. `entry.version` is the version that was read; another one stored is a VersionConflict."""

    entry: Entry
    kind: Literal["save_entry"] = "save_entry"


Effect = (
    SaveOrder
    | PlaceOrder
    | SaveReturn
    | MoveStock
    | HoldStock
    | MovePoints
    | MoveMoney
    | ReturnCoupon
    | UseCoupon
    | SetAddress
    | OpenCase
    | SaveEntry
)


@dataclass(frozen=True, slots=True)
class Change:
    """Effects that happen together or not at all. `outcome` is kept under `key` and given back to whoever comes again."""

    key: str
    action: str
    actor: str
    at: datetime
    why: str
    effects: tuple[Effect, ...]
    outcome: Mapping[str, Any]
    order_id: str = ""


class Backoffice(Shop, Protocol):
    """A shop in which after-sales work can be done. Raises ShopUnavailable when the shop's system does not answer."""

    async def receipt(self, key: str) -> Mapping[str, Any] | None:
        """The outcome that was committed under an idempotency key, or None."""
        ...

    async def commit(self, change: Change) -> Mapping[str, Any]:
        """Carry out all effects, write the audit row and keep the outcome, in one transaction; returns the outcome.

        A key committed before changes nothing and gives the outcome of then. Raises VersionConflict when what the change
        was decided on is no longer so; nothing is written then.
        """
        ...

    async def find_customers(self, *, email: str = "", name: str = "", postal_code: str = "") -> list[Customer]:
        """Customers with this e-mail, or with this name and postal code; case does not matter. At most ten."""
        ...

    async def payments(self, order_id: str) -> list[Payment]:
        """The money that moved on an order, oldest first."""
        ...

    async def payment_methods(self, customer_id: str) -> list[PaymentMethod]:
        """The ways to pay that a customer has on file, by id."""
        ...

    async def cases(self, order_id: str) -> list[Case]:
        """The cases about an order, oldest first."""
        ...

    async def records(self, order_id: str) -> list[Record]:
        """What was done to an order, oldest first."""
        ...

    async def entry(self, kind: str, entry_id: str) -> Entry | None:
        """One document of the shop, or None."""
        ...
