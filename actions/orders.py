"""Reading a person's own orders: status, parcels and refunds. Nothing is shown before `verify.verify_order`."""

from __future__ import annotations

from pydantic import BaseModel

from actions.context import Context
from actions.verify import normal_order_number
from actions.words import ORDER_STATUS, RETURN_STATUS, SHIPMENT_STATUS, day, minute, word
from bot.commerce import Order, Shipment
from bot.types import Audience, Outcome, Say

NOT_VERIFIED = "not_verified"
PUBLIC_ROOM = "public_room"


class OrderNumber(BaseModel):
    """Which order."""

    order_number: str


async def order_status(context: Context, order: OrderNumber) -> Outcome:
    """The state of an order, what is in it and what it cost."""
    found = await _own_order(context, "action_order_status", order.order_number)
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
    return Outcome("action_order_status", ok=True, data={"status": found.status}, say=(Say("utter_order_status", args),))


async def track_shipment(context: Context, order: OrderNumber) -> Outcome:
    """Where the parcels of an order are, by their latest event."""
    found = await _own_order(context, "action_track_shipment", order.order_number)
    if isinstance(found, Outcome):
        return found
    parcels = await context.shop.shipments(found.id)
    if not parcels:
        args = {"order_number": found.id, "status": word(ORDER_STATUS, found.status, context.call.language)}
        return Outcome("action_track_shipment", ok=True, data={"parcels": 0}, say=(Say("utter_not_shipped_yet", args),))
    says = tuple(_parcel(context, parcel) for parcel in parcels)
    return Outcome("action_track_shipment", ok=True, data={"parcels": len(parcels)}, say=says)


async def refund_status(context: Context, order: OrderNumber) -> Outcome:
    """How far the returns of an order are, and what is or was refunded."""
    found = await _own_order(context, "action_refund_status", order.order_number)
    if isinstance(found, Outcome):
        return found
    returns = await context.shop.returns(found.id)
    if not returns:
        say = Say("utter_no_refund", {"order_number": found.id})
        return Outcome("action_refund_status", ok=True, data={"returns": 0}, say=(say,))
    language = context.call.language
    says = tuple(
        Say(
            "utter_refund_status",
            {
                "order_number": found.id,
                "status": word(RETURN_STATUS, item.status, language),
                "amount": str(item.refund) if item.refund else "-",
                "date": day(item.refunded_at or item.requested_at, language, context.zone),
            },
        )
        for item in returns
    )
    return Outcome("action_refund_status", ok=True, data={"returns": len(returns)}, say=says)


async def _own_order(context: Context, action: str, order_number: str) -> Order | Outcome:
    """The order, when it is the person's own and nobody else listens; the refusal otherwise."""
    if context.call.audience is Audience.PUBLIC:
        return Outcome(action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_private_only"),))
    number = normal_order_number(order_number)
    order = await context.shop.order(number)
    if order is None or not context.owns(number, order.customer_id):
        slots = {"verified": False}
        return Outcome(action, ok=False, refusal=NOT_VERIFIED, slots=slots, say=(Say("utter_verify_failed"),))
    return order


def _parcel(context: Context, parcel: Shipment) -> Say:
    language = context.call.language
    latest = parcel.events[-1] if parcel.events else None
    args = {
        "order_number": parcel.order_id,
        "carrier": parcel.carrier,
        "tracking_no": parcel.tracking_no,
        "status": word(SHIPMENT_STATUS, parcel.status, language),
        "place": latest.place.in_(language) if latest else "",
        "event": latest.text.in_(language) if latest else "",
        "at": minute(latest.at, language, context.zone) if latest else "",
        "eta": day(parcel.delivered_at or parcel.eta, language, context.zone),
    }
    return Say("utter_shipment_delivered" if parcel.status == "delivered" else "utter_shipment", args)
