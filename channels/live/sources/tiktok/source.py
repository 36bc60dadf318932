"""`LiveSource` of one TikTok room: a client of TikTokLive, listened to, and another one where that breaks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.errors import ChannelUnavailable
from bot.live import Health, Inlet
from bot.ports import Clock
from channels.live.sources.bringing import Breaks, Unreadable, bring
from channels.live.sources.tiktok.library import Library
from channels.live.sources.tiktok.reading import read

log = structlog.get_logger(__name__)

# Events that may wait for the room to take them; what comes beyond them is counted as failed.
WAITING: Final = 2_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. Waits are long, because each connection has to be signed, and few are signed for nothing.

    A line on which nothing at all comes for `stalled` is given up: a room that is on always says how many watch. Of what
    comes first, what was said more than `history` ago is left: nobody waits for it any more.
    """

    start: float = 60.0
    stalled: float = 90.0
    stop: float = 5.0
    first_wait: float = 5.0
    last_wait: float = 300.0
    history: float = 300.0


class Offline(ChannelUnavailable):
    """The streamer is not live."""


class TikTok:
    """One room. The platform numbers nothing; with a new line it sends the last few comments again, and no more.

    What was said meanwhile beyond those is gone, and how much that was nobody knows.
    """

    def __init__(self, library: Library, streamer: str, key: str, clock: Clock, *, pace: Pace | None = None) -> None:
        self.health = Health()
        self._library = library
        self._streamer = streamer
        self._key = key
        self._clock = clock
        self._pace = pace or Pace()
        self._breaks = Breaks("tiktok", self.health, self._pace.first_wait, self._pace.last_wait)

    async def run(self, inlet: Inlet) -> None:
        """Until cancelled."""
        while True:
            wait = 0.0
            try:
                await self._listen(inlet)
            except ChannelUnavailable as error:
                self._breaks.broke(str(error))
                wait = error.retry_after or 0.0
            except Exception as error:  # whatever a library of others raises for a page that TikTok changed
                self._breaks.broke(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
                wait = self._until_signed_again(error)
            await asyncio.sleep(max(wait, self._breaks.wait_s()))

    def _until_signed_again(self, error: Exception) -> float:
        """Seconds until addresses are signed again, where that is what the error says (SignatureRateLimitError)."""
        try:
            reset = float(error.reset_time)  # type: ignore[attr-defined]
        except Exception:  # it has none, or a broken one: the library reads it from a header only now
            return 0.0
        return min(self._pace.last_wait, max(0.0, reset - self._clock.now().timestamp()))

    async def _listen(self, inlet: Inlet) -> None:
        """One line, until it breaks. Raises ChannelUnavailable, and what the library raises."""
        kwargs = {"web_kwargs": {"signer_kwargs": {"sign_api_key": self._key}}} if self._key else {}
        client = self._library.client(self._streamer, **kwargs)
        heard = _Heard(self.health, self._clock)
        self._attend(client, heard)
        running: asyncio.Future[Any] | None = None
        taking = asyncio.create_task(self._take(heard, inlet))
        try:
            try:
                async with asyncio.timeout(self._pace.start):
                    # not `connect`: where that is cancelled it stops every task of the process
                    running = await client.start()
            except self._library.offline as error:
                raise Offline("the streamer is not live") from error
            except TimeoutError as error:
                raise ChannelUnavailable("TikTok does not answer") from error
            await self._watch(running, taking, heard)
        finally:
            await self._stop(client, running)
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    def _attend(self, client: Any, heard: _Heard) -> None:
        """Have the client call back. Its callbacks must not wait, and nothing may be raised in them.

        By `add_listener`: `on` with two arguments raises AttributeError in TikTokLive 7.0.1.
        """
        library = self._library
        for kind in library.events:
            client.add_listener(kind, lambda event, name=kind.__name__: heard.event(name, event))
        client.add_listener(library.anything, lambda event: heard.anything())
        client.add_listener(library.connected, lambda event: self.health.connected(self._clock.now()))
        client.add_listener(library.ended, lambda event: heard.end())

    async def _watch(self, running: asyncio.Future[Any], taking: asyncio.Future[Any], heard: _Heard) -> None:
        """Until the line is gone. Raises ChannelUnavailable, and what ended it."""
        while True:
            heard.something = False
            done, _ = await asyncio.wait({running, taking}, timeout=self._pace.stalled, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if not one.cancelled():  # else the library stopped by itself, which is no reason for us to
                    one.result()
            if done:
                raise Offline("the stream is over") if heard.ended else ChannelUnavailable("TikTok closed the line")
            if not heard.something:
                raise ChannelUnavailable("TikTok went silent: not even the number of viewers comes")
            self._breaks.held()

    async def _take(self, heard: _Heard, inlet: Inlet) -> None:
        """What was heard, in its order. What cannot be read is counted, and no reason to leave."""
        since = self._clock.now() - timedelta(seconds=self._pace.history)
        while True:
            kind, event = await heard.queue.get()
            try:
                found = read(kind, event, self._clock.now())
            except Unreadable as error:
                self.health.failed += 1
                log.warning("tiktok.unreadable", error=str(error)[:200])
                continue
            for one in found:
                if one.at >= since:
                    await bring(one, inlet)

    async def _stop(self, client: Any, running: asyncio.Future[Any] | None) -> None:
        """Close what the client opened. Not by its `close`: that stops every task of the process."""
        with suppress(Exception):
            async with asyncio.timeout(self._pace.stop):
                await client.disconnect()
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        with suppress(Exception):
            await client.web.close()


class _Heard:
    """What the client called back with, until the room takes it."""

    def __init__(self, health: Health, clock: Clock) -> None:
        self.queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(WAITING)
        self.something = False
        self.ended = False
        self._health = health

    def anything(self) -> None:
        self.something = True

    def end(self) -> None:
        self.ended = True

    def event(self, kind: str, event: Any) -> None:
        self.something = True
        try:
            self.queue.put_nowait((kind, event))
        except asyncio.QueueFull:
            self._health.failed += 1
