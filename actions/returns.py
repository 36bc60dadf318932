"""What was delivered goes back: returns, whole or in part, and exchanges for another size or colour."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel

from actions.backoffice import Case, Effect, OpenCase, SaveOrder, SaveReturn
from actions.context import Context
from actions.items import Piece, Quantity, how_many, pick, pieces_text
from actions.orders import OrderNumber
from actions.pending import settling_way, ways_to_pay
from actions.plans import (
    VOID,
    Dossier,
    Plan,
    Refusal,
    Terms,
    closed,
    difference_text,
    late,
    method_name,
    needs_review,
    paid_for,
    payment,
    refund_days,
    refusal,
)
from actions.policy import ExchangeRule, ReturnReason, ReturnRule
from actions.swaps import Swap, Wanted, covers, new_texts, stock_moves, swaps, total_difference
from actions.work import Confirmation, on_order, quote, write
from bot.commerce import Money, OrderStatus, Product, Return
from bot.types import Outcome, Say

# What a reason is read as that may be the shop's fault or not, and what it is where that turns out to be so.
UNCLEAR, FAULT = "unclear", "fault"


class ReturnRequest(OrderNumber):
    """What goes back and why. `items`: names, positions or all; as a list one entry a piece. `evidence`: a photo's digest.
    `reason_kind` is what kind of reason the words of `reason` were read as; where it was unclear, `at_fault` is what the
    customer says to that.

    `refund_method`: original, gift_card, or the id of one on file. `return_way`: our pick-up, or posted by the customer;
    `ask` is a pick-up whose customer minds the fee.
    """

    items: str | list[str] | None = None
    quantity: Quantity | None = None
    reason: str | None = None
    reason_kind: str | None = None
    at_fault: bool | None = None
    evidence: str | None = None
    unopened: bool = False
    refund_method: str | None = None
    return_way: Literal["pickup", "post", "ask"] = "pickup"


class Said(BaseModel):
    """The words with which a person began, and the kind of reason that they were read as giving."""

    wish: str | None = None
    reason_kind: str | None = None


class ExchangeRequest(OrderNumber):
    """What goes back and what comes instead: `replacements` are SKUs by position; or a size, a colour, for all of them.

    `wanted` says size, colour or both in a person's words; `wish` may, among other things.
    """

    items: str | list[str] | None = None
    quantity: Quantity | None = None
    reason: str | None = None
    reason_kind: str | None = None
    at_fault: bool | None = None
    evidence: str | None = None
    replacements: tuple[str, ...] = ()
    new_size: str | None = None
    new_color: str | None = None
    wanted: str | None = None
    wish: str | None = None
    payment_method: str | None = None


class ConfirmedReturn(ReturnRequest, Confirmation):
    """A return that the customer said yes to."""


class ConfirmedExchange(ExchangeRequest, Confirmation):
    """An exchange that the customer said yes to."""


# ---------------------------------------------------------------- plans


def plan_return(dossier: Dossier, request: ReturnRequest, terms: Terms) -> Plan | Refusal:
    """Pieces come back, and what was paid for them is refunded once they are checked, or at once by the policy.

    The refund is the goods at what was paid for them, less the pick-up where the customer pays it (once an order), plus the
    shipping fee of the order when all of it goes back by our fault.
    """
    rule, order = terms.policy.return_items, dossier.order
    no = closed(dossier, terms, rule, "return_items")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    pieces = pick(dossier, request.items, request.quantity, terms.language)
    if isinstance(pieces, Refusal):
        return pieces
    pieces = _together(pieces)
    reason = _reason(rule, request)
    no = _not_returnable(dossier, pieces, reason, request, terms)
    if no:
        return no
    if unclear := how_many(pieces, request.items, request.quantity, terms.language):
        return unclear
    method = refund_way(dossier, request.refund_method, rule)
    if method is None:
        return refusal(terms, rule, "method")
    goods = [paid_for(dossier, piece.line, piece.quantity)[0] for piece in pieces]
    fee = _pickup_fee(dossier, request, reason, rule)
    shipping = order.shipping_fee if reason.pays == "shop" and _is_rest(dossier, pieces) else Money(0, order.total.currency)
    refunds = _refunds(goods, fee, shipping)
    total = sum(refunds, Money(0, order.total.currency))
    review = needs_review(terms, total)
    at_once = rule.refunded == "requested" and not (review or reason.reviewed)
    rows = [
        Return(
            id=f"R{order.id.removeprefix('#')}-{len(dossier.returns) + n + 1}",
            order_id=order.id,
            line=piece.line.number,
            quantity=piece.quantity,
            kind="return",
            reason=request.reason or reason.name.zh,
            status="requested" if review or reason.reviewed else "approved",
            requested_at=terms.now,
            refund=refund,
            refund_method=method,
            refunded_at=terms.now if at_once else None,
            goods=paid,
        )
        for n, (piece, paid, refund) in enumerate(zip(pieces, goods, refunds, strict=True))
    ]
    args = {
        "order_number": order.id,
        "items": pieces_text(dossier, pieces, terms.language),
        "refund": str(total),
        "refund_method": method_name(dossier, terms, method),
        "when": refund_days(dossier, terms, method),
        "shipping_note": _shipping_note(reason, fee, request.return_way),
        "return_id": terms.listed(row.id for row in rows),
        **_send_back(rule, terms),
    }
    effects: list[Effect] = [
        SaveOrder(replace(order, status=OrderStatus.RETURN_REQUESTED)),
        *(SaveReturn(row) for row in rows),
        *([payment(terms, dossier, 0, total * -1, method, reason="returned")] if at_once and total.minor else ()),
        *_looked_at(order.customer_id, rows, request.evidence, reason, terms, review=review),
    ]
    return Plan(
        facts={
            "order": order.id,
            "pieces": [[piece.line.number, piece.quantity] for piece in pieces],
            "goods": [paid.minor for paid in goods],
            "fee": fee.minor,
            "shipping": shipping.minor,
            "refund": total.minor,
            "currency": total.currency,
            "method": method,
            "at_once": at_once,
        },
        summary=Say("utter_summary_return_refunded" if at_once else "utter_summary_return", args),
        done=Say(_done(rows[0], at_once=at_once), args),
        effects=tuple(effects),
        why=request.reason or reason.name.zh,
        review=review,
    )


def plan_exchange(dossier: Dossier, request: ExchangeRequest, terms: Terms) -> Plan | Refusal:
    """Pieces come back and others of the same product go out, which are kept for the customer from now on.

    The fee of a repeated exchange is due now, the difference in price once the goods are checked.
    """
    rule, order = terms.policy.exchange_items, dossier.order
    no = closed(dossier, terms, rule, "exchange_items")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    pieces = pick(dossier, request.items, request.quantity, terms.language)
    if isinstance(pieces, Refusal):
        return pieces
    returned = terms.policy.return_items
    reason = _reason(returned, request) if returned else None
    no = _not_exchangeable(dossier, pieces, reason, terms, rule)
    if no is None and reason and reason.evidence and not request.evidence:
        no = refusal(terms, terms.policy.return_items, "evidence_needed")
    if no:
        return no
    wanted = Wanted(request.replacements, request.new_size, request.new_color, request.wanted, request.wish)
    by_our_fault = reason is not None and reason.pays == "shop" and bool(reason.words)
    same = rule.same_variant or (reason is not None and reason.same_variant)
    done = swaps(dossier, pieces, wanted, terms, rule, same_variant=same)
    if isinstance(done, Refusal):
        return done
    if unclear := how_many(pieces, request.items, request.quantity, terms.language):
        return unclear
    method = settling_way(dossier, request.payment_method, terms, rule.paid_by)
    if method is None:
        return refusal(terms, rule, "method", methods=ways_to_pay(dossier, terms))
    fee = Money(0, order.total.currency) if by_our_fault else _exchange_fee(dossier, done, rule)
    difference = total_difference(done, order.total.currency) + fee
    poor = covers(dossier, method, difference)
    if poor:
        return poor
    return _exchange(dossier, request, terms, reason=reason, done=done, method=method, fee=fee)


def _exchange(
    dossier: Dossier,
    request: ExchangeRequest,
    terms: Terms,
    *,
    reason: ReturnReason | None,
    done: tuple[Swap, ...],
    method: str,
    fee: Money,
) -> Plan:
    order = dossier.order
    difference = total_difference(done, order.total.currency) + fee
    review = difference.minor < 0 and needs_review(terms, difference * -1)
    looked_at = review or (reason is not None and reason.reviewed)
    rows = [
        Return(
            id=f"R{order.id.removeprefix('#')}-{len(dossier.returns) + n + 1}",
            order_id=order.id,
            line=swap.line.number,
            quantity=swap.quantity,
            kind="exchange",
            reason=request.reason or "",
            status="requested" if looked_at else "approved",
            requested_at=terms.now,
            refund=swap.difference * -1,
            refund_method=method,
            exchange_sku=swap.variant.sku,
            goods=swap.paid,
        )
        for n, swap in enumerate(done)
    ]
    reserved = Counter[str]()
    for swap in done:
        reserved[swap.variant.sku] -= swap.quantity
    back = terms.policy.return_items
    args = {
        "order_number": order.id,
        "items": pieces_text(dossier, [Piece(swap.line, swap.quantity) for swap in done], terms.language),
        "replacement": new_texts(done, terms),
        "difference": difference_text(difference),
        "payment_method": method_name(dossier, terms, method),
        "shipping_note": Say("utter_exchange_fee", {"fee": str(fee)}) if fee.minor else Say("utter_exchange_free"),
        "return_id": terms.listed(row.id for row in rows),
        **(_send_back(back, terms) if back else {"deadline": "", "address": ""}),
    }
    return Plan(
        facts={
            "order": order.id,
            "swaps": [[swap.line.number, swap.quantity, swap.variant.sku] for swap in done],
            "fee": fee.minor,
            "difference": difference.minor,
            "currency": difference.currency,
            "method": method,
        },
        summary=Say("utter_summary_exchange", args),
        done=Say("utter_exchange_requested" if looked_at else "utter_exchange_created", args),
        effects=(
            SaveOrder(
                replace(
                    order,
                    status=OrderStatus.EXCHANGE_REQUESTED,
                    shipping_fee=order.shipping_fee + fee,
                    total=order.total + fee,
                )
            ),
            *(SaveReturn(row) for row in rows),
            *stock_moves(dossier, reserved),
            *([payment(terms, dossier, 0, fee, method, reason="exchange fee")] if fee.minor else ()),
            *_looked_at(order.customer_id, rows, request.evidence, reason, terms, review=review),
        ),
        why=request.reason or "another size or colour",
        review=review,
    )


def _reason(rule: ReturnRule, request: ReturnRequest | ExchangeRequest) -> ReturnReason:
    """The shop's reason why something comes back. Who was asked whether the goods are at fault has said it best."""
    if request.reason_kind != UNCLEAR or request.at_fault is None:
        return reason_of(rule, request.reason, request.reason_kind)
    return reason_of(rule, None, FAULT if request.at_fault else None)


