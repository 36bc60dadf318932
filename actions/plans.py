"""What a piece of after-sales work is decided on, and what the decision is made of. Pure.

A plan function takes a `Dossier` (what the shop knows of an order), a request and the `Terms`, and returns a `Plan` (exactly
what will happen) or a `Refusal`. The quote and the write call the same function; that the customer confirmed this very plan
is checked by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.backoffice import Effect, MoveMoney, Payment, PaymentMethod, Record
from actions.policy import Code, Policy, Rule
from actions.words import ORDER_STATUS, day, full_day, word
from bot.commerce import Coupon, Customer, Money, Order, OrderLine, Product, Return, Text, Variant
from bot.types import Say

# Returns and exchanges that came to nothing: their pieces are as if never asked for.
VOID = ("rejected", "closed")


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order and all that is known of it, read at one moment. `products` are those of its lines, by id."""

    order: Order
    customer: Customer | None
    payments: tuple[Payment, ...] = ()
    methods: tuple[PaymentMethod, ...] = ()
    returns: tuple[Return, ...] = ()
    records: tuple[Record, ...] = ()
    products: Mapping[str, Product] = field(default_factory=dict)
    coupons: tuple[Coupon, ...] = ()

    def product(self, line: OrderLine) -> Product | None:
        """The product of a line, or None when it has left the catalogue."""
        return self.products.get(line.product_id)

    def variant(self, sku: str) -> Variant | None:
        """A variant of one of the order's products."""
        return next((v for product in self.products.values() for v in product.variants if v.sku == sku), None)

    def method(self, method_id: str) -> PaymentMethod | None:
        """A way to pay that the customer has on file."""
        return next((method for method in self.methods if method.id == method_id), None)

    def held(self) -> dict[str, Money]:
        """What the shop holds of the order's money, by the way it was paid; only what is not zero."""
        held: dict[str, Money] = {}
        for payment in self.payments:
            amount = payment.amount if payment.kind == "payment" else payment.amount * -1
            held[payment.method] = held.get(payment.method, Money(0, payment.amount.currency)) + amount
        return {method: amount for method, amount in held.items() if amount.minor}

    def pieces_left(self, line: OrderLine) -> int:
        """Pieces of a line that are the customer's and in no return or exchange."""
        return line.quantity - sum(item.quantity for item in self.gone(line))

    def gone(self, line: OrderLine) -> list[Return]:
        """The returns and exchanges that pieces of a line are in. An exchange that is done has made another line."""
        return [item for item in self.returns if item.line == line.number and item.status not in (*VOID, "exchanged")]


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which rules, when and in which words. `key` names the change; ids of what is new are made from it."""

    policy: Policy
    now: datetime
    zone: ZoneInfo
    language: str
    key: str

    def case_id(self, prefix: str = "C") -> str:
        """An id for something new: the same for the same call."""
        return f"{prefix}{hashlib.sha256(self.key.encode()).hexdigest()[:12].upper()}"

    def date(self, at: datetime | None) -> str:
        """A day in the customer's words."""
        return day(at, self.language, self.zone)

    def full_date(self, at: datetime) -> str:
        """A day with its year, for what is months away."""
        return full_day(at, self.language, self.zone)

    def text(self, text: Text) -> str:
        """A text in the customer's language."""
        return text.in_(self.language)

    def listed(self, parts: Iterable[str]) -> str:
        """Several things in one breath."""
        return (", " if self.language == "en" else "、").join(parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what will happen. `facts` are amounts (minor units), items and ways: what a confirmation is for.

    `summary` is said before the yes, `done` after the write. `review`: a person releases it, `why` is for the audit.
    """

    facts: Mapping[str, Any]
    summary: Say
    done: Say
    effects: tuple[Effect, ...]
    why: str
    review: bool = False

    def digest(self) -> str:
        """A short fingerprint of the facts: two plans with the same one do the same."""
        text = json.dumps({**self.facts, "review": self.review}, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule says no: its code, what to tell the customer, and the file of the document it rests on (or empty)."""

    code: str
    say: Say
    document: str = ""


# ---------------------------------------------------------------- refusals


def refusal(terms: Terms, rule: Rule | None, code: Code, **args: Any) -> Refusal:
    """A refusal in the words of the policy, with the document it rests on; in general words where the policy has none."""
    reason = rule.refusals.get(code) if rule else None
    if reason is None:
        return Refusal(code, Say("utter_refused", {"reason": Say(f"utter_reason_{code}", args)}))
    said = (reason.en if terms.language == "en" else reason.zh).format_map(_Shown(args))
    document = terms.policy.documents.get(reason.document)
    if document is None:
        return Refusal(code, Say("utter_refused", {"reason": said}))
    args = {"reason": said, "document": terms.text(document.title)}
    # a photo that is still missing is no no
    response = "utter_needed_rule" if code == "evidence_needed" else "utter_refused_rule"
    return Refusal(code, Say(response, args), terms.text(document.file))


class _Shown(dict[str, Any]):
    """Values for placeholders; one that a rule's wording names and the refusal does not have stays as it is written."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def closed(dossier: Dossier, terms: Terms, rule: Rule | None, work: str) -> Refusal | None:
    """Why a kind of work is not open for this order by now, or None."""
    if rule is None:
        return refusal(terms, None, "not_offered")
    order = dossier.order
    if order.status not in rule.statuses:
        status = word(ORDER_STATUS, order.status, terms.language)
        return refusal(terms, rule, "status", status=status, order_number=order.id)
    done = [record.action.removeprefix("action_") for record in dossier.records]
    if any(before in done for before in rule.not_after):
        return refusal(terms, rule, "changed_before", order_number=order.id)
    if rule.times is not None and done.count(work) >= rule.times:
        return refusal(terms, rule, "times", order_number=order.id)
    return None


def last_moment(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end (exclusive, UTC) of the window of `days` whole days from the day after `start`, by the shop's calendar."""
    last = start.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(last, time.min, zone).astimezone(UTC)


def late(terms: Terms, rule: Rule, start: datetime | None, days: int | None) -> Refusal | None:
    """The refusal when a window is over, or None. A window that has not begun is open."""
    if days is None or start is None or terms.now < (end := last_moment(start, days, terms.zone)):
        return None
    return refusal(terms, rule, "window", days=days, until=terms.date(end - timedelta(seconds=1)))


# ---------------------------------------------------------------- money


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` (minor units) shared out by `weights`, to the cent: what rounding leaves goes to the largest remainders.

    Hamilton's method of apportionment; where remainders are equal the earlier one is served first. The shares add up to
    `amount` exactly; with no weight at all the first takes everything.
    """
    total = sum(weights)
    if total == 0:
        return [amount, *(0 for _ in weights[1:])] if weights else []
    whole = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: -(amount * weights[n] % total))
    for n in by_remainder[: amount - sum(whole)]:
        whole[n] += 1
    return whole


def with_shares(order: Order) -> Order:
    """The order with all of its discount on its lines: what is kept for the whole order is shared out by their prices."""
    rest = order.discount.minor - sum(line.discount.minor for line in order.lines)
    if not rest or not order.lines:
        return order
    parts = shares(rest, [line.unit_price.minor * line.quantity - line.discount.minor for line in order.lines])
    currency = order.total.currency
    lines = (
        replace(line, discount=line.discount + Money(part, currency)) for line, part in zip(order.lines, parts, strict=True)
    )
    return replace(order, lines=tuple(lines))


def paid_for(dossier: Dossier, line: OrderLine, quantity: int, taken: int = 0) -> tuple[Money, Money]:
    """What was paid for `quantity` of the pieces left of a line, and their share of its discount.

    `taken` pieces were taken before in the same request. The shares of all pieces add up to the line's discount exactly, in
    whatever portions they go.
    """
    left, discount = dossier.pieces_left(line), line.discount.minor
    for item in dossier.gone(line):
        gross = line.unit_price.minor * item.quantity
        had = gross - item.goods.minor if item.goods else line.discount.minor * item.quantity // line.quantity
        discount -= had
    share = discount * (taken + quantity) // left - discount * taken // left
    currency = line.unit_price.currency
    return line.unit_price * quantity - Money(share, currency), Money(share, currency)


def payment(terms: Terms, dossier: Dossier, number: int, amount: Money, method: str, **more: Any) -> MoveMoney:
    """One movement of money: a positive amount comes in, a negative one goes back.

    A gift card is settled at once, the other ways go through their provider; what is above the limit waits for a person.
    """
    back = amount.minor < 0
    size = amount * -1 if back else amount
    waits = back and needs_review(terms, size)
    at_once = is_gift_card(dossier, method)
    return MoveMoney(
        Payment(
            id=f"{terms.key}/{number}",
            order_id=dossier.order.id,
            kind="refund" if back else "payment",
            amount=size,
            method=method,
            at=terms.now,
            status="review" if waits else "done" if at_once else "started",
            **more,
        )
    )


def needs_review(terms: Terms, amount: Money) -> bool:
    """Whether a person has to release this amount."""
    limit = terms.policy.limits.review_above
    return limit is not None and amount > Money.of(limit, amount.currency)


def is_gift_card(dossier: Dossier, method: str) -> bool:
    """Whether a way to pay holds its money itself."""
    on_file = dossier.method(method)
    return on_file is not None and on_file.kind == "gift_card"


def kind_of(dossier: Dossier, method: str) -> str:
    """The kind of a way to pay: that of the one on file, or the word that the order was paid by."""
    on_file = dossier.method(method)
    return on_file.kind if on_file else method


def method_name(dossier: Dossier, terms: Terms, method: str) -> str:
    """A way to pay in the customer's words."""
    kind = kind_of(dossier, method)
    name = terms.policy.payments.names.get(kind)
    return terms.text(name) if name else kind.replace("_", " ")


def refund_days(dossier: Dossier, terms: Terms, method: str) -> Say:
    """How long a refund takes, as a sentence."""
    least, most = terms.policy.payments.refund_days.get(kind_of(dossier, method), (0, 0))
    return Say("utter_refund_days", {"least": least, "most": most}) if most else Say("utter_refund_at_once")


def amount_text(amount: Money) -> str:
    """An amount without its sign."""
    return str(Money(abs(amount.minor), amount.currency))


def difference_text(difference: Money) -> Say:
    """What a difference means: positive is owed by the customer, negative comes back."""
    name = "utter_difference_none" if not difference.minor else "utter_difference_due" if difference.minor > 0 else None
    return Say(name or "utter_difference_back", {"amount": amount_text(difference)})
