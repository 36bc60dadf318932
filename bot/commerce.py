"""The shop's nouns, and the port through which the rooms reach it.

The dialogue engine does not import this module: it knows no shop. `knowledge` reads the catalogue through `Shop`, `actions`
do their work through it, `channels` show the shelf. Money is whole minor units of one currency; times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol, Self

# Minor units per currency (ISO 4217); every currency not named here has two.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3}
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (fen, cents) of an ISO 4217 currency. Arithmetic between currencies raises ValueError."""

    minor: int
    currency: str = "CNY"

    @classmethod
    def of(cls, amount: str | Decimal, currency: str = "CNY") -> Self:
        """From major units ("199.90"), rounded half up to whole minor units. Raises InvalidOperation on no number."""
        scale = Decimal(10) ** EXPONENTS.get(currency, 2)
        return cls(int((Decimal(amount) * scale).to_integral_value(ROUND_HALF_UP)), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor) / Decimal(10) ** EXPONENTS.get(self.currency, 2)

    def __str__(self) -> str:
        """As a shopper reads it: `¥199`, `$12.50`."""
        digits = EXPONENTS.get(self.currency, 2)
        major = self.major
        text = f"{major:,.0f}" if major == major.to_integral_value() else f"{major:,.{digits}f}"
        return f"{SYMBOLS.get(self.currency, self.currency + ' ')}{text}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot reckon {self.currency} with {other.currency}")
        return other.minor


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; either may be empty."""

    zh: str = ""
    en: str = ""

    def in_(self, language: str) -> str:
        """The text for `language`, or the other one where that is missing."""
        return (self.en or self.zh) if language == "en" else (self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A stated property of a product: `key` is machine-readable (`waterproof_mm`), label and value are for people."""

    key: str
    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Variant:
    """What is really sold: one colour in one size, with its own price and stock (pieces)."""

    sku: str
    color: Text
    size: str
    price: Money
    stock: int
    compare_at: Money | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class SizeRow:
    """One size of a size chart, in centimetres and kilograms; None where the chart is silent."""

    size: str
    height_cm: tuple[float, float] | None = None
    weight_kg: tuple[float, float] | None = None
    chest_cm: float | None = None
    waist_cm: float | None = None
    length_cm: float | None = None
    foot_cm: float | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue with all its variants. `category_aliases` are words for its kind, `aliases` for itself."""

    id: str
    name: Text
    category: str
    brand: str
    variants: tuple[Variant, ...]
    category_name: Text = field(default_factory=Text)
    category_aliases: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    description: Text = field(default_factory=Text)
    attributes: tuple[Attribute, ...] = ()
    tags: tuple[str, ...] = ()
    picture: str = ""
    size_chart: tuple[SizeRow, ...] = ()
    active: bool = True
    returnable: bool = True
    final_sale_reason: Text = field(default_factory=Text)
    warranty_months: int = 0


@dataclass(frozen=True, slots=True)
class ShelfLink:
    """Link `number` of a room meant `product_id` from `starts_at` until `ends_at` (exclusive; None is open)."""

    room: str
    number: int
    product_id: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A reduction that needs no code; `kind` is percent, amount or gift.

    `value` is percent off, whole minor units off ("2000" is ¥20), or names the gift.
    """

    id: str
    name: Text
    kind: str
    value: str
    applies_to: str
    currency: str = "CNY"
    min_spend: Money | None = None
    room: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        _check_value(self)


@dataclass(frozen=True, slots=True)
class Coupon:
    """A reduction by code; `kind` is percent, amount or shipping, `value` percent off or whole minor units off."""

    code: str
    name: Text
    kind: str
    value: str
    applies_to: str
    currency: str = "CNY"
    min_spend: Money | None = None
    max_discount: Money | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    per_customer: int | None = None
    total: int | None = None
    used: int = 0
    stackable: bool = False

    def __post_init__(self) -> None:
        _check_value(self)


def reduction(offer: Coupon | Promotion, amount: Money) -> Money:
    """What an offer takes off an amount, never more than it: percents are rounded down to whole minor units.

    Nothing below the minimum, in another currency, or for offers that give something else (shipping, a gift).
    """
    nothing = Money(0, amount.currency)
    if offer.currency != amount.currency or (offer.min_spend and amount < offer.min_spend):
        return nothing
    if offer.kind == "amount":
        off = Money(int(offer.value), offer.currency)
    elif offer.kind == "percent":
        exact = Decimal(amount.minor) * Decimal(offer.value) / 100
        off = Money(int(exact.to_integral_value(ROUND_DOWN)), amount.currency)
    else:
        return nothing
    most = offer.max_discount if isinstance(offer, Coupon) else None
    return min(off, amount, most) if most else min(off, amount)


