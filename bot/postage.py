"""What sending a purchase costs: a rule as data, and what comes of it for a bill and a place. Pure functions.

Postage is reckoned last, after promotions and coupons (`bot.offers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bot.commerce import Money
from bot.offers import SHIPPING, Bill, applies, total
from bot.values.places import country_of


@dataclass(frozen=True, slots=True)
class Band:
    """From the amount `least` on, in major units, sending costs `fee`, of `each` piece or of all; None where the rule does
    not say."""

    least: Decimal
    fee: Decimal | None
    each: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """Places (ISO 3166 codes) with terms of their own: bands in the place of the general ones, or an amount on top of those.

    Without `served` nothing is sent there; without `on_free` nothing is added to what is sent for nothing.
    """

    places: tuple[str, ...]
    bands: tuple[Band, ...] = ()
    on_top: Decimal | None = None
    served: bool = True
    on_free: bool = True


@dataclass(frozen=True, slots=True)
class Postage:
    """A shop's rule. Bands begin at 0 and ascend.

    `counts`: thresholds are of what is paid for the goods after reductions, or of the goods before. `not_counting` covers
    goods that do not help to reach one (`category:SLUG`, `product:ID`).
    """

    bands: tuple[Band, ...]
    zones: tuple[Zone, ...] = ()
    counts: Literal["paid", "goods"] = "paid"
    not_counting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What sending one purchase costs, and why: the `amount` that counts, and from which amount it is `free_from`.

    `place` is the code of a place with terms of its own, empty for any other. `waived` by an offer. Without `served` the
    fee is nothing, because nothing is sent.
    """

    fee: Money
    amount: Money
    total: Money
    free_from: Money | None = None
    place: str = ""
    waived: bool = False
    served: bool = True

    @property
    def missing(self) -> Money | None:
        """How much more of goods makes it free; None where it is free already, or never."""
        short = self.free_from is not None and self.fee.minor > 0 and self.amount < self.free_from
        return self.free_from - self.amount if short and self.free_from is not None else None


def charge(postage: Postage, bill: Bill, places: Sequence[str] = ()) -> Charge | None:
    """What sending a bill's goods costs; None where the rule does not say it, or not the same for all of the places.

    No place, or one in the shop's own country, is sent to on the general terms. The country is told by the currency, whose
    first two letters are the country's in ISO 4217.
    """
    first, *others = [_to(postage, bill, place) for place in places or ("",)]
    same = all(other is not None and first is not None and _is_like(first, other) for other in others)
    return first if same else None


def _is_like(first: Charge, other: Charge) -> bool:
    """Whether two places have the same terms."""
    return replace(first, place="") == replace(other, place="")


def _to(postage: Postage, bill: Bill, place: str) -> Charge | None:
    zone = _zone(postage, place)
    if zone is None and place and country_of(place) != bill.total.currency[:2]:
        return None
    named = place if zone is not None else ""
    amount = _counted(postage, bill)
    nothing = Money(0, amount.currency)
    if zone is not None and not zone.served:
        return Charge(nothing, amount, bill.total, place=named, served=False)
    if any(taken.offer.kind == SHIPPING for taken in bill.taken):
        general = zone is None and not any(band.each for band in postage.bands)
        return Charge(nothing, amount, bill.total, waived=True) if general else None
    bands = zone.bands if zone is not None and zone.bands else postage.bands
    fee = _fee(bands, amount, sum(line.quantity for line in bill.lines))
    if fee is None:
        return None
    if zone is not None and zone.on_top is not None and (fee.minor or zone.on_free):
        fee += Money.of(zone.on_top, amount.currency)
        return Charge(fee, amount, bill.total + fee, place=named)
    return Charge(fee, amount, bill.total + fee, _free_from(bands, amount.currency), named)


def _zone(postage: Postage, place: str) -> Zone | None:
    """The zone that has a place, or else its country."""
    wanted = (place, country_of(place))
    return next((zone for code in wanted if code for zone in postage.zones if code in zone.places), None)


def _counted(postage: Postage, bill: Bill) -> Money:
    """What thresholds are compared with."""
    left = bill.left if postage.counts == "paid" else tuple(line.goods for line in bill.lines)
    counting = [
        amount
        for amount, line in zip(left, bill.lines, strict=True)
        if not any(applies(scope, line.product) for scope in postage.not_counting)
    ]
    return total([Money(0, bill.total.currency), *counting])


def _fee(bands: Sequence[Band], amount: Money, pieces: int) -> Money | None:
    band = next((band for band in reversed(bands) if band.least <= amount.major), None)
    if band is None or band.fee is None:
        return None
    return Money.of(band.fee * (pieces if band.each else 1), amount.currency)


def _free_from(bands: Sequence[Band], currency: str) -> Money | None:
    """The threshold above which nothing is paid; None for what is always free, or never."""
    return next((Money.of(band.least, currency) for band in bands if band.fee == 0 and band.least), None)
