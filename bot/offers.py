"""What a purchase costs: promotions, coupons and gifts on lines of products, to the minor unit. Pure functions.

The one place where offers are reckoned: answers, quotes, orders and the room all ask here. What is reduced first: offers on
one product, then on categories, then on everything; of these what needs no minimum first; then coupons. Each is taken off
what the ones before it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.commerce import Coupon, Money, Product, Promotion, Variant, reduction

GIFT, SHIPPING = "gift", "shipping"


@dataclass(frozen=True, slots=True)
class CartLine:
    """`quantity` pieces of one variant."""

    product: Product
    variant: Variant
    quantity: int = 1

    @property
    def goods(self) -> Money:
        """What the pieces cost without any offer."""
        return self.variant.price * self.quantity


@dataclass(frozen=True, slots=True)
class Taken:
    """An offer that was used, and what it took off; nothing for gifts and free shipping."""

    offer: Promotion | Coupon
    off: Money


@dataclass(frozen=True, slots=True)
class Bill:
    """What lines cost: the goods, the offers used in their order, and what is left to pay, for each line and for all."""

    lines: tuple[CartLine, ...]
    goods: Money
    taken: tuple[Taken, ...]
    left: tuple[Money, ...]

    @property
    def total(self) -> Money:
        """What is left to pay for the goods."""
        return total(self.left)

    @property
    def reductions(self) -> tuple[Taken, ...]:
        """The offers that took something off."""
        return tuple(taken for taken in self.taken if taken.off.minor)

    @property
    def gifts(self) -> tuple[Promotion, ...]:
        """The gifts that come with the purchase."""
        return tuple(t.offer for t in self.taken if isinstance(t.offer, Promotion) and t.offer.kind == GIFT)


def applies(scope: str, product: Product) -> bool:
    """Whether `all`, `category:SLUG` (with all below it) or `product:ID` covers a product."""
    kind, _, value = scope.partition(":")
    if kind == "category":
        return product.category == value or product.category.startswith(f"{value}/")
    return kind == "all" or (kind == "product" and value == product.id)


def bill(lines: Sequence[CartLine], promotions: Iterable[Promotion], coupons: Iterable[Coupon] = ()) -> Bill:
    """What the lines cost with all promotions that apply and the coupons that are to be used, in their order.

    An offer's minimum is met by what it is for: the lines that it covers, after what was taken off before. Raises
    ValueError for no lines, and for lines in different currencies.
    """
    if not lines:
        raise ValueError("nothing is to be bought")
    left = [line.goods for line in lines]
    goods = total(left)
    taken: list[Taken] = []
    in_turn: list[Promotion | Coupon] = [*sorted(promotions, key=_turn), *coupons]
    for offer in in_turn:
        covered = [n for n, line in enumerate(lines) if applies(offer.applies_to, line.product)]
        if not covered:
            continue
        amount = total([left[n] for n in covered])
        off = reduction(offer, amount)
        if off.minor:
            _spread(left, covered, off)
        elif offer.kind not in (GIFT, SHIPPING) or (offer.min_spend is not None and amount < offer.min_spend):
            continue
        taken.append(Taken(offer, off))
    return Bill(tuple(lines), goods, tuple(taken), tuple(left))


def best_coupons(
    lines: Sequence[CartLine], promotions: Sequence[Promotion], coupons: Sequence[Coupon]
) -> tuple[Coupon, ...]:
    """The coupons that make the lines cheapest: the best of those that stand alone, and every stackable one that helps."""
    plain = bill(lines, promotions)
    alone = [coupon for coupon in coupons if not coupon.stackable]
    best = min(alone, key=lambda c: (bill(lines, promotions, [c]).total, c.code), default=None)
    chosen = [best] if best is not None and bill(lines, promotions, [best]).total < plain.total else []
    chosen += [coupon for coupon in coupons if coupon.stackable]
    used = {t.offer.code for t in bill(lines, promotions, chosen).taken if isinstance(t.offer, Coupon)}
    return tuple(coupon for coupon in chosen if coupon.code in used)


def total(amounts: Sequence[Money]) -> Money:
    """The sum of amounts of one currency. Raises ValueError for none, and for different currencies."""
    first, *rest = amounts
    for amount in rest:
        first += amount
    return first


def _turn(offer: Promotion) -> tuple[int, bool, str]:
    """Where an offer stands in the order in which they are taken off."""
    scopes = ("product", "category", "all")
    return scopes.index(offer.applies_to.partition(":")[0]), offer.min_spend is not None, offer.id


def _spread(left: list[Money], covered: Sequence[int], off: Money) -> None:
    """Take an amount off the covered lines, each by its share; what rounding leaves goes off the last."""
    amount = total([left[n] for n in covered])
    rest = off.minor
    for n in covered[:-1]:
        share = left[n].minor * off.minor // amount.minor
        left[n] -= Money(share, off.currency)
        rest -= share
    left[covered[-1]] -= Money(rest, off.currency)
