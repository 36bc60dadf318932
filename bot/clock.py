"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """`Clock` that reads this machine's time."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)
