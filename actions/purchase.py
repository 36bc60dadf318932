"""An order that the bot places: its lines at today's prices, what is taken from stock, and its payment. Pure.

Promotions, coupons and postage are none of it: a shop that has them sells through its checkout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from actions.backoffice import Effect, MoveStock, PaymentMethod, PlaceOrder
from actions.filling import Ordered
from actions.items import variant_details
from actions.pending import way_to_pay, ways_to_pay
from actions.plans import Dossier, Refusal, Terms, is_gift_card, method_name, payment, refusal
from actions.products import find_product, find_variants
from actions.swaps import covers
from bot.commerce import Customer, Money, Order, OrderLine, OrderStatus, Product
from bot.types import Say


@dataclass(frozen=True, slots=True)
class Purchase:
    """The order, what placing it does, and what a yes to it is for."""

    order: Order
    effects: tuple[Effect, ...]
    facts: Mapping[str, Any]


def purchase(
    customer: Customer,
    methods: tuple[PaymentMethod, ...],
    items: Sequence[Ordered],
    products: Sequence[Product],
    *,
    way: str,
    prefix: str,
    terms: Terms,
) -> Purchase | Refusal:
    """The order of these items, or why there cannot be one. A gift card pays at once, any other way later."""
    lines = _lines(items, products, terms)
    if isinstance(lines, Refusal):
        return lines
    total = Money(sum(line.unit_price.minor * line.quantity for line in lines), lines[0].unit_price.currency)
    order = _order(customer, lines, total, prefix, terms)
    dossier = Dossier(order, customer, methods=methods)
    method = way_to_pay(dossier, way, terms)
    if method is None:
        return refusal(terms, None, "method", methods=ways_to_pay(dossier, terms))
    if poor := covers(dossier, method, total):
        return poor
    paid = is_gift_card(dossier, method)
    order = replace(order, payment_method=method)
    if paid:
        order = replace(order, status=OrderStatus.PENDING, paid_at=terms.now)
    taken = Counter[str]()
    for line in lines:
        taken[line.sku] += line.quantity
    effects: tuple[Effect, ...] = (
        PlaceOrder(order, customer),
        *(MoveStock(sku, -pieces) for sku, pieces in sorted(taken.items())),
        *((payment(terms, dossier, 0, total, method),) if paid else ()),
    )
    facts = {
        "lines": [[line.sku, line.quantity, line.unit_price.minor] for line in lines],
        "total": total.minor,
        "currency": total.currency,
        "method": method_name(dossier, terms, method),
    }
    return Purchase(order, effects, facts)


def _lines(items: Sequence[Ordered], products: Sequence[Product], terms: Terms) -> tuple[OrderLine, ...] | Refusal:
    lines: list[OrderLine] = []
    for number, item in enumerate(items, 1):
        product = find_product(products, item.product)
        if product is None:
            return Refusal("no_product", Say("utter_refused_no_product", {"product": item.product}))
        variants = find_variants(product, None, None, item.product)
        if len(variants) != 1:
            choices = terms.listed(variant_details(variant, terms.language) for variant in product.variants[:8])
            return Refusal("no_variant", Say("utter_refused_no_variant", {"choices": choices}))
        variant = variants[0]
        wanted = item.quantity + sum(line.quantity for line in lines if line.sku == variant.sku)
        if variant.stock < wanted:
            return Refusal("no_stock", Say("utter_refused_no_stock", {"replacement": terms.text(product.name)}))
        lines.append(
            OrderLine(
                number, variant.sku, product.id, product.name, item.quantity, variant.price, Money(0, variant.price.currency)
            )
        )
    return tuple(lines)


def _order(customer: Customer, lines: tuple[OrderLine, ...], total: Money, prefix: str, terms: Terms) -> Order:
    none = Money(0, total.currency)
    return Order(
        id=terms.case_id(prefix),
        customer_id=customer.id,
        status=OrderStatus.PENDING_PAYMENT,
        placed_at=terms.now,
        lines=lines,
        items_total=total,
        discount=none,
        shipping_fee=none,
        total=total,
        payment_method="",
        ship_to=customer.address,
    )