def reason_of(rule: ReturnRule, text: str | None, kind: str | None = None) -> ReturnReason:
    """The shop's reason that a text gives: its key, the one for the `kind` that it was read as, the first one with a word in
    the text, or the one without words.
    """
    said = (text or "").casefold()
    if said in rule.reasons:
        return rule.reasons[said]
    reasons = rule.reasons.values()
    read = (reason for reason in reasons if kind and kind in reason.kinds)
    told = (reason for reason in reasons if any(word.casefold() in said for word in reason.words))
    return next(read, None) or next(told, None) or next(reason for reason in reasons if not reason.words)


def refund_way(dossier: Dossier, text: str | None, rule: ReturnRule) -> str | None:
    """Where a refund goes: the way the order was paid, or a gift card on file where the policy allows it; None otherwise."""
    original = dossier.order.payment_method
    if text in (None, "", "original", original):
        return original
    if "gift_card" not in rule.refund_to:
        return None
    cards = [method.id for method in dossier.methods if method.kind == "gift_card"]
    if text in cards:
        return text
    return cards[0] if text == "gift_card" and cards else None


def is_of(product: Product | None, categories: tuple[str, ...]) -> bool:
    """Whether a product belongs to one of the categories or of their subcategories."""
    return product is not None and any(
        product.category == category or product.category.startswith(f"{category}/") for category in categories
    )


