"""What a basket comes to, worked out apart from the product's own code.

The order that is assumed: offers for a product, then for categories, then for everything; of one scope those without a
minimum first. Each takes from what those before it left; its minimum is met by the lines that it covers; percents are
rounded down to whole minor units; an amount comes off once, however many pieces there are. A coupon comes last, in the same
way. Gifts and free delivery change no amount, and offers of a room hold only in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from bot.commerce import Coupon, Product, Promotion, Variant
from evals.truth.tables import Offer, covers, state_of

_SCOPES = ("product", "category", "all")


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`quantity` pieces of one variant."""

    product: Product
    variant: Variant
    quantity: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Minor units: the goods, what is paid for them, and the offers that took something off."""

    goods: int
    paid: int
    offers: tuple[Offer, ...]


def reckon(lines: Sequence[BasketLine], promotions: Iterable[Promotion], coupon: Coupon | None, now: datetime) -> Reckoned:
    """What a basket comes to outside any room."""
    left = [line.variant.price.minor * line.quantity for line in lines]
    goods = sum(left)
    running = sorted((p for p in promotions if not p.room and state_of(p, now) == "running"), key=_rank)
    taken: list[Offer] = []
    for offer in (*running, *((coupon,) if coupon else ())):
        covered = [n for n, line in enumerate(lines) if covers(offer, line.product)]
        off = taken_off(offer, sum(left[n] for n in covered))
        if off:
            taken.append(offer)
            for n, share in zip(covered, shares(off, [left[n] for n in covered]), strict=True):
                left[n] -= share
    return Reckoned(goods, sum(left), tuple(taken))


def taken_off(offer: Offer, amount: int) -> int:
    """What one offer takes off an amount of the lines that it covers, in minor units."""
    if amount <= 0 or (offer.min_spend and amount < offer.min_spend.minor):
        return 0
    if offer.kind == "percent":
        off = int(amount * Fraction(offer.value) / 100)
    elif offer.kind == "amount":
        off = int(offer.value)
    else:
        return 0
    most = offer.max_discount.minor if isinstance(offer, Coupon) and offer.max_discount else off
    return min(off, amount, most)


def shares(off: int, amounts: Sequence[int]) -> list[int]:
    """A reduction spread over lines in proportion, whole units; the rest goes to the largest ones."""
    total = sum(amounts)
    parts = [off * amount // total for amount in amounts]
    order = sorted(range(len(amounts)), key=lambda n: -amounts[n])
    for n in order[: off - sum(parts)]:
        parts[n] += 1
    return parts


def _rank(offer: Promotion) -> tuple[int, bool, str]:
    return _SCOPES.index(offer.applies_to.partition(":")[0]), offer.min_spend is not None, offer.id
