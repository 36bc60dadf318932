"""Delivers what the engine committed: at least once, in order per conversation, with the delivery's own id each time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.errors import ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.ports import Clock, Sender, Store
from bot.types import Delivery

log = structlog.get_logger(__name__)

# Waits after a failed attempt, in seconds: doubling from the first to the last.
FIRST_RETRY_S = 1.0
LAST_RETRY_S = 300.0
# How often the outbox is looked at when nobody rings: picks up retries and what another process left.
POLL_S = 1.0


class Dispatcher:
    """Moves deliveries from the outbox to the senders of their doors."""

    def __init__(self, store: Store, senders: Mapping[str, Sender], clock: Clock) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Something was committed: look at the outbox now."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._bell.clear()
            try:
                busy = await self.deliver_due()
            except StorageUnavailable as error:
                log.warning("outbox.storage_unavailable", error=str(error))
                busy = False
            if not busy:
                try:
                    await asyncio.wait_for(self._bell.wait(), POLL_S)
                except TimeoutError:
                    continue

    async def deliver_due(self) -> bool:
        """Attempt everything that is due now. True when there was something.

        Conversations go out side by side, the deliveries of one in order; after a failure its later ones wait.
        """
        due = await self._store.due(self._clock.now(), list(self._senders))
        lanes: dict[tuple[str, str], list[Delivery]] = {}
        for delivery in due:
            lanes.setdefault((delivery.door, str(delivery.key)), []).append(delivery)
        await asyncio.gather(*(self._deliver_lane(lane) for lane in lanes.values()))
        return bool(due)

    async def _deliver_lane(self, lane: list[Delivery]) -> None:
        for delivery in lane:
            if not await self._deliver(delivery):
                return

    async def _deliver(self, delivery: Delivery) -> bool:
        try:
            await self._senders[delivery.door].send(delivery)
        except Undeliverable as error:
            log.warning("outbox.abandoned", delivery=delivery.id, door=delivery.door, reason=str(error))
            await self._store.abandon(delivery.id, str(error))
            return True
        except ChannelUnavailable as error:
            await self._postpone(delivery, error.retry_after, error)
            return False
        except Exception as error:  # a fault of a sender must not lose the delivery, nor stop the other doors
            log.exception("outbox.sender_failed", delivery=delivery.id, door=delivery.door)
            await self._postpone(delivery, None, error)
            return False
        await self._store.delivered([delivery.id])
        return True

    async def _postpone(self, delivery: Delivery, retry_after: float | None, error: Exception) -> None:
        wait = retry_after or min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** (delivery.attempt - 1))
        await self._store.postpone(delivery.id, self._clock.now() + timedelta(seconds=wait), str(error))
