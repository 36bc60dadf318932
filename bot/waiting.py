"""Waiting for something that may not come."""

from __future__ import annotations

import asyncio
import contextlib


async def comes_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, so many seconds at most; whether it came. Who waits can be cancelled at any moment.

    `asyncio.wait_for` of Python 3.11 swallows a cancellation that meets the event (https://bugs.python.org/issue37658).
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
