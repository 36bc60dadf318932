"""WebSockets that never hold up anyone else: bounded queues outwards, deliveries confirmed by the client.

A client confirms a delivery with `{"type": "received", "id": …}`. Until then it stays in the outbox and is sent again, with
the same id, when the client comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from bot.errors import ChannelUnavailable, StreamdeskError
from channels.common.problems import BadRequest, problem_of
from channels.common.reading import optional_text, parse_object

# Frames that may wait for one client. A phone that cannot keep up with this many is cut off and comes back to the history.
QUEUE = 256
# Longest frame that a client may send, in characters.
MAX_FRAME = 64 * 1024
# How long a client has to confirm a delivery, in seconds.
CONFIRM_S = 3.0
# When a delivery to someone who is not connected is attempted again, in seconds; coming back collects it at once.
ABSENT_RETRY_S = 3600.0
# How long the closing handshake may take, in seconds.
CLOSE_S = 1.0
# How long a client may be silent after it has connected, in seconds.
HELLO_S = 10.0
# Longest reason that a close frame may carry, in bytes.
MAX_REASON = 123
# Close codes of RFC 6455 and the registry of IANA.
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


class Outlet(Protocol):
    """The sending half of a WebSocket."""

    async def send_text(self, data: str) -> None:
        """Send one text frame."""
        ...

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection."""
        ...


def personal_token(given: Any) -> str:
    """`given` where it is a token of our form, or a new one: 192 random bits that nobody guesses."""
    if isinstance(given, str) and _TOKEN.fullmatch(given):
        return given
    return secrets.token_urlsafe(24)


def frame(kind: str, **fields: Any) -> str:
    """One JSON frame."""
    return orjson.dumps({"type": kind, **fields}).decode()


def refusal(error: StreamdeskError, message_id: str = "") -> str:
    """The frame that says why something was not taken."""
    return frame("refused", id=message_id, problem=problem_of(error))


async def read_frames(socket: WebSocket, connection: Connection) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects that a client sends, until it leaves; anything else is refused and skipped."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        try:
            yield _parsed(text)
        except BadRequest as error:
            connection.push(refusal(error))


async def hello_of(frames: AsyncIterator[dict[str, Any]], connection: Connection) -> dict[str, Any] | None:
    """The first frame of a client, which says hello. None where it left, or said none within HELLO_S and is cut off."""
    try:
        async with asyncio.timeout(HELLO_S):
            return await anext(frames, None)
    except TimeoutError:
        connection.end(POLICY_VIOLATION, f"no hello within {HELLO_S:g} s")
        return None


def _parsed(text: str | None) -> dict[str, Any]:
    if text is None:
        raise BadRequest("is binary.", key="frame", remedy="Send JSON in text frames.", status=400)
    if len(text) > MAX_FRAME:
        raise BadRequest(f"has {len(text):,} characters.", key="frame", remedy=f"Send at most {MAX_FRAME:,}.", status=413)
    return parse_object(text)


def frame_id(received: dict[str, Any]) -> str:
    """The client's own id of what it sends: sent again with the same id, it counts once. Raises BadRequest."""
    value = optional_text(received.get("id"), "id")
    if not value:
        raise BadRequest("is missing.", key="id", remedy="Give every message an id of its own, such as a UUID.")
    return value


