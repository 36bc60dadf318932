"""What `streamdesk audit` does: whether what was said in rooms is still as it was written down."""

from __future__ import annotations

from bot.audit import Chain, verified
from bot.settings import Settings
from bot.storage.sql import SqlStore


async def verify(settings: Settings) -> dict[str, Chain]:
    """The audit of every room, as far as it holds. Raises StorageUnavailable."""
    store = await SqlStore.open(settings.storage.url, sealer=settings.sealer)
    try:
        return await verified(store.audit())
    finally:
        await store.close()


def line(room: str, chain: Chain) -> str:
    """What is to be said of one room's audit."""
    if chain.broken is None:
        redacted = f", {chain.redacted} of them without their words" if chain.redacted else ""
        return f"{room}: {chain.length} rows hold{redacted}; the last is {chain.last}"
    return f"{room}: row {chain.broken} was changed, put in, or follows one that is gone; {chain.length} before it hold"
