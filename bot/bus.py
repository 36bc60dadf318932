"""What processes of one service say to each other at once: `Bus`, the port, and the one for a process by itself.

A bus is for what loses nothing when it is lost: wake-ups, and what is shown of what the database keeps. Who is subscribed
has what is published, at most once and in the order of each publisher; nothing is kept for who comes later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

# Messages that may wait for one subscriber. Of more, the oldest are lost, as everything on a bus may be.
WAITING = 10_000


class Bus(Protocol):
    """Carries bytes to whoever listens at that moment."""

    async def publish(self, topic: str, body: bytes) -> None:
        """Tell everybody who is subscribed to `topic`, this process included. What cannot be told is lost; never raises."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """What is published from now on until the block is left. While the way there is broken, messages are missed."""
        ...


class Subscriptions:
    """Who is subscribed in this process, by topic."""

    def __init__(self) -> None:
        self._queues: dict[str, list[_Queue]] = {}

    def topics(self) -> list[str]:
        """Those that somebody is subscribed to."""
        return list(self._queues)

    def add(self, topic: str) -> _Queue:
        """One more for `topic`."""
        queue = _Queue()
        self._queues.setdefault(topic, []).append(queue)
        return queue

    def remove(self, topic: str, queue: _Queue) -> None:
        """One less."""
        left = [other for other in self._queues[topic] if other is not queue]
        if left:
            self._queues[topic] = left
        else:
            del self._queues[topic]

    def hand_out(self, topic: str, body: bytes) -> None:
        """Give a message to everybody who is subscribed to `topic`."""
        for queue in self._queues.get(topic, ()):
            queue.put(body)


class LocalBus:
    """`Bus` of one process."""

    def __init__(self) -> None:
        self._subscriptions = Subscriptions()

    async def publish(self, topic: str, body: bytes) -> None:
        """Tell everybody here."""
        self._subscriptions.hand_out(topic, body)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What is published here from now on."""
        queue = self._subscriptions.add(topic)
        try:
            yield queue
        finally:
            self._subscriptions.remove(topic, queue)


class _Queue:
    """What waits for one subscriber, as an iterator that never ends."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque(maxlen=WAITING)
        self._bell = asyncio.Event()

    def put(self, body: bytes) -> None:
        self._waiting.append(body)
        self._bell.set()

    def __aiter__(self) -> _Queue:
        return self

    async def __anext__(self) -> bytes:
        while not self._waiting:
            self._bell.clear()
            await self._bell.wait()
        return self._waiting.popleft()
