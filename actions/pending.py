"""Orders that have not left yet: cancelling them, and changing their address, payment or items."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

from actions.addresses import NewAddress, address_text, merged_address
from actions.backoffice import Effect, MovePoints, ReturnCoupon, SaveOrder
from actions.context import Context
from actions.items import Piece, Quantity, how_many, pick, pieces_text
from actions.orders import OrderNumber
from actions.plans import (
    Dossier,
    Plan,
    Refusal,
    Terms,
    closed,
    difference_text,
    method_name,
    needs_review,
    payment,
    refund_days,
    refusal,
)
from actions.swaps import Wanted, covers, new_texts, stock_moves, swapped_lines, swaps, total_difference
from actions.work import Confirmation, on_order, quote, write
from bot.commerce import Money, OrderStatus
from bot.types import Outcome, Say


class Cancellation(OrderNumber):
    """Which order, and why."""

    cancel_reason: str | None = None


class AddressChange(OrderNumber, NewAddress):
    """Which order, and where it is to go instead: whole in `new_address`, or in its parts."""


class PaymentChange(OrderNumber):
    """Which order, and how it is paid instead: the id of a way on file, or its kind."""

    new_payment_method: str


class ItemsChange(OrderNumber):
    """Which items, and what in their place: `replacements` are SKUs by position; or a size, a colour, for all of them.

    `wanted` says size, colour or both in a person's words; `wish` may, among other things.
    `payment_method` pays or receives the difference; without it the way that the order was paid.
    """

    items: str | list[str] | None = None
    quantity: Quantity | None = None
    replacements: tuple[str, ...] = ()
    new_size: str | None = None
    new_color: str | None = None
    wanted: str | None = None
    wish: str | None = None
    payment_method: str | None = None


class ConfirmedCancellation(Cancellation, Confirmation):
    """A cancellation that the customer said yes to."""


class ConfirmedAddressChange(AddressChange, Confirmation):
    """A change of address that the customer said yes to."""


class ConfirmedPaymentChange(PaymentChange, Confirmation):
    """A change of payment that the customer said yes to."""


class ConfirmedItemsChange(ItemsChange, Confirmation):
    """A change of items that the customer said yes to."""


# ---------------------------------------------------------------- plans


def plan_cancel(dossier: Dossier, request: Cancellation, terms: Terms) -> Plan | Refusal:
    """Everything goes back: money by the way it came, pieces to the shelf, points, and the coupon while it runs."""
    rule, order = terms.policy.cancel_order, dossier.order
    no = closed(dossier, terms, rule, "cancel_order")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    reason = (request.cancel_reason or "").strip()
    if rule.reasons and reason.casefold() not in {known.casefold() for known in rule.reasons}:
        return refusal(terms, rule, "reason", reasons=terms.listed(rule.reasons))
    held = dossier.held()
    money = [
        payment(terms, dossier, n, back * -1, method, reason="cancelled") for n, (method, back) in enumerate(held.items())
    ]
    points = order.points_used - order.points_earned
    coupon = next((c.code for c in dossier.coupons if c.code == order.coupon_code), "")
    pieces = Counter[str]()
    for line in order.lines:
        pieces[line.sku] += line.quantity
    effects: list[Effect] = [
        SaveOrder(replace(order, status=OrderStatus.CANCELLED, closed_at=terms.now, points_used=0, points_earned=0)),
        *stock_moves(dossier, pieces),
        *money,
    ]
    if points:
        effects.append(MovePoints(order.customer_id, points))
    if coupon:
        effects.append(ReturnCoupon(coupon))
    total = sum(held.values(), Money(0, order.total.currency))
    method = next(iter(held), order.payment_method)
    args = {
        "order_number": order.id,
        "items": pieces_text(dossier, [Piece(line, line.quantity) for line in order.lines], terms.language),
        "refund": str(total),
        "refund_method": terms.listed(method_name(dossier, terms, way) for way in held)
        or method_name(dossier, terms, method),
        "when": refund_days(dossier, terms, method),
    }
    paid = "" if total.minor else "_unpaid"
    return Plan(
        facts={
            "order": order.id,
            "refunds": {way: amount.minor for way, amount in held.items()},
            "currency": order.total.currency,
            "points": points,
            "coupon": coupon,
        },
        summary=Say(f"utter_summary_cancel_order{paid}", args),
        done=Say(f"utter_order_cancelled{paid}", args),
        effects=tuple(effects),
        why=reason or "the customer cancels",
        review=any(needs_review(terms, amount) for amount in held.values()),
    )


def plan_change_address(dossier: Dossier, request: AddressChange, terms: Terms) -> Plan | Refusal:
    """The parcel goes elsewhere. Nothing is charged for it."""
    rule, order = terms.policy.change_address, dossier.order
    no = closed(dossier, terms, rule, "change_address")
    if no:
        return no
    address = merged_address(request, order.ship_to)
    if isinstance(address, Refusal):
        return address
    args = {"order_number": order.id, "address": address_text(address, terms.language)}
    return Plan(
        facts={"order": order.id, "address": args["address"]},
        summary=Say("utter_summary_change_address", args),
        done=Say("utter_address_changed", args),
        effects=(SaveOrder(replace(order, ship_to=address)),),
        why="the customer changes the address",
    )


def plan_change_payment(dossier: Dossier, request: PaymentChange, terms: Terms) -> Plan | Refusal:
    """What was paid goes back by the way it came, and comes in again by the new one. A gift card must hold all of it."""
    rule, order = terms.policy.change_payment, dossier.order
    no = closed(dossier, terms, rule, "change_payment")
    if no:
        return no
    method = way_to_pay(dossier, request.new_payment_method, terms)
    if method is None:
        return refusal(terms, rule, "method", methods=ways_to_pay(dossier, terms))
    if method == order.payment_method:
        return refusal(terms, rule, "same_method", payment_method=method_name(dossier, terms, method))
    held = dossier.held()
    total = sum(held.values(), Money(0, order.total.currency))
    poor = covers(dossier, method, total if total.minor else order.total)
    if poor:
        return poor
    numbers = count()
    money = [payment(terms, dossier, next(numbers), total, method)] if total.minor else []
    money += [payment(terms, dossier, next(numbers), back * -1, way, reason="repaid") for way, back in held.items()]
    args = {
        "order_number": order.id,
        "payment_method": method_name(dossier, terms, method),
        "total": str(order.total),
        "old_method": method_name(dossier, terms, order.payment_method),
        "when": refund_days(dossier, terms, order.payment_method),
    }
    return Plan(
        facts={
            "order": order.id,
            "method": method,
            "total": order.total.minor,
            "currency": order.total.currency,
            "refunds": {way: amount.minor for way, amount in held.items()},
        },
        summary=Say("utter_summary_change_payment_paid" if held else "utter_summary_change_payment", args),
        done=Say("utter_payment_changed", args),
        effects=(SaveOrder(replace(order, payment_method=method)), *money),
        why="the customer pays another way",
        review=any(needs_review(terms, amount) for amount in held.values()),
    )


def plan_change_items(dossier: Dossier, request: ItemsChange, terms: Terms) -> Plan | Refusal:
    """Other variants of the same products are sent; the difference is charged or goes back."""
    rule, order = terms.policy.change_items, dossier.order
    no = closed(dossier, terms, rule, "change_items")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    pieces = pick(dossier, request.items, request.quantity, terms.language)
    if isinstance(pieces, Refusal):
        return pieces
    wanted = Wanted(request.replacements, request.new_size, request.new_color, request.wanted, request.wish)
    done = swaps(dossier, pieces, wanted, terms, rule, same_variant=rule.same_variant)
    if isinstance(done, Refusal):
        return done
    if unclear := how_many(pieces, request.items, request.quantity, terms.language):
        return unclear
    method = settling_way(dossier, request.payment_method, terms, rule.paid_by)
    if method is None:
        return refusal(terms, rule, "method", methods=ways_to_pay(dossier, terms))
    difference = total_difference(done, order.total.currency)
    poor = covers(dossier, method, difference)
    if poor:
        return poor
    moves = Counter[str]()
    for swap in done:
        moves[swap.line.sku] += swap.quantity
        moves[swap.variant.sku] -= swap.quantity
    is_paid = bool(dossier.held())
    money = [payment(terms, dossier, 0, difference, method, reason="items changed")] if is_paid and difference.minor else []
    args = {
        "order_number": order.id,
        "items": new_texts(done, terms),
        "difference": difference_text(difference),
        "payment_method": method_name(dossier, terms, method),
    }
    return Plan(
        facts={
            "order": order.id,
            "swaps": [[swap.line.number, swap.quantity, swap.variant.sku] for swap in done],
            "difference": difference.minor,
            "currency": difference.currency,
            "method": method,
        },
        summary=Say("utter_summary_change_items", args),
        done=Say("utter_items_changed", args),
        effects=(SaveOrder(swapped_lines(order, done)), *stock_moves(dossier, moves), *money),
        why="the customer changes the items",
        review=difference.minor < 0 and needs_review(terms, difference * -1),
    )


def way_to_pay(dossier: Dossier, text: str, terms: Terms) -> str | None:
    """The way to pay that a text names: the id of one on file, or a kind that needs none. None when it is no usable one."""
    if dossier.method(text.strip()):
        return text.strip()
    named = text.strip().casefold()
    payments = terms.policy.payments
    words = {kind: kind for kind in payments.kinds}
    words |= {word.casefold(): kind for kind, name in payments.names.items() for word in (kind, name.zh, name.en) if word}
    kind = words.get(max((word for word in words if word in named), key=len, default=""))  # "gift card" is no "card"
    on_file = [method.id for method in dossier.methods if method.kind == kind]
    if len(on_file) == 1:
        return on_file[0]
    return kind if kind in payments.kinds else None


def ways_to_pay(dossier: Dossier, terms: Terms) -> str:
    """What the customer may pay by, in words."""
    kinds = [*terms.policy.payments.kinds, *(method.id for method in dossier.methods)]
    return terms.listed(dict.fromkeys(method_name(dossier, terms, kind) for kind in kinds))


def settling_way(dossier: Dossier, text: str | None, terms: Terms, paid_by: tuple[str, ...]) -> str | None:
    """The way that a difference is settled by: the one named, or that of the order; None when it may not be used."""
    original = dossier.order.payment_method
    method = original if text in (None, "original") else way_to_pay(dossier, text or "", terms)
    if method == original:
        return original if "original" in paid_by or dossier.method(original) else None
    return method if method and "on_file" in paid_by and dossier.method(method) else None


# ---------------------------------------------------------------- verbs


async def quote_cancel(context: Context, request: Cancellation) -> Outcome:
    """What cancelling a pending order would come to: the refund in minor units and where it goes. Changes nothing."""
    return await quote(context, on_order(context, request, plan_cancel))


async def cancel_order(context: Context, request: ConfirmedCancellation) -> Outcome:
    """Cancel a pending order and refund what was paid for it, as quoted and confirmed."""
    return await write(context, request, on_order(context, request, plan_cancel))


async def quote_address(context: Context, request: AddressChange) -> Outcome:
    """Where a pending order would go instead. Changes nothing."""
    return await quote(context, on_order(context, request, plan_change_address))


async def change_address(context: Context, request: ConfirmedAddressChange) -> Outcome:
    """Send a pending order to another address, as quoted and confirmed."""
    return await write(context, request, on_order(context, request, plan_change_address))


async def quote_payment(context: Context, request: PaymentChange) -> Outcome:
    """What paying a pending order another way would come to. Changes nothing."""
    return await quote(context, on_order(context, request, plan_change_payment))


async def change_payment(context: Context, request: ConfirmedPaymentChange) -> Outcome:
    """Pay a pending order another way, as quoted and confirmed: the old payment goes back."""
    return await write(context, request, on_order(context, request, plan_change_payment))


async def quote_items(context: Context, request: ItemsChange) -> Outcome:
    """What other sizes or colours in a pending order would come to: the difference in minor units. Changes nothing."""
    return await quote(context, on_order(context, request, plan_change_items))


async def change_items(context: Context, request: ConfirmedItemsChange) -> Outcome:
    """Put other variants of the same products into a pending order, as quoted and confirmed, and settle the difference."""
    return await write(context, request, on_order(context, request, plan_change_items))
