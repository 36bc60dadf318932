"""How much the doors take: counters of the library `limits`, in memory or in a Redis that several processes share."""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError

from bot.errors import BadSettings

log = structlog.get_logger(__name__)

MEMORY = "memory"


class CountedLimits:
    """`Limits` by the bounds of the settings. A store of counts that does not answer closes no door: that is logged."""

    def __init__(self, bounds: Mapping[str, str], storage: str = MEMORY) -> None:
        """`bounds` are rates such as `60/minute` by name; `storage` is `memory` or a `redis://` URL. Raises BadSettings."""
        self._bounds = {name: rate(bound, f"limits.{name}") for name, bound in bounds.items()}
        self._limiter = FixedWindowRateLimiter(_opened(storage))

    async def wait(self, bound: str, who: str) -> float:
        """Use one up, and tell the seconds to wait where there is none left."""
        item = self._bounds[bound]
        try:
            if await self._limiter.hit(item, bound, who):
                return 0.0
            stats = await self._limiter.get_window_stats(item, bound, who)
        except StorageError as error:
            log.warning("limits.not_counted", bound=bound, error=str(error.storage_error))
            return 0.0
        return max(1.0, stats.reset_time - time.time())

    async def close(self) -> None:
        """Let go of the connections to Redis."""
        storage = self._limiter.storage
        if isinstance(storage, RedisStorage) and isinstance(storage.bridge, RedispyBridge):
            await storage.bridge.storage.aclose()


def rate(text: str, where: str) -> RateLimitItem:
    """A rate as people write it: `60/minute`, `5 per 30 minutes`. Raises BadSettings."""
    try:
        return parse(text)
    except ValueError as error:
        raise BadSettings(f"{text!r} is no rate.", where=where, remedy="Write it as 60/minute or 1000/hour.") from error


def _opened(url: str) -> Storage:
    if url == MEMORY:
        return MemoryStorage()
    if not url.startswith(("redis://", "rediss://")):
        remedy = "Set it to memory, or to redis://host:6379 where several processes share the counts."
        raise BadSettings("counts are kept in memory or in Redis.", where="limits.storage", remedy=remedy)
    try:
        return RedisStorage(f"async+{url}", wrap_exceptions=True, implementation="redispy", key_prefix="streamdesk")
    except ConfigurationError as error:
        remedy = "Install the extra: pip install 'streamdesk[redis]'."
        raise BadSettings("the package `redis` is missing.", where="limits.storage", remedy=remedy) from error
