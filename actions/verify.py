"""Proving that an order is one's own: its number and the last four digits of the phone on it, then a one-time code.

The digits are on every parcel, so they let a person read; what changes something asks for a code that went to the e-mail
address or phone of the order's customer. The policy says which work needs which (`identity`). Where digits have been guessed
at too often they count no more (`actions.guessing`), and the code goes to the customer without them: what strangers do keeps
no owner out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from limits import RateLimitItem
from pydantic import BaseModel

from actions.context import Context
from actions.guessing import (
    CODE_DIGITS,
    CODES_SENT,
    CODES_SENT_UNASKED,
    SHOP,
    Counted,
    codes_counted,
    digits_counted,
    guesser,
)
from bot.commerce import Order
from bot.types import Audience, Outcome, Say

# How long a code holds.
CODE_HOLDS = timedelta(minutes=10)

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

    Someone who has proven it before, or has proven to be its customer, is asked nothing and locked out by nobody.

    The refusal is the same whether the order does not exist or the digits are wrong: nobody learns which numbers exist.
    `locked`: digits have been guessed at too often, of this order, here, from this address or altogether; a code does it.
    """
    number = proof.order_number
    if context.call.audience is Audience.PUBLIC:
        return _refused(context, PUBLIC_ROOM, Say("utter_public_privacy"))
    order = await context.shop.order(number)
    if order is None or not context.owns(number, order.customer_id):
        counted = digits_counted(context.call, number)
        if await _exhausted(context, counted):
            return _refused(context, LOCKED)
        digits = proof.digits(number)
        if digits is None:
            return _refused(context, NEEDS_PROOF)
        if not await _attempt(context, counted, number, exists=order is not None):
            return _refused(context, LOCKED)
        if order is None or not _digits_match(order, digits):
            if proof.phone_last4 is None:  # they were meant for another order: it counts as a try, and is no reproach
                return replace(_refused(context, NEEDS_PROOF), slots={"order_verified": False, "digits_tried": None})
            no = _refused(context, NOT_MATCHED, Say("utter_verification_failed"))
            return replace(no, slots={**no.slots, "digits_tried": f"{number} {digits}"})
        await context.attempts.forgive(guesser(context.call, number))
    may_read = context.policy.identity.read == "digits" or context.is_customer(order.customer_id)
    status = order.status.value if may_read else None
    slots = {"order_number": number, "order_verified": may_read, "order_status": status, "digits_tried": None}
    return Outcome(context.call.action, ok=True, grants=(f"order:{number}",), slots=slots)


async def send_code(context: Context, request: CodeRequest) -> Outcome:
    """Send a one-time code to the customer of an order that was proven, where changing it takes one.

    Where digits count no more it is sent to the customer of any order that is named, and the answer tells neither where it
    went nor whether there is such an order. Nothing is sent to someone who has proven to be that customer already. A code
    holds ten minutes; three are sent for an order within half an hour, without digits three a day.
    """
    number = request.order_number
    if context.call.audience is Audience.PUBLIC:
        return _refused(context, PUBLIC_ROOM, Say("utter_public_privacy"))
    order = await context.shop.order(number)
    if order is not None and context.may_change(number, order.customer_id):
        slots = {"order_number": number, "order_verified": True, "order_status": order.status.value}
        return Outcome(context.call.action, ok=True, slots=slots)
    proven = order is not None and context.owns(number, order.customer_id)
    if not proven and not await _exhausted(context, digits_counted(context.call, number)):
        return _refused(context, NEEDS_PROOF, Say("utter_verification_failed"))
    if await _exhausted(context, codes_counted(context.call)):
        return _refused(context, LOCKED, Say("utter_verification_locked"))
    code = await _new_code(context, number, proven=proven)
    if code is None:
        return _refused(context, TOO_MANY_CODES, Say("utter_code_too_many"))
    customer = await context.shop.customer(order.customer_id) if order is not None else None
    sent_to = await context.codes.send(customer, code, context.call.language) if customer else ""
    if proven and not sent_to:
        return _refused(context, NO_CONTACT, Say("utter_code_no_contact"))
    said = Say("utter_code_sent", {"destination": sent_to}) if proven else Say("utter_code_sent_on_file")
    slots = {"order_number": number, "order_verified": False, "code": None}
    return Outcome(context.call.action, ok=True, slots=slots, say=(said,))


async def check_code(context: Context, proof: CodeProof) -> Outcome:
    """Grant `customer:ID` to a person who says the code that was sent to the customer of an order.

    A code counts once, in the conversation that asked for it. Wrong ones count like wrong digits, apart from these.
    """
    number = proof.order_number
    if context.call.audience is Audience.PUBLIC:
        return _refused(context, PUBLIC_ROOM, Say("utter_public_privacy"))
    order = await context.shop.order(number)
    counted = codes_counted(context.call)
    if await _exhausted(context, counted) or not await _attempt(context, counted, number, exists=order is not None):
        return _refused(context, LOCKED, Say("utter_verification_locked"))
    call, digest = context.call, _digest(context, number, _digits(proof.code))
    if order is None or not await context.attempts.use_code(digest, call.at - CODE_HOLDS, call.idempotency_key):
        return _refused(context, NOT_MATCHED, Say("utter_code_wrong"))
    await context.attempts.forgive(guesser(call, number))
    return Outcome(
        call.action,
        ok=True,
        grants=(f"order:{number}", f"customer:{order.customer_id}"),
        slots={"order_number": number, "order_verified": True, "order_status": order.status.value, "code": None},
    )


async def _new_code(context: Context, number: str, *, proven: bool) -> str | None:
    """A code, kept before it leaves; None where as many as may be were sent.

    They are counted again once this one counts: of several askers at the same moment no more than the bound get one. Those
    who proved the order and those who did not are counted apart, so that strangers use up nobody else's.
    """
    asked = number if proven else f"unproven:{number}"
    bound: RateLimitItem = CODES_SENT if proven else CODES_SENT_UNASKED
    since = context.call.at - timedelta(seconds=bound.get_expiry())
    if await context.attempts.codes_sent(asked, since) >= bound.amount:
        return None
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    await context.attempts.keep_code(_digest(context, number, code), asked, context.call.at)
    return code if await context.attempts.codes_sent(asked, since) <= bound.amount else None


def _digest(context: Context, number: str, code: str) -> str:
    """What is kept of a code: of no use in another conversation or for another order."""
    return hashlib.sha256(f"{context.call.key}\n{number}\n{code}".encode()).hexdigest()


async def _attempt(context: Context, counted: Sequence[Counted], number: str, *, exists: bool) -> bool:
    """Count an attempt as failed before anything is compared. False where it is one too many; it counts for nothing then.

    So of any number of guesses at the same moment, from as many conversations, no more than the bounds allow are looked at,
    and those that are refused do not make a lock last longer. A guess at no order cannot be right: it uses nothing of the
    shop's bound up.
    """
    subjects = [one.subject for one in counted if exists or one.subject != SHOP]
    marks = await context.attempts.note_failed_attempt(subjects, context.call.at, guesser(context.call, number))
    if not await _exceeded(context, counted, 1):
        return True
    await context.attempts.take_back(marks)
    return False


async def _exhausted(context: Context, counted: Sequence[Counted]) -> bool:
    """Whether one of the bounds has been reached."""
    return await _exceeded(context, counted, 0)


async def _exceeded(context: Context, counted: Sequence[Counted], more: int) -> bool:
    for one in counted:
        failures = await context.attempts.failed_attempts([one.subject], context.call.at - one.within)
        if failures >= one.bound.amount + more:
            return True
    return False


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
