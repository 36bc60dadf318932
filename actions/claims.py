"""What customers claim of an order that stays theirs: price protection, warranty, an invoice, a parcel that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta

from actions.backoffice import Case, Effect, OpenCase, SaveOrder
from actions.context import Context
from actions.items import EVERY, Piece, pick, pieces_text
from actions.orders import OrderNumber
from actions.plans import (
    Dossier,
    Plan,
    Refusal,
    Terms,
    closed,
    kind_of,
    late,
    method_name,
    needs_review,
    payment,
    refund_days,
    refusal,
)
from actions.policy import ProtectionRule
from actions.work import Confirmation, on_order, quote, write
from bot.commerce import Money, OrderLine
from bot.types import Outcome, Say

PROTECTED = "price protection"


class ProtectionClaim(OrderNumber):
    """Which items became cheaper; without `items` all that did."""

    items: str | list[str] | None = None


class WarrantyClaim(OrderNumber):
    """Which item is broken, how, and the digest of a photo that shows it."""

    problem: str
    items: str | list[str] | None = None
    evidence: str | None = None


class InvoiceRequest(OrderNumber):
    """Whose name is on the invoice, the company's tax number where there is one, and the e-mail that it goes to."""

    invoice_title: str
    email: str
    tax_id: str | None = None


class ProblemReport(OrderNumber):
    """What went wrong with a parcel, in the customer's words, and with which items; `evidence` is a photo's digest."""

    problem_kind: Literal["missing", "wrong", "damaged", "not_received"]
    problem: str = ""
    items: str | list[str] | None = None
    evidence: str | None = None


class ConfirmedProtectionClaim(ProtectionClaim, Confirmation):
    """A claim that the customer said yes to."""


class ConfirmedWarrantyClaim(WarrantyClaim, Confirmation):
    """A warranty claim that the customer said yes to."""


class ConfirmedInvoiceRequest(InvoiceRequest, Confirmation):
    """An invoice that the customer said yes to."""


class ConfirmedProblemReport(ProblemReport, Confirmation):
    """A report that the customer said yes to."""


# ---------------------------------------------------------------- plans


def plan_price_protection(dossier: Dossier, request: ProtectionClaim, terms: Terms) -> Plan | Refusal:
    """The difference to today's price goes back, and the order is from now on worth that much less.

    The difference is that of the prices before coupons and promotions, at most what was paid for the line.
    """
    rule, order = terms.policy.price_protection, dossier.order
    no = closed(dossier, terms, rule, "") or (late(terms, rule, order.paid_at, rule.days) if rule else None)
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    lines = list(order.lines)
    if not lines:  # an order of which the shop knows no more than that it was
        return Refusal("nothing_left", Say("utter_refused_nothing_left", {"order_number": order.id}))
    if request.items is not None:
        pieces = pick(dossier, request.items, EVERY, terms.language)
        if isinstance(pieces, Refusal):
            return pieces
        lines = list(dict.fromkeys(piece.line for piece in pieces))
    drops = {line: _drop(dossier, line, terms, rule) for line in lines}
    granted = {line: drop for line, drop in drops.items() if isinstance(drop, Money)}
    if not granted or (request.items is not None and len(granted) < len(drops)):
        return next(drop for drop in drops.values() if isinstance(drop, Refusal))
    total = sum(granted.values(), Money(0, order.total.currency))
    lowered = tuple(
        replace(line, discount=line.discount + granted[line]) if line in granted else line for line in order.lines
    )
    method = order.payment_method
    money = [
        payment(terms, dossier, n, drop * -1, method, reason=PROTECTED, line=line.number)
        for n, (line, drop) in enumerate(granted.items())
    ]
    args = {
        "order_number": order.id,
        "items": pieces_text(dossier, [Piece(line, line.quantity) for line in granted], terms.language),
        "refund": str(total),
        "refund_method": method_name(dossier, terms, method),
        "when": refund_days(dossier, terms, method),
    }
    return Plan(
        facts={
            "order": order.id,
            "refunds": {str(line.number): drop.minor for line, drop in granted.items()},
            "currency": total.currency,
            "method": method,
        },
        summary=Say("utter_summary_price_protection", args),
        done=Say("utter_price_protection_granted", args),
        effects=(
            SaveOrder(replace(order, lines=lowered, discount=order.discount + total, total=order.total - total)),
            *money,
        ),
        why=PROTECTED,
        review=any(needs_review(terms, drop) for drop in granted.values()),
    )


