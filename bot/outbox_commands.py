"""What `streamdesk outbox` does: the deliveries that were put aside, shown, and put back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import BadInput
from bot.settings import Settings
from bot.storage.dead_letters import DeadLetter
from bot.storage.sql import SqlStore


async def put_aside(settings: Settings, limit: int) -> list[DeadLetter]:
    """The last deliveries that were put aside, newest first."""
    async with _store(settings) as store:
        return await store.dead_letters(limit)


async def put_back(settings: Settings, delivery_id: str, *, everything: bool) -> int:
    """Put one delivery, or every one, back into the outbox. Returns how many. Raises BadInput for one that is not there."""
    if everything == bool(delivery_id):
        raise BadInput("name one delivery, or all of them.", where="outbox retry", remedy="Write its ID, or --all.")
    async with _store(settings) as store:
        count = await store.revive(delivery_id or None)
    if delivery_id and not count:
        raise BadInput(
            f"no delivery {delivery_id!r} was put aside.",
            where="outbox retry",
            remedy="`streamdesk outbox list` names those that were.",
        )
    return count


def line(letter: DeadLetter) -> str:
    """One of them in a line. Not in a table, which would break the id that `outbox retry` takes."""
    return f"{letter.at:%Y-%m-%d %H:%M:%S} UTC  {letter.id}  ({letter.door}, attempt {letter.attempts}): {letter.error}"


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        yield store
    finally:
        await store.close()
