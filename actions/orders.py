"""Reading a person's own orders: status, parcels and refunds. Nothing is shown before `verify.verify_order`."""

from __future__ import annotations

from pydantic import BaseModel

from actions.addresses import place_text
from actions.context import Context
from actions.verify import NEEDS_PROOF, PUBLIC_ROOM
from actions.words import ORDER_STATUS, RETURN_STATUS, SHIPMENT_STATUS, day, minute, word
from bot.commerce import Order, OrderStatus, Return, Shipment
from bot.types import Audience, Outcome, Say

NOT_VERIFIED = "not_verified"


class OrderNumber(BaseModel):
    """Which order."""

    order_number: str


async def order_status(context: Context, order: OrderNumber) -> Outcome:
    """The state of an order, what is in it, what it cost and, while it is under way, where it is."""
    found = await own_order(context, order.order_number)
    if isinstance(found, Outcome):
        return found
    language = context.call.language
    items = "、" if language != "en" else ", "
    args = {
        "order_number": found.id,
        "status": word(ORDER_STATUS, found.status, language),
        "items": items.join(f"{line.name.in_(language)} × {line.quantity}" for line in found.lines),
        "total": str(found.total),
        "placed_at": day(found.placed_at, language, context.zone),
    }
    says = [Say("utter_order_status", args)]
    if found.status is OrderStatus.SHIPPED:  # who asks for an order under way wants to know where it is
        says += await _parcels(context, found)
    if found.status is OrderStatus.CANCELLED:
        says.append(Say("utter_order_cancelled_after_payment" if found.paid_at else "utter_order_cancelled_before_payment"))
    return Outcome("action_order_status", ok=True, data={"status": found.status}, say=tuple(says))


async def order_address(context: Context, order: OrderNumber) -> Outcome:
    """The address that an order goes to, or went to.

    Without name and phone: a person who only knows four digits has not proven to know them.
    """
    found = await own_order(context, order.order_number)
    if isinstance(found, Outcome):
        return found
    args = {"order_number": found.id, "address": place_text(found.ship_to, context.call.language)}
    return Outcome("action_order_address", ok=True, say=(Say("utter_order_address", args),))


async def order_paid(context: Context, order: OrderNumber) -> Outcome:
    """What was paid for an order, how and when."""
    found = await own_order(context, order.order_number)
    if isinstance(found, Outcome):
        return found
    language, names = context.call.language, context.policy.payments.names
    args = {
        "order_number": found.id,
        "total": str(found.total),
        "items_total": str(found.items_total),
        "discount": str(found.discount),
        "shipping_fee": str(found.shipping_fee),
        "method": name.in_(language) if (name := names.get(found.payment_method)) else found.payment_method,
        "paid_at": day(found.paid_at, language, context.zone),
    }
    response = "utter_order_paid" if found.paid_at else "utter_order_not_paid"
    return Outcome("action_order_paid", ok=True, data={"paid": found.paid_at is not None}, say=(Say(response, args),))


async def track_shipment(context: Context, order: OrderNumber) -> Outcome:
    """Where the parcels of an order are, by their latest event."""
    found = await own_order(context, order.order_number)
    if isinstance(found, Outcome):
        return found
    says = await _parcels(context, found) or [_nothing_sent(found, context.call.language)]
    return Outcome("action_track_shipment", ok=True, say=tuple(says))


async def refund_status(context: Context, order: OrderNumber) -> Outcome:
    """How far the returns of an order are, and what is or was refunded."""
    found = await own_order(context, order.order_number)
    if isinstance(found, Outcome):
        return found
    returns = await context.shop.returns(found.id)
    if not returns:
        say = Say("utter_refund_none", {"order_number": found.id})
        return Outcome("action_refund_status", ok=True, data={"returns": 0}, say=(say,))
    says = tuple(_return(context, item) for item in returns)
    return Outcome("action_refund_status", ok=True, data={"returns": len(returns)}, say=says)


async def own_order(context: Context, order_number: str, *, change: bool = False) -> Order | Outcome:
    """The order, when the person has proven what reading it (or its `change`) takes and nobody else listens.

    The refusal otherwise. Whether there is such an order shows only to someone who has proven that it is theirs.
    """
    action = context.call.action
    if context.call.audience is Audience.PUBLIC:
        return Outcome(action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_public_privacy"),))
    order = await context.shop.order(order_number)
    slots = {"order_verified": False}
    if order is None or not context.owns(order_number, order.customer_id):
        return Outcome(action, ok=False, refusal=NOT_VERIFIED, slots=slots, say=(Say("utter_verification_failed"),))
    if not (context.may_change if change else context.may_read)(order_number, order.customer_id):
        return Outcome(action, ok=False, refusal=NEEDS_PROOF, slots=slots, say=(Say("utter_refused_code_needed"),))
    return order


def _return(context: Context, item: Return) -> Say:
    language = context.call.language
    args = {
        "return_id": item.id,
        "status": word(RETURN_STATUS, item.status, language),
        "date": day(item.refunded_at or item.requested_at, language, context.zone),
    }
    return (
        Say("utter_refund_status", {**args, "amount": str(item.refund)}) if item.refund else Say("utter_return_status", args)
    )


async def _parcels(context: Context, order: Order) -> list[Say]:
    """Where each parcel of an order is."""
    parcels = await context.shop.shipments(order.id)
    return [say for parcel in parcels for say in (_parcel(context, parcel), *_late(context, parcel))]


def _late(context: Context, parcel: Shipment) -> tuple[Say, ...]:
    """That a parcel is late, once the day on which it was expected is over."""
    if parcel.eta is None or parcel.status in ("delivered", "returned"):
        return ()
    today, expected = (moment.astimezone(context.zone).date() for moment in (context.call.at, parcel.eta))
    return (Say("utter_shipment_late"),) if expected < today else ()


def _nothing_sent(order: Order, language: str) -> Say:
    """What to say of an order without parcels: it waits to be sent, or never will be."""
    if order.status in ("pending", "processed"):
        return Say("utter_order_not_shipped", {"order_number": order.id})
    if order.status == "pending_payment":
        return Say("utter_order_waits_for_payment", {"order_number": order.id})
    args = {"order_number": order.id, "status": word(ORDER_STATUS, order.status, language)}
    return Say("utter_no_shipment", args)


def _parcel(context: Context, parcel: Shipment) -> Say:
    language = context.call.language
    args = {"carrier": parcel.carrier, "tracking_no": parcel.tracking_no}
    if parcel.status == "delivered":
        return Say("utter_shipment_delivered", {**args, "delivered_at": day(parcel.delivered_at, language, context.zone)})
    latest = parcel.events[-1] if parcel.events else None
    status = word(SHIPMENT_STATUS, parcel.status, language)
    stop = ", " if language == "en" else "，"
    event = stop.join(
        (minute(latest.at, language, context.zone), latest.place.in_(language), latest.text.in_(language))
        if latest
        else (status,)
    )
    eta = day(parcel.eta, language, context.zone)
    return (
        Say("utter_track_shipment", {**args, "event": event, "eta": eta})
        if eta
        else Say("utter_track_shipment_open", {**args, "event": event})
    )
