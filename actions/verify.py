"""Proving that an order is one's own: its number and the last four digits of the phone on it, then a one-time code.

The digits are on every parcel, so they let a person read; what changes something asks for a code that went to the e-mail
address or phone of the order's customer. The policy says which work needs which (`identity`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import BaseModel

from actions.context import Context
from bot.commerce import Order
from bot.types import Audience, Outcome, Say

# Guessing four digits takes 10,000 tries; after this many failures within the window nothing is tried any more.
MAX_FAILURES = 5
WINDOW = timedelta(minutes=30)
# How long a code holds, and how many are sent for one order within the window.
CODE_HOLDS = timedelta(minutes=10)
MAX_CODES = 3
CODE_DIGITS = 6
# No order has a longer number; what is longer is counted by its beginning.
MAX_NUMBER = 64

PUBLIC_ROOM = "public_room"
LOCKED = "locked"
NOT_MATCHED = "not_matched"
NEEDS_PROOF = "needs_proof"
TOO_MANY_CODES = "too_many_codes"
NO_CONTACT = "no_contact"


class OrderProof(BaseModel):
    """What the customer says of the order. Both may come with spaces and other punctuation.

    Without digits it is only asked whether this person has proven the order before. `digits_tried` are digits that were
    said to another number ("SD2610000001 0001"): who corrects the number need not say them again.
    """

    order_number: str
    phone_last4: str | None = None
    digits_tried: str | None = None

    def digits(self, number: str) -> str | None:
        """The digits to be tried on an order: those that were said, else those that failed on another number."""
        if self.phone_last4 is not None:
            return self.phone_last4
        tried, _, digits = (self.digits_tried or "").partition(" ")
        return digits if digits and tried != number else None


class CodeRequest(BaseModel):
    """Which order a code is wanted for."""

    order_number: str


class CodeProof(BaseModel):
    """The code that the customer received for an order."""

    order_number: str
    code: str


async def verify_order(context: Context, proof: OrderProof) -> Outcome:
    """Grant `order:ID` to a person who knows the order number and the last four digits of the phone on it.

    Someone who has proven it before, or has proven to be its customer, is asked nothing.

    The refusal is the same whether the order does not exist or the digits are wrong: nobody learns which numbers exist.
    Failures are counted per order number and per conversation; five within 30 minutes lock both.
    """
    number = proof.order_number
    order = await context.shop.order(number)
    if closed := await _closed(context, number, order):
        return closed
    if order is None or not context.owns(number, order.customer_id):
        digits = proof.digits(number)
        if digits is None:
            return _refused(context, NEEDS_PROOF)
        attempt = await _attempt(context, number)
        if attempt is None:
            return _refused(context, LOCKED, Say("utter_verification_locked"))
        if order is None or not _digits_match(order, digits):
            if proof.phone_last4 is None:  # they were meant for another order: it counts as a try, and is no reproach
                return replace(_refused(context, NEEDS_PROOF), slots={"order_verified": False, "digits_tried": None})
            no = _refused(context, NOT_MATCHED, Say("utter_verification_failed"))
            return replace(no, slots={**no.slots, "digits_tried": f"{number} {digits}"})
        await context.attempts.take_back(attempt)
    may_read = context.policy.identity.read == "digits" or context.is_customer(order.customer_id)
    status = order.status.value if may_read else None
    slots = {"order_number": number, "order_verified": may_read, "order_status": status, "digits_tried": None}
    return Outcome(context.call.action, ok=True, grants=(f"order:{number}",), slots=slots)


async def send_code(context: Context, request: CodeRequest) -> Outcome:
    """Send a one-time code to the customer of an order that was proven, where changing it takes one.

    Nothing is sent to someone who has proven to be that customer already. A code holds ten minutes; three are sent for an
    order within half an hour.
    """
    number = request.order_number
    order = await context.shop.order(number)
    if closed := await _closed(context, number, order):
        return closed
    if order is None or not context.owns(number, order.customer_id):
        return _refused(context, NEEDS_PROOF, Say("utter_verification_failed"))
    if context.may_change(number, order.customer_id):
        slots = {"order_number": number, "order_verified": True, "order_status": order.status.value}
        return Outcome(context.call.action, ok=True, slots=slots)
    customer = await context.shop.customer(order.customer_id)
    code = await _new_code(context, number)
    if code is None:
        return _refused(context, TOO_MANY_CODES, Say("utter_code_too_many"))
    sent_to = await context.codes.send(customer, code, context.call.language) if customer else ""
    if not sent_to:
        return _refused(context, NO_CONTACT, Say("utter_code_no_contact"))
    slots = {"order_number": number, "order_verified": False, "code": None}
    return Outcome(context.call.action, ok=True, slots=slots, say=(Say("utter_code_sent", {"destination": sent_to}),))


async def check_code(context: Context, proof: CodeProof) -> Outcome:
    """Grant `customer:ID` to a person who says the code that was sent to the customer of an order.

    A code counts once, in the conversation that asked for it. Wrong ones count as failures like wrong digits.
    """
    number = proof.order_number
    order = await context.shop.order(number)
    if closed := await _closed(context, number, order):
        return closed
    attempt = await _attempt(context, number)
    if attempt is None:
        return _refused(context, LOCKED, Say("utter_verification_locked"))
    call, digest = context.call, _digest(context, number, _digits(proof.code))
    if order is None or not await context.attempts.use_code(digest, call.at - CODE_HOLDS, call.idempotency_key):
        return _refused(context, NOT_MATCHED, Say("utter_code_wrong"))
    await context.attempts.take_back(attempt)
    return Outcome(
        call.action,
        ok=True,
        grants=(f"order:{number}", f"customer:{order.customer_id}"),
        slots={"order_number": number, "order_verified": True, "order_status": order.status.value, "code": None},
    )


async def _new_code(context: Context, number: str) -> str | None:
    """A code, kept before it leaves; None where as many as may be were sent.

    They are counted again once this one counts: of several askers at the same moment no more than `MAX_CODES` get one.
    """
    since = context.call.at - WINDOW
    if await context.attempts.codes_sent(number, since) >= MAX_CODES:
        return None
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    await context.attempts.keep_code(_digest(context, number, code), number, context.call.at)
    return code if await context.attempts.codes_sent(number, since) <= MAX_CODES else None


def _digest(context: Context, number: str, code: str) -> str:
    """What is kept of a code: of no use in another conversation or for another order."""
    return hashlib.sha256(f"{context.call.key}\n{number}\n{code}".encode()).hexdigest()


def _subjects(context: Context, number: str) -> list[str]:
    return [f"order:{number[:MAX_NUMBER]}", f"conversation:{context.call.key}"]


async def _closed(context: Context, number: str, order: Order | None) -> Outcome | None:
    """The refusal where others can read along, or after too many wrong proofs.

    Who has proven to be the customer has nothing left to guess: a stranger's guesses do not keep them out.
    """
    if context.call.audience is Audience.PUBLIC:
        return _refused(context, PUBLIC_ROOM, Say("utter_public_privacy"))
    if order is not None and context.is_customer(order.customer_id):
        return None
    locked = await _failures(context, number) >= MAX_FAILURES
    return _refused(context, LOCKED, Say("utter_verification_locked")) if locked else None


async def _attempt(context: Context, number: str) -> Sequence[int] | None:
    """The marks of an attempt, which counts as failed before anything is compared; None where it is one too many.

    So of any number of guesses at the same moment, from as many conversations, no more than `MAX_FAILURES` are looked at.
    """
    marks = await context.attempts.note_failed_attempt(_subjects(context, number), context.call.at)
    return marks if await _failures(context, number) <= MAX_FAILURES else None


async def _failures(context: Context, number: str) -> int:
    since = context.call.at - WINDOW
    return await context.attempts.failed_attempts(_subjects(context, number), since)


def _digits_match(order: Order, digits: str) -> bool:
    given, on_order = _digits(digits)[-4:], _digits(order.ship_to.phone)[-4:]
    return len(given) == 4 and hmac.compare_digest(given, on_order)


def _digits(text: str) -> str:
    """The digits in a text; those of an input method for Chinese, which are wider, are the same ones."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character in "0123456789")


def _refused(context: Context, code: str, *say: Say) -> Outcome:
    """The refusal; what was given as a proof is asked for again."""
    given = "phone_last4" if context.call.action == "action_verify_order" else "code"
    slots = {"order_verified": False, given: None}
    return Outcome(context.call.action, ok=False, refusal=code, slots=slots, say=say)
