"""What takes the money of a checkout: the port of payment providers, and that of the cashier between them and the shop.

A package registers its `PaymentPlatform` under the entry point group `streamdesk.payments` (docs/buying.md). Numbers of
cards never come here: a provider has pages of its own for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.buying import Recipient
from bot.commerce import Money, Text


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid. `id` is the same whenever the same is asked for again; `back` is where the buyer returns to."""

    id: str
    amount: Money
    back: str
    language: str


@dataclass(frozen=True, slots=True)
class Paid:
    """The provider has the money for `due`, the id of a `Due`. `reference` is the provider's own name for the payment."""

    due: str
    amount: Money
    reference: str


class PaymentProvider(Protocol):
    """A provider. Raises ChannelUnavailable when it does not answer."""

    @property
    def name(self) -> str:
        """Small letters, digits and underscores; the orders keep it as their way of payment."""
        ...

    async def start(self, due: Due) -> str:
        """The address at which the buyer pays; for the same id that of the same payment."""
        ...

    async def read(self, headers: Mapping[str, str], body: bytes) -> Paid | None:
        """What a callback tells; None for one that is of no payment. Raises BadInput where it is not the provider's own."""
        ...

    async def refund(self, paid: Paid) -> None:
        """Give the whole amount back, once, however often it is asked for."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PaymentPlatform:
    """A provider as it declares itself; `name` is what `buying.payment` says. Its keys are in variables of its own."""

    name: str
    open: Callable[[], AbstractAsyncContextManager[PaymentProvider]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checkout page: the price of a piece, and what all of them cost before offers."""

    product_id: str
    name: Text
    details: Text
    pieces: int
    price: Money
    costs: Money
    picture: str


@dataclass(frozen=True, slots=True)
class View:
    """A checkout as its page shows it.

    `postage` and `total` are None where no place is known, or the shop's rule says nothing for it; `served`: goods are sent
    there. `state`: open, gone (something is sold out), paid or refused.
    """

    lines: tuple[Line, ...]
    goods: Money
    offers: tuple[tuple[Text, Money], ...]
    reduced: Money
    postage: Money | None
    total: Money | None
    served: bool
    state: Literal["open", "gone", "paid", "refused"]
    held_until: datetime
    language: str
    order_id: str = ""


class Cashier(Protocol):
    """Our own checkout. Raises Unavailable when the shop, storage or the provider does not answer."""

    async def view(self, token: str, recipient: Recipient | None) -> View | None:
        """The checkout of a token, reckoned for where it goes; None where there is none."""
        ...

    async def start(self, token: str, recipient: Recipient, total: Money) -> str | None:
        """The address at which this total is paid. None where there is no such checkout.

        Raises VersionConflict where it is not open, or costs something else by now.
        """
        ...

    async def callback(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take what the provider tells: once paid for, however often it is told. Raises BadInput for what is not its own."""
        ...
