"""`LiveSource` of one Twitch channel: a socket of EventSub, what it is subscribed to, and another one where that breaks.

Source: dev.twitch.tv/docs/eventsub/handling-websocket-events. A welcome says the socket's id, for which everything has to be
subscribed within 10 s, and after how long a silence without even a keepalive the socket is dead. A reconnect message names
an address at which all subscriptions go on; the old socket still brings what comes until the new one has welcomed us.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.errors import ChannelUnavailable
from bot.live import Health, Inlet
from bot.ports import Clock
from channels.live.sources.bringing import Breaks, Unreadable, bring, described
from channels.live.sources.twitch.helix import CHAT, CHEER, TOPICS, Helix, Refused
from channels.live.sources.twitch.reading import read

log = structlog.get_logger(__name__)

# Notifications by whose ids a repeat is known: Twitch sends each at least once.
REMEMBERED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. `grace` is added to the silence that the welcome allows; `subscribe` is Twitch's own limit."""

    connect: float = 10.0
    subscribe: float = 10.0
    grace: float = 3.0
    close: float = 2.0
    first_wait: float = 1.0
    last_wait: float = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """An open socket that has welcomed us: its id, and after how many silent seconds it is dead."""

    socket: ClientConnection
    session: str
    silence_s: float


class Twitch:
    """One channel. Twitch numbers nothing and keeps nothing: what was said while we were away is gone, however much it was.

    `own` is the account that writes: what it says is no viewer's.
    """

    def __init__(self, helix: Helix, url: str, own: str, clock: Clock, *, pace: Pace | None = None) -> None:
        self.health = Health()
        self._helix = helix
        self._url = url
        self._own = own
        self._clock = clock
        self._pace = pace or Pace()
        self._breaks = Breaks("twitch", self.health, self._pace.first_wait, self._pace.last_wait)
        self._known: dict[str, None] = {}
        self._granted: set[str] = set()

    async def run(self, inlet: Inlet) -> None:
        """Until cancelled."""
        while True:
            wait = 0.0
            try:
                await self._listen(inlet)
            except ChannelUnavailable as error:
                wait = error.retry_after or 0.0
                self._breaks.broke(str(error))
            except (OSError, WebSocketException) as error:
                self._breaks.broke(described(error))
            await asyncio.sleep(max(wait, self._breaks.wait_s()))

    async def _listen(self, inlet: Inlet) -> None:
        """One session, over as many sockets as Twitch moves it to, until it breaks."""
        line = await self._open(self._url)
        try:
            await self._subscribe(line.session)
            self.health.connected(self._clock.now())
            while True:
                address = await self._read(line, inlet)
                line = await self._moved(line, address, inlet)
        finally:
            await line.socket.close()

    async def _open(self, address: str) -> Line:
        """A socket that has welcomed us. Raises OSError, WebSocketException, TimeoutError, ChannelUnavailable."""
        async with asyncio.timeout(self._pace.connect):
            # Twitch closes a socket on which we send anything but pongs, so no pings of ours: its keepalives are enough
            socket = await connect(
                address, open_timeout=self._pace.connect, ping_interval=None, close_timeout=self._pace.close, max_size=2**20
            )
            try:
                session = _parsed(await socket.recv())["payload"]["session"]
                return Line(socket, str(session["id"]), float(session["keepalive_timeout_seconds"]))
            except (Unreadable, KeyError, TypeError, ValueError) as error:
                await socket.close()
                raise ChannelUnavailable("Twitch did not welcome us") from error
            except BaseException:  # also where it takes too long: nobody else knows of this socket yet
                socket.transport.abort()
                raise

    async def _subscribe(self, session: str) -> None:
        """To the chat, and to what else the account agreed to. Raises ChannelUnavailable where there is no chat."""
        self._granted = set()
        async with asyncio.timeout(self._pace.subscribe):
            for topic in TOPICS:
                try:
                    await self._helix.subscribe(topic, session)
                except Refused as error:
                    if topic.name == CHAT or error.status not in {400, 401, 403}:
                        raise
                    log.info("twitch.not_granted", topic=topic.name, error=str(error))
                    continue
                self._granted.add(topic.name)

    async def _read(self, line: Line, inlet: Inlet) -> str:
        """Bring what comes. Returns the address to which Twitch moves us. Raises ChannelUnavailable; as the socket does."""
        while True:
            try:
                async with asyncio.timeout(line.silence_s + self._pace.grace):
                    data = await line.socket.recv()
            except TimeoutError as error:
                raise ChannelUnavailable("Twitch went silent, without even a keepalive") from error
            address = await self._take(data, inlet)
            if address:
                return address

    async def _moved(self, old: Line, address: str, inlet: Inlet) -> Line:
        """The new socket, once it has welcomed us; meanwhile the old one is read on, and then to its end."""
        draining = asyncio.create_task(self._drain(old, inlet))
        new = None
        try:
            new = await self._open(address)
            await old.socket.close()
            await draining
        except BaseException:
            draining.cancel()
            await asyncio.gather(draining, return_exceptions=True)
            if new is not None:
                new.socket.transport.abort()
            raise
        log.info("twitch.moved")
        return new

    async def _drain(self, line: Line, inlet: Inlet) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._take(await line.socket.recv(), inlet)

    async def _take(self, data: str | bytes, inlet: Inlet) -> str:
        """One message; unreadable ones are counted. Returns an address to move to, mostly "". Raises ChannelUnavailable."""
        self._breaks.held()
        try:
            message = _parsed(data)
            kind = message["metadata"]["message_type"]
            if kind == "session_reconnect":
                return str(message["payload"]["session"]["reconnect_url"])
            if kind == "revocation":
                self._revoked(message["payload"]["subscription"])
            elif kind == "notification":
                await self._notified(message, inlet)
        except (Unreadable, KeyError, TypeError) as error:
            self.health.failed += 1
            log.warning("twitch.unreadable", error=str(error)[:200])
        return ""

    async def _notified(self, message: Any, inlet: Inlet) -> None:
        """A repeat is known by the message's id. It is remembered once it is in the room. Raises Unreadable."""
        name = str(message["metadata"]["message_id"])
        if name in self._known:
            self.health.doubled += 1
            return
        for one in read(message, cheers=CHEER not in self._granted):
            if one.author != self._own:
                await bring(one, inlet)
        self._known[name] = None
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _revoked(self, subscription: Any) -> None:
        """Twitch sends this no more. Raises ChannelUnavailable where it is the chat: it is subscribed to again."""
        name, status = str(subscription["type"]), str(subscription["status"])
        log.warning("twitch.revoked", topic=name, status=status)
        self._granted.discard(name)
        if name == CHAT:
            raise ChannelUnavailable(f"Twitch took the chat away: {status}")


def _parsed(data: str | bytes) -> Any:
    """Raises Unreadable for what is no object in JSON."""
    try:
        message = orjson.loads(data)
    except ValueError as error:
        raise Unreadable("no JSON") from error
    if not isinstance(message, dict):
        raise Unreadable("no object")
    return message
