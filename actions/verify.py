"""Proving that an order is one's own: its number and the last four digits of the phone on it."""

from __future__ import annotations

import hmac
from datetime import timedelta

from pydantic import BaseModel

from actions.context import Context
from bot.commerce import Order
from bot.types import Outcome, Say

# Guessing four digits takes 10,000 tries; after this many failures within the window nothing is tried any more.
MAX_FAILURES = 5
WINDOW = timedelta(minutes=30)

LOCKED = "locked"
NOT_MATCHED = "not_matched"
NEEDS_PROOF = "needs_proof"


class OrderProof(BaseModel):
    """What the customer says of the order. Both may come with spaces and other punctuation.

    Without digits it is only asked whether this person has proven the order before.
    """

    order_number: str
    phone_last4: str | None = None


async def verify_order(context: Context, proof: OrderProof) -> Outcome:
    """Grant `order:ID` to a person who knows the order number and the last four digits of the phone on it.

    Someone who has proven it before, or has proven to be its customer, is asked nothing.

    The refusal is the same whether the order does not exist or the digits are wrong: nobody learns which numbers exist.
    Failures are counted per order number and per conversation; five within 30 minutes lock both.
    """
    number = normal_order_number(proof.order_number)
    subjects = [f"order:{number}", f"conversation:{context.call.key}"]
    since = context.call.at - WINDOW
    for subject in subjects:
        if await context.attempts.failed_attempts(subject, since) >= MAX_FAILURES:
            return _refused(LOCKED, Say("utter_verification_locked"))
    order = await context.shop.order(number)
    known = order is not None and context.owns(number, order.customer_id)
    if not known and proof.phone_last4 is None:
        return _refused(NEEDS_PROOF)
    if not known and (order is None or not _digits_match(order, proof.phone_last4 or "")):
        await context.attempts.note_failed_attempt(subjects, context.call.at)
        return _refused(NOT_MATCHED, Say("utter_verification_failed"))
    slots = {"order_number": number, "order_verified": True}
    return Outcome("action_verify_order", ok=True, grants=(f"order:{number}",), slots=slots)


def normal_order_number(text: str) -> str:
    """An order number as it is stored: upper case, letters and digits only."""
    return "".join(character for character in text.upper() if character.isascii() and character.isalnum())


def _digits_match(order: Order, digits: str) -> bool:
    given = "".join(character for character in digits if character.isdigit())[-4:]
    on_order = "".join(character for character in order.ship_to.phone if character.isdigit())[-4:]
    return len(given) == 4 and hmac.compare_digest(given, on_order)


def _refused(code: str, *say: Say) -> Outcome:
    slots = {"order_verified": False, "phone_last4": None}
    return Outcome("action_verify_order", ok=False, refusal=code, slots=slots, say=say)