class Connection:
    """One client: frames wait in a queue of `limit` and leave in order. `push` never waits."""

    def __init__(self, outlet: Outlet, limit: int = QUEUE) -> None:
        self._outlet = outlet
        self._limit = limit
        self._waiting: deque[tuple[str, bool]] = deque()
        self._bell = asyncio.Event()
        self._over = asyncio.Event()
        self._farewell = (1000, "")

    def push(self, text: str, *, droppable: bool = False) -> None:
        """Queue a frame. When the queue is full the oldest droppable frame makes room; without one the client is cut off."""
        if self._over.is_set():
            return
        if len(self._waiting) >= self._limit and not self._make_room():
            if not droppable:
                self.end(TRY_AGAIN_LATER, "too slow: connect again")
            return
        self._waiting.append((text, droppable))
        self._bell.set()

    def _make_room(self) -> bool:
        for position, (_, droppable) in enumerate(self._waiting):
            if droppable:
                del self._waiting[position]
                return True
        return False

    def end(self, code: int, reason: str) -> None:
        """Cut the client off; what still waits is dropped."""
        if not self._over.is_set():
            self._farewell = (code, reason.encode()[:MAX_REASON].decode(errors="ignore"))
            self._waiting.clear()
            self._over.set()

    async def serve(self, read: Awaitable[None]) -> None:
        """Run `read` and the sending of queued frames until either ends, the client leaves or `end` is called."""
        tasks = [asyncio.ensure_future(work) for work in (read, self._write(), self._over.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._over.set()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):  # the client may be gone already
            async with asyncio.timeout(CLOSE_S):
                await self._outlet.close(*self._farewell)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | WebSocketDisconnected):
                raise result

    async def _write(self) -> None:
        while True:
            while self._waiting:
                await self._outlet.send_text(self._waiting.popleft()[0])
            self._bell.clear()
            await self._bell.wait()


@dataclass
class Hub:
    """Who is connected, and deliveries to them. One person may have several pages open."""

    confirm_s: float = CONFIRM_S
    _connections: dict[str, list[Connection]] = field(default_factory=dict)
    _unconfirmed: dict[tuple[str, str], asyncio.Future[None]] = field(default_factory=dict)

    def join(self, person: str, connection: Connection) -> None:
        """`connection` belongs to `person` from now on."""
        self._connections.setdefault(person, []).append(connection)

    def leave(self, person: str, connection: Connection) -> None:
        """`connection` is gone."""
        remaining = [other for other in self._connections.get(person, ()) if other is not connection]
        if remaining:
            self._connections[person] = remaining
        else:
            self._connections.pop(person, None)

    def connections(self, person: str) -> list[Connection]:
        """The pages that this person has open."""
        return list(self._connections.get(person, ()))

    def is_connected(self, person: str) -> bool:
        """Whether this person has a page open."""
        return person in self._connections

    def count(self) -> int:
        """How many people are connected."""
        return len(self._connections)

    def confirm(self, person: str, delivery_id: str) -> None:
        """`person` has the delivery."""
        future = self._unconfirmed.get((person, delivery_id))
        if future and not future.done():
            future.set_result(None)

    async def deliver(self, person: str, delivery_id: str, text: str) -> None:
        """Send a frame and wait until one of the person's clients has it. Raises ChannelUnavailable."""
        connections = self._connections.get(person, [])
        if not connections:
            raise ChannelUnavailable("the customer is not connected", retry_after=ABSENT_RETRY_S)
        slot = (person, delivery_id)
        future = self._unconfirmed.setdefault(slot, asyncio.get_running_loop().create_future())
        try:
            for connection in connections:
                connection.push(text)
            async with asyncio.timeout(self.confirm_s):
                await asyncio.shield(future)
        except TimeoutError:
            for connection in connections:
                connection.end(TRY_AGAIN_LATER, "a delivery was not confirmed: connect again")
            raise ChannelUnavailable("the client did not confirm", retry_after=ABSENT_RETRY_S) from None
        finally:
            if self._unconfirmed.get(slot) is future:
                del self._unconfirmed[slot]


@dataclass
class Allowance:
    """How much one client may say: `burst` messages at once, then one every `every_s` seconds."""

    burst: int
    every_s: float
    _left: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._left = float(self.burst)

    def take(self, now: float) -> float:
        """Use one message at `now` (seconds of any steady clock). Returns 0, or the seconds to wait for the next."""
        self._left = min(float(self.burst), self._left + max(0.0, now - self._at) / self.every_s)
        self._at = now
        if self._left < 1:
            return (1 - self._left) * self.every_s
        self._left -= 1
        return 0.0
