"""One door of the outbox: a lane for every conversation that has something due, so that nobody waits for somebody else.

Looking what is due is apart from sending it. A look starts a lane for each conversation that has none, up to the door's
bound, and never waits for one; a lane sends its deliveries in order and goes when they are through. The database is the
queue: a door holds one look's deliveries a lane and no more, however much is waiting.

What became of a delivery is noted before its lane goes on, and while the database does not take the note, the lane waits
with it: what was sent is not sent again by this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from functools import partial

import structlog

from bot.backoff import backoff
from bot.errors import ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.ports import Clock, NearSender, Sender, Store, everybody
from bot.types import ConversationKey, Delivery
from bot.waiting import comes_within

log = structlog.get_logger(__name__)

# Conversations that one door serves at the same time. More of them wait for the first that is through.
LANES = 128
# Deliveries that one look takes up.
BATCH = 100
# How often a door looks when nobody rings: for retries, and for what another process left. Longer while looking fails.
POLL_S = 1.0
LAST_POLL_S = 30.0
# Waits after a failed attempt, in seconds: doubling from the first to the last.
FIRST_RETRY_S = 1.0
LAST_RETRY_S = 300.0
# The longest wait that a platform may ask for, in seconds.
MAX_RETRY_AFTER_S = 24 * 3600.0
# Waits before the database is told again what became of a delivery, in seconds.
FIRST_NOTE_S = 0.2
LAST_NOTE_S = 5.0
# An attempt that takes longer has failed, in seconds. The doors' own limits are shorter; this is for those without one.
SEND_S = 120.0
# How long lanes that were cut off may take to end, in seconds.
CUT_OFF_S = 1.0


class Door:
    """The lanes of one door."""

    def __init__(self, name: str, sender: Sender, store: Store, clock: Clock, limit: int = LANES) -> None:
        self._name = name
        self._sender = sender
        self._is_near = sender.is_near if isinstance(sender, NearSender) else everybody
        self._store = store
        self._clock = clock
        self._limit = limit
        self._bell = asyncio.Event()
        self._lanes: dict[ConversationKey, asyncio.Task[None]] = {}
        self._left_some = False
        self._closing = False

    @property
    def lanes(self) -> int:
        """How many conversations are being served."""
        return len(self._lanes)

    def ring(self) -> None:
        """Something is due: look now."""
        self._bell.set()

    async def run(self) -> None:
        """Look and start lanes until cancelled, whatever goes wrong meanwhile."""
        failures = 0
        while True:
            self._bell.clear()
            try:
                await self.start_due()
                failures = 0
            except StorageUnavailable as error:
                failures += 1
                log.warning("outbox.storage_unavailable", door=self._name, error=str(error))
            except Exception:  # a fault of ours, too, must not leave the deliveries until the next start
                failures += 1
                log.exception("outbox.look_failed", door=self._name)
            await comes_within(self._bell, backoff(max(1, failures), POLL_S, LAST_POLL_S))

    async def start_due(self) -> bool:
        """Look once and start a lane for each conversation with something due and none yet. True when there was one."""
        busy = list(self._lanes)
        free = self._limit - len(busy)
        if not free:
            self._left_some = True
            return False
        self._left_some = bool(busy)  # a busy lane may have got more, and may end while this looks
        due = await self._store.due(self._clock.now(), [self._name], BATCH, busy, self._is_near)
        waiting: dict[ConversationKey, list[Delivery]] = {}
        for delivery in due:
            waiting.setdefault(delivery.key, []).append(delivery)
        for key, deliveries in list(waiting.items())[:free]:
            lane = asyncio.create_task(self._serve(deliveries))
            self._lanes[key] = lane
            lane.add_done_callback(partial(self._ended, key))
        cut_short = len(due) >= BATCH
        self._left_some |= cut_short or len(waiting) > free
        if cut_short and len(waiting) < free:
            self.ring()
        return bool(waiting)

    async def idle(self) -> None:
        """Wait until every lane that was started is through."""
        while self._lanes:
            await asyncio.wait(self._lanes.values())

    async def close(self, within_s: float) -> None:
        """Let each lane finish the delivery it is at, for so long at the most; then cut them off."""
        self._closing = True
        await ended(self._lanes.values(), within_s)
        for lane in self._lanes.values():
            lane.cancel()
        await ended(self._lanes.values(), CUT_OFF_S)

    # ------------------------------------------------------------ a lane

    def _ended(self, key: ConversationKey, lane: asyncio.Task[None]) -> None:
        del self._lanes[key]
        error = None if lane.cancelled() else lane.exception()
        if error is not None:  # the next look, within POLL_S, starts it again
            log.error("outbox.lane_failed", door=self._name, conversation=str(key), error=repr(error))
        elif self._left_some:
            self.ring()

    async def _serve(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if self._closing or not await self._deliver(delivery):
                return

    async def _deliver(self, delivery: Delivery) -> bool:
        """Attempt a delivery and note what became of it. False when those behind it must wait."""
        error = await self._send(delivery)
        if error is None:
            await self._note(delivery, partial(self._store.delivered, [delivery.id]))
            return True
        if isinstance(error, Undeliverable):
            log.warning("outbox.abandoned", delivery=delivery.id, door=self._name, reason=str(error))
            await self._note(delivery, partial(self._store.abandon, delivery.id, str(error), self._clock.now()))
            return True
        until = self._clock.now() + timedelta(seconds=_wait(delivery, error))
        await self._note(delivery, partial(self._store.postpone, delivery.id, until, str(error) or repr(error)))
        return False

    async def _send(self, delivery: Delivery) -> Exception | None:
        """One attempt. Returns what went wrong."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._sender.send(delivery)
        except (Undeliverable, ChannelUnavailable) as error:
            return error
        except Exception as error:  # a fault of a sender must not lose the delivery
            log.exception("outbox.sender_failed", delivery=delivery.id, door=self._name)
            return error
        return None

    async def _note(self, delivery: Delivery, write: Callable[[], Awaitable[None]]) -> None:
        """Tell the database until it has taken it."""
        failures = 0
        while True:
            try:
                return await write()
            except Exception as error:  # whatever it is: forgotten now, it would be sent again
                failures += 1
                if failures == 1:
                    log.warning("outbox.not_noted", delivery=delivery.id, door=self._name, error=repr(error))
            await asyncio.sleep(backoff(failures, FIRST_NOTE_S, LAST_NOTE_S))


async def ended(tasks: Iterable[asyncio.Task[None]], within_s: float) -> None:
    """Wait until these tasks have ended, for so long at the most. What they ended with is not raised."""
    if waiting := list(tasks):
        await asyncio.wait(waiting, timeout=within_s)


def _wait(delivery: Delivery, error: Exception) -> float:
    """Seconds until the next attempt: what the platform asked for, or doubling."""
    asked = error.retry_after if isinstance(error, ChannelUnavailable) else None
    return min(asked, MAX_RETRY_AFTER_S) if asked else backoff(delivery.attempt, FIRST_RETRY_S, LAST_RETRY_S)
