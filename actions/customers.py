"""What is about a customer rather than an order: finding them, their orders, their address, a complaint, a reminder."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel

from actions.addresses import NewAddress, address_text, merged_address
from actions.backoffice import Case, OpenCase, SetAddress
from actions.context import Context
from actions.items import variant_details, variant_text
from actions.orders import NOT_VERIFIED
from actions.plans import Plan, Refusal, Terms
from actions.products import find_product, find_variants
from actions.verify import NEEDS_PROOF, PUBLIC_ROOM
from actions.words import ORDER_STATUS, word
from actions.work import Confirmation, Prepare, quote, write
from bot.commerce import Customer, Product, Variant
from bot.types import Audience, Outcome, Say

NOT_FOUND = "not_found"
# How soon the colleague in charge gets in touch after a complaint.
COMPLAINT_HOURS = 24


class CustomerSearch(BaseModel):
    """An e-mail, or a name together with a postal code."""

    email: str = ""
    name: str = ""
    postal_code: str = ""


class OrderSearch(BaseModel):
    """Which of the customer's orders: those with a product in them, or all."""

    product: str | None = None


class Complaint(BaseModel):
    """What the customer is unhappy with, and the order that it is about, if any."""

    complaint_text: str
    order_number: str | None = None


class Reminder(BaseModel):
    """What to wait for, and where to send word: a phone number or an e-mail."""

    product: str
    contact: str
    size: str | None = None
    color: str | None = None


class ConfirmedAddress(NewAddress, Confirmation):
    """A default address that the customer said yes to."""


class ConfirmedComplaint(Complaint, Confirmation):
    """A complaint that the customer said yes to."""


class ConfirmedReminder(Reminder, Confirmation):
    """A reminder that the customer said yes to."""


# ---------------------------------------------------------------- plans


def plan_default_address(customer: Customer, request: NewAddress, terms: Terms) -> Plan | Refusal:
    """The address for orders to come; orders under way keep theirs."""
    address = merged_address(request, customer.address)
    if isinstance(address, Refusal):
        return address
    args = {"address": address_text(address, terms.language)}
    return Plan(
        facts={"customer": customer.id, "address": args["address"]},
        summary=Say("utter_summary_default_address", args),
        done=Say("utter_default_address_changed", args),
        effects=(SetAddress(customer.id, address),),
        why="the customer changes the default address",
    )


def plan_complaint(request: Complaint, order_id: str, customer_id: str, terms: Terms) -> Plan:
    """A colleague gets in touch."""
    case = Case(terms.case_id(), "complaint", terms.now, order_id, customer_id=customer_id, text=request.complaint_text)
    deadline = terms.date(terms.now + timedelta(hours=COMPLAINT_HOURS))
    args = {"problem": request.complaint_text, "case_id": case.id, "deadline": deadline}
    return Plan(
        facts={"order": order_id, "text": request.complaint_text},
        summary=Say("utter_summary_complaint", args),
        done=Say("utter_complaint_received", args),
        effects=(OpenCase(case),),
        why="complaint",
    )


def plan_reminder(product: Product, variants: list[Variant], request: Reminder, terms: Terms) -> Plan | Refusal:
    """Word is sent once one of the variants is back. None of them may be in stock."""
    if not variants:
        choices = terms.listed(variant_details(variant, terms.language) for variant in product.variants[:8])
        return Refusal("no_variant", Say("utter_refused_no_variant", {"choices": choices}))
    in_stock = [variant for variant in variants if variant.stock]
    if in_stock:
        named = variant_text(product.name, in_stock[0], terms.language)
        return Refusal("in_stock", Say("utter_refused_in_stock", {"product": named}))
    named = variant_text(product.name, variants[0] if len(variants) == 1 else None, terms.language)
    skus = [variant.sku for variant in variants]
    data = {"product": product.id, "skus": skus, "contact": request.contact}
    case = Case(terms.case_id("N"), "reminder", terms.now, sku=skus[0], text=named, data=data)
    args = {"product": named, "contact": request.contact}
    return Plan(
        facts=data,
        summary=Say("utter_summary_reminder", args),
        done=Say("utter_reminder_set", args),
        effects=(OpenCase(case),),
        why="reminder",
    )


# ---------------------------------------------------------------- verbs