def _check_value(offer: Coupon | Promotion) -> None:
    """Raises ValueError where a value cannot be what its kind says: whoever reads it would reckon with something else."""
    if offer.kind == "amount" and not (offer.value.isascii() and offer.value.isdigit()):
        raise ValueError(f"an amount off is whole minor units ('2000' for 20.00), not {offer.value!r}")
    if offer.kind == "percent" and not _is_percent(offer.value):
        raise ValueError(f"percent off is a number above 0 and at most 100, not {offer.value!r}")


def _is_percent(value: str) -> bool:
    try:
        return 0 < Decimal(value) <= 100
    except InvalidOperation:
        return False


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes."""

    name: str
    phone: str
    line: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with an account."""

    id: str
    name: str
    email: str
    phone: str
    locale: str
    level: str
    points: int
    created_at: datetime
    address: Address


class OrderStatus(StrEnum):
    """The life of an order."""

    PENDING_PAYMENT = "pending_payment"
    PENDING = "pending"
    PROCESSED = "processed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RETURN_REQUESTED = "return_requested"
    EXCHANGE_REQUESTED = "exchange_requested"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`quantity` pieces of one variant; `discount` is this line's share of the order's, for all its pieces."""

    number: int
    sku: str
    product_id: str
    name: Text
    quantity: int
    unit_price: Money
    discount: Money


@dataclass(frozen=True, slots=True)
class TrackEvent:
    """One entry of a parcel's track."""

    at: datetime
    place: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel on its way."""

    id: str
    order_id: str
    carrier: str
    tracking_no: str
    status: str
    shipped_at: datetime | None = None
    eta: datetime | None = None
    delivered_at: datetime | None = None
    events: tuple[TrackEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """A return or exchange of pieces of one order line.

    `goods` is what was paid for the pieces; `refund` is what the customer gets: the goods less the way home, plus shipping
    where it is given back. In an exchange `refund` is the difference in price, negative when the customer owes it.
    """

    id: str
    order_id: str
    line: int
    quantity: int
    kind: str
    reason: str
    status: str
    requested_at: datetime
    refund: Money | None = None
    refund_method: str = ""
    refunded_at: datetime | None = None
    exchange_sku: str = ""
    goods: Money | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its lines. `total` = items - discount + shipping. `version` counts the changes to it."""

    id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    items_total: Money
    discount: Money
    shipping_fee: Money
    total: Money
    payment_method: str
    ship_to: Address
    coupon_code: str = ""
    points_earned: int = 0
    points_used: int = 0
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    room: str = ""
    note: str = ""
    version: int = 0


class Shop(Protocol):
    """The shop's live tables. Every read is of this moment; nothing is cached behind it.

    Raises ShopUnavailable when the shop's system does not answer.
    """

    async def product(self, product_id: str) -> Product | None:
        """One product with its variants, or None."""
        ...

    async def products(self, product_ids: Sequence[str] | None = None) -> list[Product]:
        """The named products in that order (unknown ids left out), or all active ones by id."""
        ...

    async def shelf(self, room: str, at: datetime) -> list[ShelfLink]:
        """The links of a room that hold at `at`, by number."""
        ...

    async def on_screen(self, room: str, at: datetime) -> str | None:
        """The product that was shown in a room at `at`."""
        ...

    async def show(self, room: str, product_id: str | None, at: datetime) -> None:
        """The room shows this product from `at` on (None: no product). Raises BadInput for an unknown product."""
        ...

    async def promotions(self, at: datetime | None, room: str = "") -> list[Promotion]:
        """Promotions that run at `at` everywhere or in `room`; None: all there are, those over and those to come too."""
        ...

    async def coupons(self, at: datetime | None) -> list[Coupon]:
        """Coupons that can be redeemed at `at`; None: all there are, those over and those to come too."""
        ...

    async def customer(self, customer_id: str) -> Customer | None:
        """One customer, or None."""
        ...

    async def order(self, order_id: str) -> Order | None:
        """One order, or None."""
        ...

    async def order_ids(self, limit: int) -> list[str]:
        """The ids of the newest orders, newest first: from them the forms of order numbers are learned."""
        ...

    async def orders_of(self, customer_id: str, limit: int = 20) -> list[Order]:
        """A customer's orders, newest first."""
        ...

    async def shipments(self, order_id: str) -> list[Shipment]:
        """The parcels of an order with their tracks, newest first."""
        ...

    async def returns(self, order_id: str) -> list[Return]:
        """Returns and exchanges of an order, oldest first."""
        ...

    async def purchases(self) -> Mapping[str, Sequence[str]]:
        """Customer id to the product ids bought, oldest first: what item-item recommendation learns from."""
        ...
