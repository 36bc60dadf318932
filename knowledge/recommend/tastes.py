"""What is known of a person's taste: the shop's books and what they agreed to have remembered, in one order of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.commerce import Order, OrderStatus, Return, Shop
from bot.signals import Consent, Signal, SignalKind, Signals, signal
from bot.types import Need

# Orders of a person that are looked at, newest first.
MAX_ORDERS = 50
# A signal counts half after so many days.
HALF_LIFE_DAYS = 60.0
# Two products are alike from this on: cosine of their texts' vectors without what all products have in common.
ALIKE = 0.6
_DAY_S = 86_400.0
_UNDONE = (OrderStatus.CANCELLED,)
_SENT_BACK = (OrderStatus.RETURN_REQUESTED, OrderStatus.RETURNED)

Vectors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Taste:
    """Signals, oldest first.."""

    consent: Consent = Consent.UNASKED
    signals: tuple[Signal, ...] = ()

    @property
    def owned(self) -> tuple[str, ...]:
        """What was ordered, oldest first, what went back included: it is not suggested again."""
        return tuple(one.product_id for one in self.signals if one.kind is SignalKind.ORDER)

    @property
    def kept(self) -> tuple[str, ...]:
        """What was ordered and not sent back, oldest first: what speaks for other products."""
        returned = {one.product_id for one in self.signals if one.kind is SignalKind.RETURN}
        return tuple(name for name in self.owned if name not in returned)


STRANGER = Taste()


async def taste_of(need: Need, shop: Shop, signals: Signals | None) -> Taste:
    """The taste of who needs something: a stranger's where nobody is named, or where they refused to be known."""
    stored = await signals.known(need.person) if signals is not None and need.person else None
    if stored is not None and stored.consent is Consent.REFUSED:
        return Taste(Consent.REFUSED)
    books = await _of_books(shop, need.customer_id) if need.customer_id else []
    behaviour = stored.signals if stored is not None else ()
    consent = stored.consent if stored is not None else Consent.UNASKED
    return Taste(consent, tuple(sorted([*books, *behaviour], key=lambda one: one.at)))


async def _of_books(shop: Shop, customer_id: str) -> list[Signal]:
    """Orders and returns of a customer as the shop has them now."""
    found: list[Signal] = []
    for order in await shop.orders_of(customer_id, MAX_ORDERS):
        if order.status in _UNDONE:
            continue
        found += [signal(line.product_id, SignalKind.ORDER, order.placed_at) for line in order.lines]
        if order.status in _SENT_BACK:
            found += _sent_back(order, await shop.returns(order.id))
    return found


def _sent_back(order: Order, returns: Sequence[Return]) -> list[Signal]:
    products = {line.number: line.product_id for line in order.lines}
    return [
        signal(products[one.line], SignalKind.RETURN, one.requested_at)
        for one in returns
        if one.kind == "return" and one.line in products
    ]


def centred(vectors: Vectors) -> dict[str, NDArray[np.float32]]:
    """Vectors of length 1 without their mean: what all products have in common says nothing of likeness."""
    if not vectors:
        return {}
    mean = np.mean(list(vectors.values()), axis=0)
    moved = {name: vector - mean for name, vector in vectors.items()}
    return {name: vector / max(float(np.linalg.norm(vector)), 1e-9) for name, vector in moved.items()}


def likeness(a: str, b: str, vectors: Vectors) -> float:
    """How alike two products are, from 0 to 1; `vectors` are centred. A product is as alike to itself as can be."""
    if a == b:
        return 1.0
    if a not in vectors or b not in vectors:
        return 0.0
    return max(0.0, float(vectors[a] @ vectors[b]))


def liking(product_id: str, taste: Taste, at: datetime, vectors: Vectors) -> tuple[float, Signal | None]:
    """How much behaviour and returns speak for a product, and the signal that speaks for it most, if one does.

    Orders count by what others bought after them (`purchases`), not by likeness: who has a tent needs no second one.
    """
    parts = [(_now(one, at) * likeness(product_id, one.product_id, vectors), one) for one in taste.signals]
    counted = [(part, one) for part, one in parts if one.kind is not SignalKind.ORDER]
    best = max(counted, key=lambda pair: pair[0], default=(0.0, None))
    total: float = sum(part for part, _ in counted)
    return total, best[1] if best[0] > 0 else None


def _now(one: Signal, at: datetime) -> float:
    age_days = max(0.0, (at - one.at).total_seconds() / _DAY_S)
    return one.weight * math.pow(0.5, age_days / HALF_LIFE_DAYS)
