"""How often it may be guessed who somebody is, and what that comes to in a year. Pure.

A guess of four digits is right once in 10,000 times, one of a code once in 1,000,000 for each code that is open. What bounds
a patient guesser with many addresses is the bound for the whole shop: `successes_a_year` reckons it, docs/security.md has
the sums. A bound that is reached refuses nobody the order: it makes a one-time code necessary, and no code is asked of who
is logged in at the shop's site.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute

from bot.types import Call

# Failures that may be looked at: in one conversation, of one order, from one address, and in the shop altogether.
DIGITS: Mapping[str, RateLimitItem] = {
    "conversation": RateLimitItemPerMinute(5, 30),
    "order": RateLimitItemPerMinute(5, 30),
    "address": RateLimitItemPerDay(10),
    "shop": RateLimitItemPerDay(16),
}
CODES: Mapping[str, RateLimitItem] = {
    "conversation": RateLimitItemPerMinute(5, 30),
    "address": RateLimitItemPerDay(40),
    "shop": RateLimitItemPerDay(300),
}
CODE_DIGITS = 6
# Codes of one order that are sent to those who know its digits, and to those who do not: these may be anybody.
CODES_SENT = RateLimitItemPerMinute(3, 30)
CODES_SENT_UNASKED = RateLimitItemPerDay(3)
# No order has a longer number; what is longer is counted by its beginning.
MAX_NUMBER = 64
DAYS_A_YEAR = 366
# The subject of what is counted for the whole shop.
SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that failures are counted for, and its bound."""

    subject: str
    bound: RateLimitItem

    @property
    def within(self) -> timedelta:
        """The time that counts."""
        return timedelta(seconds=self.bound.get_expiry())


def digits_counted(call: Call, number: str) -> list[Counted]:
    """What wrong digits of an order count for."""
    subjects = {"order": f"order:{number[:MAX_NUMBER]}"} | _subjects(call)
    return [Counted(subject, DIGITS[kind]) for kind, subject in subjects.items()]


def codes_counted(call: Call) -> list[Counted]:
    """What a wrong code counts for: not the order, whose owner's code no stranger's conversation takes."""
    return [Counted(f"code:{subject}", CODES[kind]) for kind, subject in _subjects(call).items()]


def guesser(call: Call, number: str) -> str:
    """Who guesses at what: what failed here is taken back once the same conversation proves the same order."""
    return hashlib.sha256(f"{call.key}\n{number}".encode()).hexdigest()


def successes_a_year() -> Fraction:
    """The guesses that come true in a year when every one that the shop's bounds allow is made."""
    digits = _a_year(DIGITS["shop"]) * Fraction(1, 10_000)
    return digits + _a_year(CODES["shop"]) * Fraction(CODES_SENT.amount, 10**CODE_DIGITS)


def _a_year(bound: RateLimitItem) -> Fraction:
    return bound.amount * Fraction(DAYS_A_YEAR * 24 * 3600, bound.get_expiry())


def _subjects(call: Call) -> dict[str, str]:
    address = {"address": f"address:{call.origin}"} if call.origin else {}
    return {"conversation": f"conversation:{call.key}", "shop": SHOP} | address
