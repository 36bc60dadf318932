"""A payment provider that takes no money: a page of ours with a button for "paid". For trials and tests alone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from bot.commerce import Money
from bot.errors import BadInput
from bot.payments import Due, Paid

NAME = "trial"


class TrialPayments:
    """`PaymentProvider` whose callbacks its own page sends, signed when the payment was begun."""

    name = NAME

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self.refunded: dict[str, Paid] = {}

    async def start(self, due: Due) -> str:
        amount = {"due": due.id, "amount": due.amount.minor, "currency": due.amount.currency}
        signed = {**amount, "signature": self._signature(due.id, due.amount), "shown": str(due.amount), "back": due.back}
        return f"/checkout/trial?{urlencode({**signed, 'language': due.language})}"

    async def read(self, headers: Mapping[str, str], body: bytes) -> Paid | None:
        try:
            told = orjson.loads(body)
            due, amount = str(told["due"]), Money(int(told["amount"]), str(told["currency"]))
            signature = str(told["signature"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise BadInput("this is no callback of the trial's.", where="body", remedy="Let its page send it.") from error
        if not hmac.compare_digest(signature.encode(), self._signature(due, amount).encode()):
            raise BadInput("the signature is wrong.", where="signature", remedy="Begin the payment anew.")
        return Paid(due, amount, f"{NAME}-{due}")

    async def refund(self, paid: Paid) -> None:
        self.refunded[paid.reference] = paid

    def _signature(self, due: str, amount: Money) -> str:
        text = f"{due}\n{amount.minor}\n{amount.currency}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