async def find_customer(context: Context, search: CustomerSearch) -> Outcome:
    """Find the customer's account by e-mail, or by name and postal code, where the shop takes that for a proof.

    The refusal is the same whether the account exists or not, so that nobody learns who has one.
    """
    action = context.call.action
    if context.call.audience is Audience.PUBLIC:
        return Outcome(action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_public_privacy"),))
    if not context.policy.identity.lookup_proves:
        return Outcome(action, ok=False, refusal=NEEDS_PROOF, say=(Say("utter_refused_not_verified"),))
    given = bool(search.email) or bool(search.name and search.postal_code)
    found = (
        await context.shop.find_customers(email=search.email, name=search.name, postal_code=search.postal_code)
        if given
        else []
    )
    if len(found) != 1:
        return Outcome(action, ok=False, refusal=NOT_FOUND, say=(Say("utter_customer_not_found"),))
    customer = found[0]
    data = {"customer": customer.id}
    say = (Say("utter_customer_found"),)
    return Outcome(action, ok=True, data=data, grants=(f"customer:{customer.id}",), say=say)


async def list_orders(context: Context, search: OrderSearch) -> Outcome:
    """The newest orders of the customer who has proven to be one, or those that hold a product. At most ten."""
    customer = await own_account(context)
    if isinstance(customer, Outcome):
        return customer
    language = context.call.language
    orders = await context.shop.orders_of(customer.id, limit=50)
    if search.product:
        product = find_product(await context.shop.products(), search.product)
        wanted = product.id if product else search.product
        orders = [order for order in orders if any(line.product_id == wanted for line in order.lines)]
    if not orders:
        return Outcome(context.call.action, ok=True, data={"orders": []}, say=(Say("utter_orders_none"),))
    terms = context.terms()
    rows = [
        Say(
            "utter_order_row",
            {
                "order_number": order.id,
                "placed_at": terms.date(order.placed_at),
                "status": word(ORDER_STATUS, order.status, language),
                "items": terms.listed(f"{line.name.in_(language)} × {line.quantity}" for line in order.lines),
                "total": str(order.total),
            },
        )
        for order in orders[:10]
    ]
    slots = {"order_number": orders[0].id} if len(orders) == 1 else {}
    data = {"orders": [order.id for order in orders[:10]]}
    return Outcome(context.call.action, ok=True, data=data, slots=slots, say=(Say("utter_orders"), *rows))


async def quote_default_address(context: Context, request: NewAddress) -> Outcome:
    """What the customer's default address would be. Changes nothing."""
    return await quote(context, _default_address(context, request))


async def change_default_address(context: Context, request: ConfirmedAddress) -> Outcome:
    """Change the default address of the customer who has proven to be one, as quoted and confirmed."""
    return await write(context, request, _default_address(context, request))


async def quote_complaint(context: Context, request: Complaint) -> Outcome:
    """What would be recorded as a complaint. Changes nothing."""
    return await quote(context, _complaint(context, request))


async def complaint(context: Context, request: ConfirmedComplaint) -> Outcome:
    """Record a complaint, as confirmed; a colleague gets in touch within a day."""
    return await write(context, request, _complaint(context, request))


async def quote_reminder(context: Context, request: Reminder) -> Outcome:
    """Which sold-out variants a reminder would wait for. Changes nothing."""
    return await quote(context, _reminder(context, request))


async def back_in_stock(context: Context, request: ConfirmedReminder) -> Outcome:
    """Remember to tell the customer when something sold out is back, as confirmed."""
    return await write(context, request, _reminder(context, request))


async def own_account(context: Context) -> Customer | Outcome:
    """The customer that the person has proven to be, when nobody else listens; the refusal otherwise."""
    action = context.call.action
    if context.call.audience is Audience.PUBLIC:
        return Outcome(action, ok=False, refusal=PUBLIC_ROOM, say=(Say("utter_public_privacy"),))
    proven = [proof.removeprefix("customer:") for proof in context.call.verified if proof.startswith("customer:")]
    customer = await context.shop.customer(proven[-1]) if proven else None
    if customer is None:
        return Outcome(action, ok=False, refusal=NOT_VERIFIED, say=(Say("utter_refused_no_account"),))
    return customer


def _default_address(context: Context, request: NewAddress) -> Prepare:
    async def prepare(terms: Terms) -> Plan | Refusal | Outcome:
        customer = await own_account(context)
        return customer if isinstance(customer, Outcome) else plan_default_address(customer, request, terms)

    return prepare


def _complaint(context: Context, request: Complaint) -> Prepare:
    async def prepare(terms: Terms) -> Plan:
        order = await context.shop.order(request.order_number) if request.order_number else None
        # An order that is not proven to be the person's is left out: nobody learns whether there is one.
        own = order is not None and context.owns(order.id, order.customer_id)
        order_id, customer_id = (order.id, order.customer_id) if own and order else ("", "")
        return plan_complaint(request, order_id, customer_id, terms)

    return prepare


def _reminder(context: Context, request: Reminder) -> Prepare:
    async def prepare(terms: Terms) -> Plan | Refusal:
        product = find_product(await context.shop.products(), request.product)
        if product is None:
            return Refusal("no_product", Say("utter_refused_no_product", {"product": request.product}))
        return plan_reminder(product, find_variants(product, request.size, request.color, request.product), request, terms)

    return prepare
