"""How every writing verb works: a plan is quoted, confirmed, made again and carried out only if it is the same.

Both sides call the same plan function. A write is one `Change` under the call's idempotency key; when somebody else changed
the order in between, the plan is made again, at most `MAX_CONFLICTS` times.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from actions.backoffice import Backoffice, Change
from actions.context import Context
from actions.orders import OrderNumber, own_order
from actions.plans import Dossier, Plan, Refusal, Terms, with_shares
from actions.verify import PUBLIC_ROOM
from bot.commerce import Order
from bot.errors import VersionConflict
from bot.types import Audience, Outcome, Say

# Attempts at a write while others change the same order.
MAX_CONFLICTS = 5

NOT_CONFIRMED = "not_confirmed"
STALE = "confirmation_stale"
BUSY = "busy"

Prepare = Callable[[Terms], Awaitable[Plan | Refusal | Outcome]]
R = TypeVar("R", bound=OrderNumber)

_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


class Confirmation(BaseModel):
    """The customer's yes, and the digest of the quote that it was said to."""

    quote: str = ""
    confirmed: bool = False


async def quote(context: Context, prepare: Prepare) -> Outcome:
    """What would happen, said as a summary; its digest is in the slot `quote`. Writes nothing."""
    if context.call.audience is Audience.PUBLIC:
        return _public(context)
    plan = await prepare(context.terms())
    return _quoted(context, plan) if isinstance(plan, Plan) else _refused(context, plan)


async def write(context: Context, request: Confirmation, prepare: Prepare) -> Outcome:
    """Do what was quoted, once. A retry with the same key gives the outcome of then.

    Refusals besides those of the plan: not_confirmed; confirmation_stale, with a new quote, when the plan is another by now;
    busy (retryable) when others keep changing the order.
    """
    if context.call.audience is Audience.PUBLIC:
        return _public(context)
    receipt = await context.shop.receipt(context.call.idempotency_key)
    if receipt is not None:
        return _read(receipt)
    for _ in range(MAX_CONFLICTS):
        plan = await prepare(context.terms())
        if not isinstance(plan, Plan):
            return _refused(context, plan)
        if not request.confirmed:
            return replace(_quoted(context, plan), ok=False, refusal=NOT_CONFIRMED)
        if request.quote != plan.digest():
            return _stale(_quoted(context, plan))
        try:
            return _read(await context.shop.commit(_change(context, plan)))
        except VersionConflict:
            continue
    return Outcome(context.call.action, ok=False, refusal=BUSY, retryable=True, say=(Say("utter_busy"),))


def on_order(context: Context, request: R, plan: Callable[[Dossier, R, Terms], Plan | Refusal]) -> Prepare:
    """A plan for an order that the person has proven to own; the refusal that `own_order` gives otherwise."""

    async def prepare(terms: Terms) -> Plan | Refusal | Outcome:
        order = await own_order(context, request.order_number, change=True)
        if isinstance(order, Outcome):
            return order
        return plan(await dossier_of(context.shop, order, context.call.at), request, terms)

    return prepare


async def dossier_of(shop: Backoffice, order: Order, at: datetime) -> Dossier:
    """What is known of an order. The order was read first: whatever changes after that raises a VersionConflict."""
    products = await shop.products(list(dict.fromkeys(line.product_id for line in order.lines if line.product_id)))
    return Dossier(
        order=with_shares(order),
        customer=await shop.customer(order.customer_id),
        payments=tuple(await shop.payments(order.id)),
        methods=tuple(await shop.payment_methods(order.customer_id)),
        returns=tuple(await shop.returns(order.id)),
        records=tuple(await shop.records(order.id)),
        products={product.id: product for product in products},
        coupons=tuple(await shop.coupons(at)),
    )


def _read(receipt: Mapping[str, Any]) -> Outcome:
    """The outcome that a receipt keeps; what is said inside of a Say is a Say again."""
    outcome = _OUTCOME.validate_python(receipt)
    return replace(outcome, say=tuple(Say(say.response, {k: _word(v) for k, v in say.args.items()}) for say in outcome.say))


def _word(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("kind") == "say":
        return Say(value["response"], {name: _word(arg) for name, arg in value["args"].items()})
    return value


def _change(context: Context, plan: Plan) -> Change:
    call = context.call
    done = Outcome(
        call.action,
        ok=True,
        data={**plan.facts, "review": plan.review},
        slots={"quote": None, "confirmed": None, "needs_review": plan.review},
        say=(plan.done, Say("utter_review_follows")) if plan.review else (plan.done,),
    )
    return Change(
        key=call.idempotency_key,
        action=call.action,
        actor=f"bot {call.key}",
        at=call.at,
        why=plan.why,
        effects=plan.effects,
        outcome=_OUTCOME.dump_python(done, mode="json"),
        order_id=str(plan.facts.get("order", "")),
    )


def _quoted(context: Context, plan: Plan) -> Outcome:
    slots: dict[str, Any] = {"quote": plan.digest(), "confirmed": None, "needs_review": plan.review}
    data = {**plan.facts, "review": plan.review}
    return Outcome(context.call.action, ok=True, data=data, slots=slots, say=(plan.summary,))


def _stale(quoted: Outcome) -> Outcome:
    return replace(quoted, ok=False, refusal=STALE, say=(Say("utter_confirmation_stale"), *quoted.say))


def _refused(context: Context, no: Refusal | Outcome) -> Outcome:
    if isinstance(no, Outcome):
        return no
    data = {"document": no.document} if no.document else {}
    slots = {"quote": None, "confirmed": None}
    return Outcome(context.call.action, ok=False, data=data, refusal=no.code, slots=slots, say=(no.say,))


def _public(context: Context) -> Outcome:
    return Outcome(context.call.action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_public_privacy"),))
