"""The warehouse has checked what came back: the money, points, stock and coupon of a return or exchange move now.

Done by the shop's people (`streamdesk settle`), never in a conversation. Until then a return is a promise, and nothing of it
has moved but the new pieces of an exchange, which are kept for the customer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from actions.backoffice import Backoffice, Change, Effect, MovePoints, ReturnCoupon, SaveOrder, SaveReturn
from actions.numbers import ShopOrderNumbers
from actions.plans import VOID, Dossier, Terms, payment
from actions.policy import Policy
from actions.swaps import Swap, stock_moves, swapped_lines
from actions.work import MAX_CONFLICTS, dossier_of
from bot.commerce import Money, OrderStatus, Return, Text, Variant
from bot.errors import BadInput, VersionConflict

DONE = ("refunded", "exchanged", *VOID)


async def settle(
    shop: Backoffice,
    policy: Policy,
    zone: ZoneInfo,
    *,
    order_number: str,
    return_id: str,
    actor: str,
    at: datetime,
    accepted: bool = True,
    resellable: bool = True,
) -> Return:
    """Settle one return or exchange, once; returns what it is now. A repeat changes nothing.

    `accepted`: the goods are as they should be; otherwise the request is void. `resellable`: they go back to the shelf.
    Raises BadInput for a return that is not there, ShopUnavailable, and VersionConflict when others do not let go.
    """
    number = (await ShopOrderNumbers(shop).refreshed()).normal(order_number)
    for attempt in range(MAX_CONFLICTS):
        order = await shop.order(number)
        dossier = await dossier_of(shop, order, at) if order else None
        item = next((item for item in dossier.returns if item.id == return_id), None) if dossier else None
        if dossier is None or item is None:
            where, remedy = f"order {order_number}", "Look it up with the order's number."
            raise BadInput(f"there is no return {return_id!r}.", where=where, remedy=remedy)
        if item.status in DONE:
            return item
        terms = Terms(policy, at, zone, "en", f"settle/{item.id}")
        settled, effects = settlement(dossier, item, terms, accepted=accepted, resellable=resellable)
        outcome = {"return": item.id, "status": settled.status}
        try:
            await shop.commit(Change(terms.key, "settle", actor, at, settled.status, effects, outcome, dossier.order.id))
        except VersionConflict:
            if attempt == MAX_CONFLICTS - 1:
                raise
        else:
            return settled
    raise AssertionError("unreachable")  # the last attempt returns or raises


def settlement(
    dossier: Dossier, item: Return, terms: Terms, *, accepted: bool, resellable: bool
) -> tuple[Return, tuple[Effect, ...]]:
    """What a return or exchange becomes, and everything that moves with it."""
    if not accepted:
        return _rejected(dossier, item)
    if item.kind == "exchange":
        return _exchanged(dossier, item, terms, resellable=resellable)
    return _refunded(dossier, item, terms, resellable=resellable)


def _rejected(dossier: Dossier, item: Return) -> tuple[Return, tuple[Effect, ...]]:
    """As if it had not been asked for: what was kept for the customer is for sale again."""
    settled = replace(item, status="rejected")
    kept = Counter({item.exchange_sku: item.quantity}) if item.exchange_sku else Counter[str]()
    order = replace(dossier.order, status=_status(dossier, settled))
    return settled, (SaveOrder(order), SaveReturn(settled), *stock_moves(dossier, kept))


def _refunded(dossier: Dossier, item: Return, terms: Terms, *, resellable: bool) -> tuple[Return, tuple[Effect, ...]]:
    order = dossier.order
    settled = replace(item, status="refunded", refunded_at=terms.now)
    line = next(line for line in order.lines if line.number == item.line)
    used, earned = _points(dossier, line.unit_price.minor * item.quantity)
    status = _status(dossier, settled)
    order = replace(order, status=status, points_used=order.points_used - used, points_earned=order.points_earned - earned)
    if status is OrderStatus.RETURNED:
        order = replace(order, closed_at=order.closed_at or terms.now)
    refund = item.refund or Money(0, order.total.currency)
    effects: list[Effect] = [SaveOrder(order), SaveReturn(settled)]
    if resellable:
        effects += stock_moves(dossier, Counter({line.sku: item.quantity}))
    if refund.minor:
        effects.append(payment(terms, dossier, 0, refund * -1, item.refund_method, reason=item.id, line=item.line))
    if used != earned:
        effects.append(MovePoints(order.customer_id, used - earned))
    if status is OrderStatus.RETURNED and any(coupon.code == order.coupon_code for coupon in dossier.coupons):
        effects.append(ReturnCoupon(order.coupon_code))
    return settled, tuple(effects)


def _exchanged(dossier: Dossier, item: Return, terms: Terms, *, resellable: bool) -> tuple[Return, tuple[Effect, ...]]:
    """The line is the new variant now, and the difference and the fee are settled."""
    order = dossier.order
    settled = replace(item, status="exchanged", refunded_at=terms.now)
    line = next(line for line in order.lines if line.number == item.line)
    gross = line.unit_price * item.quantity
    paid, back = item.goods or gross, item.refund or Money(0, order.total.currency)
    # what the customer was told holds, whatever the new pieces cost today
    costs = paid - back
    variant = dossier.variant(item.exchange_sku)
    unit = max(variant.price.minor if variant else 0, -(-costs.minor // item.quantity))
    new = Variant(item.exchange_sku, Text(), "", Money(unit, costs.currency), 0)
    order = swapped_lines(order, (Swap(line, item.quantity, new, paid, gross - paid, costs),))
    effects: list[Effect] = [SaveOrder(replace(order, status=_status(dossier, settled))), SaveReturn(settled)]
    if resellable:
        effects += stock_moves(dossier, Counter({line.sku: item.quantity}))
    if back.minor:
        effects.append(payment(terms, dossier, 0, back * -1, item.refund_method, reason=item.id, line=item.line))
    return settled, tuple(effects)


def _status(dossier: Dossier, settled: Return) -> OrderStatus:
    """The state of the order once this one is settled: that of another open one, returned, or as it was delivered."""
    rows = [settled if item.id == settled.id else item for item in dossier.returns]
    waiting = [item for item in rows if item.status not in DONE]
    if waiting:
        return OrderStatus.RETURN_REQUESTED if waiting[-1].kind == "return" else OrderStatus.EXCHANGE_REQUESTED
    gone = Counter[int]()
    for item in rows:
        gone[item.line] += item.quantity if item.status == "refunded" else 0
    if all(gone[line.number] >= line.quantity for line in dossier.order.lines):
        return OrderStatus.RETURNED
    return OrderStatus.COMPLETED if dossier.order.closed_at else OrderStatus.DELIVERED


def _points(dossier: Dossier, worth: int) -> tuple[int, int]:
    """Points used and points earned that go with goods of this price, out of what is left of them on the order.

    What is left belongs to the goods that were not refunded before, so the last ones take the rest.
    """
    gone = Counter[int]()
    for item in dossier.returns:
        gone[item.line] += item.quantity if item.status == "refunded" else 0
    left = sum(line.unit_price.minor * (line.quantity - gone[line.number]) for line in dossier.order.lines)
    order = dossier.order
    return (order.points_used * worth // left, order.points_earned * worth // left) if left else (0, 0)