def _done(row: Return, *, at_once: bool) -> str:
    if row.status == "requested":
        return "utter_return_requested"
    return "utter_return_created_refunded" if at_once else "utter_return_created"


def _together(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """One piece a line."""
    quantities = Counter[int]()
    for piece in pieces:
        quantities[piece.line.number] += piece.quantity
    lines = {piece.line.number: piece.line for piece in pieces}
    return tuple(Piece(line, quantities[number]) for number, line in lines.items())


def _not_returnable(
    dossier: Dossier, pieces: tuple[Piece, ...], reason: ReturnReason, request: ReturnRequest, terms: Terms
) -> Refusal | None:
    rule = terms.policy.return_items
    for piece in pieces:
        product = dossier.product(piece.line)
        named = terms.text(piece.line.name)
        sealed = request.unopened and rule is not None and is_of(product, rule.unopened)
        if reason.categories and not is_of(product, reason.categories):
            return refusal(terms, rule, "excluded", product=named, reason=terms.text(reason.name))
        if product and not product.returnable and not sealed and not reason.despite_final_sale:
            why = terms.text(product.final_sale_reason)
            return refusal(terms, rule, "final_sale", product=named, reason=why)
    no = late(terms, rule, dossier.order.delivered_at, reason.days) if rule else None
    if no is None and reason.evidence and not request.evidence:
        no = refusal(terms, rule, "evidence_needed")
    return no


def _not_exchangeable(
    dossier: Dossier,
    pieces: tuple[Piece, ...],
    reason: ReturnReason | None,
    terms: Terms,
    rule: ExchangeRule,
) -> Refusal | None:
    for piece in pieces:
        product = dossier.product(piece.line)
        named = terms.text(piece.line.name)
        if is_of(product, rule.not_categories) and not (reason and reason.despite_final_sale):
            return refusal(terms, rule, "excluded", product=named)
        final = product is not None and not product.returnable and not is_of(product, rule.not_categories)
        if final and _exchanges(dossier, piece.line.number) >= rule.final_sale_times:
            return refusal(terms, rule, "final_sale", product=named)
    return late(terms, rule, dossier.order.delivered_at, rule.days)


def _exchanges(dossier: Dossier, line: int) -> int:
    """How often pieces of a line were exchanged before."""
    return sum(item.kind == "exchange" and item.line == line and item.status not in VOID for item in dossier.returns)


def _exchange_fee(dossier: Dossier, done: tuple[Swap, ...], rule: ExchangeRule) -> Money:
    times = max(_exchanges(dossier, swap.line.number) for swap in done)
    return Money.of(rule.fees[min(times, len(rule.fees) - 1)], dossier.order.total.currency)


def _pickup_fee(dossier: Dossier, request: ReturnRequest, reason: ReturnReason, rule: ReturnRule) -> Money:
    """What our pick-up costs the customer: once an order, nothing by our fault or for the levels that are free."""
    free = Money(0, dossier.order.total.currency)
    if reason.pays == "shop" or request.return_way == "post" or dossier.order.ship_to.country not in rule.pickup_countries:
        return free
    if dossier.customer and dossier.customer.level in rule.free_for:
        return free
    paid_before = any(
        item.kind == "return" and item.status not in VOID and item.goods and item.refund and item.refund < item.goods
        for item in dossier.returns
    )
    return free if paid_before else Money.of(rule.pickup_fee, dossier.order.total.currency)


def _is_rest(dossier: Dossier, pieces: tuple[Piece, ...]) -> bool:
    """Whether with these pieces everything of the order has gone back."""
    taken = {piece.line.number: piece.quantity for piece in pieces}
    everything = all(dossier.pieces_left(line) == taken.get(line.number, 0) for line in dossier.order.lines)
    return everything and all(item.kind == "return" for item in dossier.returns if item.status not in (*VOID, "exchanged"))


def _refunds(goods: list[Money], fee: Money, shipping: Money) -> list[Money]:
    """The refund of each piece: the fee is taken off the first ones as far as they go, the shipping comes with the first."""
    refunds: list[Money] = []
    for amount in goods:
        taken = min(fee, amount)
        fee -= taken
        refunds.append(amount - taken)
    return [refunds[0] + shipping, *refunds[1:]]


def _shipping_note(reason: ReturnReason, fee: Money, way: str) -> Say:
    if reason.pays == "shop":
        return Say("utter_shipping_on_us")
    if fee.minor:
        return Say("utter_shipping_pickup_fee", {"fee": str(fee)})
    return Say("utter_shipping_own_post" if way == "post" else "utter_shipping_free")


def _send_back(rule: ReturnRule, terms: Terms) -> dict[str, str]:
    from datetime import timedelta

    return {"deadline": terms.date(terms.now + timedelta(days=rule.send_within)), "address": terms.text(rule.address)}


def _looked_at(
    customer_id: str, rows: list[Return], evidence: str | None, reason: ReturnReason | None, terms: Terms, *, review: bool
) -> list[OpenCase]:
    """The case for the colleague who looks at the evidence, or decides on the amount."""
    if not review and not (reason and reason.reviewed):
        return []
    first = rows[0]
    data = {"returns": [row.id for row in rows], "evidence": evidence or "", "why": "amount" if review else "evidence"}
    return [
        OpenCase(
            Case(terms.case_id(), "review", terms.now, first.order_id, first.line, "", customer_id, first.reason, data=data)
        )
    ]


# ---------------------------------------------------------------- verbs


async def read_reason(context: Context, said: Said) -> Outcome:
    """The reason for a return, where what was said at the beginning gives one. Changes nothing."""
    rule = context.policy.return_items
    told = rule is not None and bool(said.reason_kind or reason_of(rule, said.wish).words)
    return Outcome(context.call.action, ok=True, slots={"reason": said.wish} if told else {})


async def quote_return(context: Context, request: ReturnRequest) -> Outcome:
    """What a return would come to: pieces, fee and refund in minor units, and where it goes. Changes nothing."""
    return await quote(context, on_order(context, request, plan_return))


async def return_items(context: Context, request: ConfirmedReturn) -> Outcome:
    """Register the return of delivered items, whole lines or pieces of them, as quoted and confirmed."""
    return await write(context, request, on_order(context, request, plan_return))


async def quote_exchange(context: Context, request: ExchangeRequest) -> Outcome:
    """What an exchange would come to: the new variants, fee and difference in minor units. Changes nothing."""
    return await quote(context, on_order(context, request, plan_exchange))


async def exchange_items(context: Context, request: ConfirmedExchange) -> Outcome:
    """Register the exchange of delivered items for other sizes or colours, as quoted and confirmed, and keep them aside."""
    return await write(context, request, on_order(context, request, plan_exchange))