def plan_warranty(dossier: Dossier, request: WarrantyClaim, terms: Terms) -> Plan | Refusal:
    """A colleague gets the claim: in the first months the item is replaced, after that it is repaired."""
    rule, order = terms.policy.warranty_claim, dossier.order
    no = closed(dossier, terms, rule, "")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    pieces = pick(dossier, request.items, EVERY, terms.language)
    if isinstance(pieces, Refusal):
        return pieces
    if len(pieces) > 1:
        return Refusal("which_items", Say("utter_which_items", {"items": pieces_text(dossier, pieces, terms.language)}))
    line = pieces[0].line
    product = dossier.product(line)
    named = terms.text(line.name)
    if product is None or not product.warranty_months:
        return refusal(terms, rule, "no_warranty", product=named)
    start = order.delivered_at or order.placed_at
    until = start + relativedelta(months=product.warranty_months)
    if terms.now >= until:
        return refusal(terms, rule, "warranty_over", product=named, until=terms.full_date(until))
    if rule.evidence and not request.evidence:
        return refusal(terms, rule, "evidence_needed")
    replaced = terms.now < start + relativedelta(months=rule.replaced_within)
    case = Case(
        terms.case_id("W"),
        "warranty",
        terms.now,
        order.id,
        line.number,
        line.sku,
        order.customer_id,
        request.problem,
        data={"evidence": request.evidence or "", "until": until.isoformat(), "remedy": "replace" if replaced else "repair"},
    )
    args = {
        "order_number": order.id,
        "items": pieces_text(dossier, [Piece(line, 1)], terms.language),
        "problem": request.problem,
        "case_id": case.id,
        "next_step": terms.text(rule.next_step),
        "remedy": Say("utter_remedy_replace" if replaced else "utter_remedy_repair"),
        "until": terms.full_date(until),
    }
    facts = {"order": order.id, "line": line.number, "problem": request.problem, "remedy": case.data["remedy"]}
    return _case(dossier, case, facts, Say("utter_summary_warranty", args), Say("utter_warranty_claimed", args))


def plan_invoice(dossier: Dossier, request: InvoiceRequest, terms: Terms) -> Plan | Refusal:
    """An invoice for what was paid for the order and not given back, less what gift cards paid."""
    rule, order = terms.policy.invoice, dossier.order
    no = closed(dossier, terms, rule, "invoice")
    no = no or (late(terms, rule, order.closed_at or order.delivered_at, rule.days) if rule else None)
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    zero = Money(0, order.total.currency)
    held = dossier.held().items()
    total = sum((amount for way, amount in held if kind_of(dossier, way) not in rule.not_paid_by), zero)
    if total.minor <= 0:
        return refusal(terms, rule, "excluded")
    data = {"title": request.invoice_title, "tax_id": request.tax_id or "", "email": request.email, "amount": total.minor}
    case = Case(
        terms.case_id("I"),
        "invoice",
        terms.now,
        order.id,
        customer_id=order.customer_id,
        data={**data, "currency": total.currency},
    )
    args = {
        "order_number": order.id,
        "invoice_title": request.invoice_title,
        "total": str(total),
        "email": request.email,
        "case_id": case.id,
    }
    facts = {"order": order.id, **case.data}
    return _case(dossier, case, facts, Say("utter_summary_invoice", args), Say("utter_invoice_sent", args))


