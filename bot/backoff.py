"""How long to wait before something that failed is tried again."""

from __future__ import annotations

# Doublings that are counted: far beyond every last wait, and still a number that a float can hold.
MAX_DOUBLINGS = 64


def backoff(failures: int, first_s: float, last_s: float) -> float:
    """Seconds to wait after the `failures`-th failure (from 1): doubling from `first_s` up to `last_s`."""
    return min(last_s, first_s * 2.0 ** min(failures - 1, MAX_DOUBLINGS))
