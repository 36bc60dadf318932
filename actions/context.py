"""What a verb gets to work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.commerce import Shop
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
    """The call that a verb answers, the shop it works in, and how often guessing may fail."""

    call: Call
    shop: Shop
    attempts: Attempts
    zone: ZoneInfo

    def owns(self, order_id: str, customer_id: str) -> bool:
        """Whether the person has proven that this order is theirs."""
        return f"order:{order_id}" in self.call.verified or f"customer:{customer_id}" in self.call.verified
