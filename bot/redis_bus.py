"""`Bus` over a Redis that all processes reach, by its publish and subscribe (Redis documentation, "Pub/sub").

A process has one connection that listens, for all its topics, and a pool that publishes. Where Redis is away, what is
published is lost, and the listening connection comes back by itself with all its topics.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import structlog

from bot.backoff import backoff
from bot.bus import Subscriptions
from bot.errors import BadSettings
from bot.text import without_password
from bot.waiting import comes_within

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

log = structlog.get_logger(__name__)

PREFIX = "streamdesk:"
# Nobody publishes here: a listening connection has at least one topic.
_ALWAYS = f"{PREFIX}listening"
# How long Redis may take to answer, in seconds: a publisher waits no longer.
ANSWER_S = 2.0
# Waits before the listening connection is made again, in seconds: doubling from the first to the last.
FIRST_WAIT_S = 0.1
LAST_WAIT_S = 2.0
# How often a listener asks Redis whether it is still there, in seconds.
PING_S = 2.0
# Without an answer to so many it is given up. They are counted, as a clock goes on while this process is busy.
PINGS = 2
# How often at most a loss is logged, in seconds.
LOG_S = 5.0


class RedisBus:
    """`Bus` by way of Redis, made by `open_redis_bus`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._subscriptions = Subscriptions()
        self._confirmed: dict[str, asyncio.Event] = {}
        self._listening: PubSub | None = None
        self._logged = -LOG_S

    async def publish(self, topic: str, body: bytes) -> None:
        """Tell everybody who is subscribed at any process. What Redis does not take is lost, and that is logged."""
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(ANSWER_S):
                await self._client.publish(PREFIX + topic, body)
        except (RedisError, OSError, TimeoutError) as error:
            self._warn("bus.not_published", error)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What is published from now on: Redis has confirmed that, or is away and will be told when it is back."""
        queue = self._subscriptions.add(topic)
        confirmed = self._confirmed.setdefault(topic, asyncio.Event())
        try:
            if not confirmed.is_set():
                await self._tell("subscribe", topic)
                await comes_within(confirmed, ANSWER_S)
            yield queue
        finally:
            self._subscriptions.remove(topic, queue)
            if topic not in self._subscriptions.topics():
                self._confirmed.pop(topic, None)
                await self._tell("unsubscribe", topic)

    async def run(self) -> None:
        """Listen until cancelled, whatever becomes of the connection."""
        from redis.exceptions import RedisError

        failures = 0
        while True:
            started = time.monotonic()
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                failures = 1 if time.monotonic() - started > LAST_WAIT_S else failures + 1
                self._warn("bus.not_listening", error)
            await asyncio.sleep(backoff(failures, FIRST_WAIT_S, LAST_WAIT_S))

    async def _listen(self) -> None:
        """Hand out what comes, on one connection while it holds."""
        async with self._client.pubsub() as listening:
            try:
                await listening.subscribe(_ALWAYS, *(PREFIX + topic for topic in self._subscriptions.topics()))
                self._listening = listening
                unanswered = 0
                while True:
                    message = await listening.get_message(timeout=PING_S)
                    if message is not None:
                        unanswered = 0
                        self._take(message)
                    elif unanswered == PINGS:
                        raise TimeoutError("Redis does not answer")
                    else:
                        unanswered += 1
                        await listening.ping()
            finally:
                self._listening = None
                for confirmed in self._confirmed.values():
                    confirmed.clear()

    def _take(self, message: dict[str, Any]) -> None:
        topic = (message["channel"] or b"").decode().removeprefix(PREFIX)
        if message["type"] == "message":
            self._subscriptions.hand_out(topic, message["data"])
        elif message["type"] == "subscribe" and topic in self._confirmed:
            self._confirmed[topic].set()

    async def _tell(self, command: str, topic: str) -> None:
        """Have the listening connection take a topic up or give it up; one that is made later knows by itself."""
        from redis.exceptions import RedisError

        if self._listening is not None:
            with contextlib.suppress(RedisError, OSError, TimeoutError):  # whoever listens notices, too
                async with asyncio.timeout(ANSWER_S):
                    await getattr(self._listening, command)(PREFIX + topic)

    def _warn(self, what: str, error: Exception) -> None:
        if time.monotonic() - self._logged >= LOG_S:
            self._logged = time.monotonic()
            log.warning(what, error=f"{type(error).__name__}: {error}")


@asynccontextmanager
async def open_redis_bus(url: str) -> AsyncIterator[RedisBus]:
    """The bus at `url` (`redis://[:PASSWORD@]HOST:PORT/0`), listening. Raises BadSettings where there is none."""
    client = await _connected(url)
    bus = RedisBus(client)
    listening = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await client.aclose()


async def _connected(url: str) -> Redis:
    """A client whose server answers."""
    try:
        from redis.asyncio import Redis
        from redis.exceptions import RedisError
    except ImportError as error:
        remedy = "Install the extra: pip install 'streamdesk[redis]'."
        raise BadSettings("the package `redis` is missing.", where="redis.url", remedy=remedy) from error
    try:
        client = Redis.from_url(url, socket_connect_timeout=ANSWER_S, socket_keepalive=True)
    except ValueError as error:
        remedy = "Write it as redis://HOST:6379, with a password redis://:PASSWORD@HOST:6379."
        raise BadSettings(f"this is no address of a Redis: {error}.", where="redis.url", remedy=remedy) from error
    try:
        async with asyncio.timeout(ANSWER_S):
            await cast("Awaitable[bool]", client.ping())
    except (RedisError, OSError, TimeoutError) as error:
        await client.aclose()
        raise BadSettings(
            f"no Redis answers at {without_password(url)}: {str(error) or 'it took too long'}.",
            where="redis.url",
            remedy="Start it, or correct the address; without one, leave redis.url empty.",
        ) from error
    return client