def plan_problem(dossier: Dossier, request: ProblemReport, terms: Terms) -> Plan | Refusal:
    """A colleague looks into it; a parcel that did not arrive is traced with the carrier."""
    rule, order = terms.policy.report_problem, dossier.order
    no = closed(dossier, terms, rule, "report_problem")
    if no or rule is None:
        return no or refusal(terms, None, "not_offered")
    hours = rule.hours.get(request.problem_kind)
    if hours is not None and order.delivered_at and terms.now >= order.delivered_at + timedelta(hours=hours):
        until = terms.date(order.delivered_at + timedelta(hours=hours))
        return refusal(terms, rule, "window", hours=hours, until=until)
    pieces: tuple[Piece, ...] = ()
    if request.items is not None:
        picked = pick(dossier, request.items, EVERY, terms.language)
        if isinstance(picked, Refusal):
            return picked
        pieces = picked
    line = pieces[0].line.number if len(pieces) == 1 else None
    numbers = [piece.line.number for piece in pieces]
    data = {"problem": request.problem_kind, "lines": numbers, "evidence": request.evidence or ""}
    case = Case(terms.case_id("P"), "problem", terms.now, order.id, line, "", order.customer_id, request.problem, data=data)
    problem = Say(f"utter_problem_{request.problem_kind}")
    args = {"order_number": order.id, "problem": problem, "details": request.problem, "case_id": case.id}
    facts = {"order": order.id, "problem": request.problem_kind, "lines": numbers, "text": request.problem}
    return _case(dossier, case, facts, Say("utter_summary_problem", args), Say("utter_problem_reported", args))


def _drop(dossier: Dossier, line: OrderLine, terms: Terms, rule: ProtectionRule) -> Money | Refusal:
    """By how much a line became cheaper, or why that is not given back."""
    product, variant = dossier.product(line), dossier.variant(line.sku)
    named = terms.text(line.name)
    if any(paid.reason == PROTECTED and paid.line == line.number for paid in dossier.payments):
        return refusal(terms, rule, "times", product=named)
    covered = product is not None and not set(product.tags) & set(rule.not_tags)
    if not covered or variant is None or dossier.pieces_left(line) < line.quantity:
        return refusal(terms, rule, "excluded", product=named)
    paid = line.unit_price * line.quantity - line.discount
    drop = min((line.unit_price - variant.price) * line.quantity, paid)
    if drop.minor <= 0:
        return Refusal("no_difference", Say("utter_refused_price"))
    return drop


def _case(dossier: Dossier, case: Case, facts: Mapping[str, object], summary: Say, done: Say) -> Plan:
    """A plan that gives a colleague work. The order's version moves on, so that what was counted on it still holds."""
    effects: tuple[Effect, ...] = (SaveOrder(dossier.order), OpenCase(case))
    return Plan(facts, summary, done, effects, case.text or case.kind)


# ---------------------------------------------------------------- verbs


async def quote_price_protection(context: Context, request: ProtectionClaim) -> Outcome:
    """What a fall in price since the purchase would give back, in minor units by line. Changes nothing."""
    return await quote(context, on_order(context, request, plan_price_protection))


async def price_protection(context: Context, request: ConfirmedProtectionClaim) -> Outcome:
    """Refund the fall in price since the purchase, as quoted and confirmed: once a line."""
    return await write(context, request, on_order(context, request, plan_price_protection))


async def quote_warranty(context: Context, request: WarrantyClaim) -> Outcome:
    """Whether an item is under warranty, and what would be done. Changes nothing."""
    return await quote(context, on_order(context, request, plan_warranty))


async def warranty_claim(context: Context, request: ConfirmedWarrantyClaim) -> Outcome:
    """Register a warranty claim with its photo for a colleague, as quoted and confirmed."""
    return await write(context, request, on_order(context, request, plan_warranty))


async def quote_invoice(context: Context, request: InvoiceRequest) -> Outcome:
    """The amount, in minor units, that an invoice would be made for. Changes nothing."""
    return await quote(context, on_order(context, request, plan_invoice))


async def invoice(context: Context, request: ConfirmedInvoiceRequest) -> Outcome:
    """Ask for an invoice, as quoted and confirmed; it is sent by e-mail."""
    return await write(context, request, on_order(context, request, plan_invoice))


async def quote_problem(context: Context, request: ProblemReport) -> Outcome:
    """What would be reported of a missing, wrong or damaged item or a parcel not received. Changes nothing."""
    return await quote(context, on_order(context, request, plan_problem))


async def report_problem(context: Context, request: ConfirmedProblemReport) -> Outcome:
    """Report a missing, wrong or damaged item or a parcel not received, as confirmed, for a colleague to look into."""
    return await write(context, request, on_order(context, request, plan_problem))
