"""What a verb gets to work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from actions.backoffice import Backoffice
from actions.plans import Terms
from actions.policy import Policy
from bot.types import Call


class Attempts(Protocol):
    """Counts failed proofs of ownership."""

    async def failed_attempts(self, subject: str, since: datetime) -> int:
        """Failures for `subject` since then."""
        ...

    async def note_failed_attempt(self, subjects: Sequence[str], at: datetime) -> None:
        """Count one failure for each subject."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The call that a verb answers, the shop it works in, its rules, and how often guessing may fail."""

    call: Call
    shop: Backoffice
    attempts: Attempts
    zone: ZoneInfo
    policy: Policy

    def owns(self, order_id: str, customer_id: str) -> bool:
        """Whether the person has proven that this order is theirs."""
        return f"order:{order_id}" in self.call.verified or f"customer:{customer_id}" in self.call.verified

    def terms(self) -> Terms:
        """Under which rules, when and in which words this call is answered."""
        return Terms(self.policy, self.call.at, self.zone, self.call.language, self.call.idempotency_key)
