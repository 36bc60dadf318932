"""What a verb gets to work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from actions.backoffice import Backoffice
from actions.codes import CodeSender
from actions.plans import Terms
from actions.policy import Policy
from bot.types import Call

if TYPE_CHECKING:  # the verbs of buying are given a Context
    from actions.buying import Buying


class Attempts(Protocol):
    """Counts failed proofs of ownership, and keeps the one-time codes that were sent.

    What one call has written, every call that begins later reads, in other conversations and processes, too.
    """

    async def failed_attempts(self, subjects: Sequence[str], since: datetime) -> int:
        """Failures since then for that of the subjects which has most."""
        ...

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime, by: str = "") -> Sequence[int]:
        """Count one failure of `by` for each subject. Returns the marks by which they are taken back."""
        ...

    async def take_back(self, marks: Sequence[int]) -> None:
        """Count no longer what was no failure."""
        ...

    async def forgive(self, by: str) -> None:
        """Count no longer any failure of `by`, which came to the right proof in the end."""
        ...

    async def codes_sent(self, order_id: str, since: datetime) -> int:
        """How many codes were kept for an order since then."""
        ...

    async def keep_code(self, digest: str, order_id: str, at: datetime) -> None:
        """Keep a code that is about to be sent, by its digest."""
        ...

    async def use_code(self, digest: str, since: datetime, use: str) -> bool:
        """Use a code up that was kept since then. False where there is none, or it was used under another `use`."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The call that a verb answers, the shop it works in, its rules, how often guessing may fail, and who sends codes.

    `buying` where things can be bought here.
    """

    call: Call
    shop: Backoffice
    attempts: Attempts
    codes: CodeSender
    zone: ZoneInfo
    policy: Policy
    buying: Buying | None = None

    def owns(self, order_id: str, customer_id: str) -> bool:
        """Whether the person has proven that this order is theirs, by whatever proof."""
        return f"order:{order_id}" in self.call.verified or self.is_customer(customer_id)

    def is_customer(self, customer_id: str) -> bool:
        """Whether the person has proven to be this customer, by a code or a token of the shop's site."""
        return f"customer:{customer_id}" in self.call.verified

    def may_read(self, order_id: str, customer_id: str) -> bool:
        """Whether the person has proven what the policy asks for before an order is shown."""
        return self.is_customer(customer_id) or (self.policy.identity.read == "digits" and self.owns(order_id, customer_id))

    def may_change(self, order_id: str, customer_id: str) -> bool:
        """Whether the person has proven what the policy asks for before an order is changed."""
        return self.is_customer(customer_id) or (
            self.policy.identity.change == "digits" and self.owns(order_id, customer_id)
        )

    def terms(self) -> Terms:
        """Under which rules, when and in which words this call is answered."""
        return Terms(self.policy, self.call.at, self.zone, self.call.language, self.call.idempotency_key)
