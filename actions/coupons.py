"""What takes something off a purchase: which promotions and coupons apply, and the best way to use them.

The order of the shop's own rules (coupons.*.md): promotions first, then at most one coupon, and any that are stackable.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from actions.context import Context
from actions.items import variant_text
from actions.products import find_product, find_variants
from bot.commerce import Coupon, Money, Product, Promotion, reduction
from bot.types import Outcome, Say


class Purchase(BaseModel):
    """What is to be bought: a product, one of its variants by size and colour, and how many pieces. Nothing: anything."""

    product: str | None = None
    size: str | None = None
    color: str | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """The cheapest way to buy: what it costs, with which promotions and coupons, and which of these waive the shipping."""

    costs: Money
    promotions: tuple[Promotion, ...]
    coupons: tuple[Coupon, ...]


def applies(offer: Coupon | Promotion, product: Product) -> bool:
    """Whether an offer is for a product: for all, for its category or one above it, or for itself."""
    kind, _, name = offer.applies_to.partition(":")
    if kind == "category":
        return product.category == name or product.category.startswith(f"{name}/")
    return kind == "all" or (kind == "product" and name == product.id)


def best_use(product: Product, amount: Money, promotions: list[Promotion], coupons: list[Coupon]) -> Best:
    """The cheapest way to pay `amount` for pieces of one product.

    All promotions that apply, each on what the ones before it left; then the best coupon alone and every stackable one.
    """
    used: list[Promotion] = []
    for promotion in promotions:
        off = reduction(promotion, amount) if applies(promotion, product) else Money(0, amount.currency)
        if off.minor:
            amount -= off
            used.append(promotion)
    fitting = [coupon for coupon in coupons if applies(coupon, product)]
    best = max((c for c in fitting if not c.stackable), key=lambda c: (reduction(c, amount), c.code), default=None)
    chosen: list[Coupon] = []
    if best is not None and reduction(best, amount).minor:
        amount -= reduction(best, amount)
        chosen.append(best)
    for coupon in (coupon for coupon in fitting if coupon.stackable):
        if coupon.kind == "shipping" and (coupon.min_spend is None or amount >= coupon.min_spend):
            chosen.append(coupon)
        elif reduction(coupon, amount).minor:
            amount -= reduction(coupon, amount)
            chosen.append(coupon)
    return Best(amount, tuple(used), tuple(chosen))


async def coupons(context: Context, purchase: Purchase) -> Outcome:
    """The coupons that run now, those for a product where one is named, and the cheapest way to buy it (minor units).

    A coupon that the proven customer has used up is left out.
    """
    at, terms = context.call.at, context.terms()
    running = await usable(context)
    product = find_product(await context.shop.products(), purchase.product) if purchase.product else None
    named = [coupon for coupon in running if product is None or applies(coupon, product)]
    if not named:
        return Outcome(context.call.action, ok=True, data={"coupons": []}, say=(Say("utter_coupons_none"),))
    listed = terms.listed(f"{terms.text(coupon.name)}（{coupon.code}）" for coupon in named)
    codes = [coupon.code for coupon in named]
    variants = find_variants(product, purchase.size, purchase.color) if product else []
    if product is None or not variants:
        say = Say("utter_coupons_all", {"coupons": listed})
        return Outcome(context.call.action, ok=True, data={"coupons": codes}, say=(say,))
    variant = min(variants, key=lambda v: v.price)
    promotions = await context.shop.promotions(at, context.call.key.room)
    full = variant.price * max(purchase.quantity, 1)
    best = best_use(product, full, promotions, named)
    offers = [terms.text(name) for name in (*(p.name for p in best.promotions), *(c.name for c in best.coupons))]
    args = {
        "product": f"{variant_text(product.name, variant, context.call.language)} × {max(purchase.quantity, 1)}",
        "coupons": listed,
        "price": str(full),
        "costs": str(best.costs),
        "offers": terms.listed(offers),
    }
    data = {
        "coupons": codes,
        "best": [coupon.code for coupon in best.coupons],
        "promotions": [promotion.id for promotion in best.promotions],
        "costs": best.costs.minor,
        "currency": best.costs.currency,
    }
    name = "utter_coupons" if offers else "utter_coupons_all"
    return Outcome(context.call.action, ok=True, data=data, say=(Say(name, args),))


async def usable(context: Context) -> list[Coupon]:
    """The coupons that run, without those that a proven customer has used as often as anybody may."""
    running = await context.shop.coupons(context.call.at)
    proven = [proof.removeprefix("customer:") for proof in context.call.verified if proof.startswith("customer:")]
    if not proven:
        return running
    orders = await context.shop.orders_of(proven[-1], limit=1000)
    used = [order.coupon_code for order in orders if order.coupon_code and order.status != "cancelled"]
    return [c for c in running if c.per_customer is None or used.count(c.code) < c.per_customer]
