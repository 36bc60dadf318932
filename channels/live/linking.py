"""Joins the platforms of `live.sources` to their rooms: runs each source, and tells each outlet what waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from bot.backoff import backoff
from bot.channel import SourceSettings
from bot.errors import ChannelUnavailable, Unavailable, Undeliverable
from bot.live import LiveOutlet, LiveSource, OpenPlatform, PublicLine
from bot.ports import Clock
from channels.live.inlet import RoomInlet
from channels.live.intake import Intake
from channels.live.links import Link
from channels.live.outgoing import Outgoing
from channels.live.room import Room
from channels.live.rooms import Rooms

log = structlog.get_logger(__name__)

# How often is looked for lines to tell, in seconds.
TICK_S: Final = 0.2
# How long one line may take, in seconds.
TELL_S: Final = 30.0
# Waits before what failed is tried again, in seconds: doubling from the first to the last.
FIRST_WAIT_S: Final = 0.5
LAST_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Linker:
    """One entry of `live.sources` while the service runs."""

    settings: SourceSettings
    platform: OpenPlatform
    rooms: Rooms
    intake: Intake
    clock: Clock

    async def run(self) -> None:
        """Until cancelled, whatever goes wrong meanwhile: no platform may end the service."""
        room, settings, platform = await self._room(), self.settings, self.platform
        outgoing = _outgoing(settings) if platform.outlet is not None and settings.answers != "none" else None
        health = platform.source.health if platform.source is not None else None
        room.link(Link(settings.name, health, settings.silent_s, outgoing))
        async with asyncio.TaskGroup() as tasks:
            if platform.source is not None:
                inlet = RoomInlet(settings.name, room, self.intake, self.clock, platform.source.health)
                tasks.create_task(self._listen(platform.source, inlet))
            if platform.outlet is not None and outgoing is not None:
                tasks.create_task(self._tell(platform.outlet, outgoing, room))

    async def _room(self) -> Room:
        """The room, as soon as the database has it."""
        failures = 0
        while True:
            try:
                return await self.rooms.own(self.settings.room)
            except Unavailable as error:
                failures += 1
                log.warning("live.source_waits", source=self.settings.name, error=str(error))
                await asyncio.sleep(backoff(failures, FIRST_WAIT_S, LAST_WAIT_S))

    async def _listen(self, source: LiveSource, inlet: RoomInlet) -> None:
        failures = 0
        while True:
            failures += 1
            try:
                await source.run(inlet)
                source.health.broke("the source has ended")
            except Exception as error:  # a fault in one source must not silence the others
                log.exception("live.source_failed", source=self.settings.name)
                source.health.broke(f"{type(error).__name__}: {error}")
            await asyncio.sleep(backoff(failures, FIRST_WAIT_S, LAST_WAIT_S))

    async def _tell(self, outlet: LiveOutlet, outgoing: Outgoing, room: Room) -> None:
        """What waits, in its order: a line that could not be told is tried again before all others."""
        failures = 0
        while True:
            line = outgoing.next(self.clock.now())
            if line is None:
                await asyncio.sleep(TICK_S)
                continue
            try:
                told = await self._told(outlet, line)
            except ChannelUnavailable as error:
                failures += 1
                log.warning("live.outlet_away", source=self.settings.name, error=str(error))
                await asyncio.sleep(error.retry_after or backoff(failures, FIRST_WAIT_S, LAST_WAIT_S))
                continue
            failures = 0
            outgoing.done(line, self.clock.now(), told=told)
            room.touched = True

    async def _told(self, outlet: LiveOutlet, line: PublicLine) -> bool:
        """Whether it was told. False where it never will be. Raises ChannelUnavailable."""
        try:
            async with asyncio.timeout(TELL_S):
                await outlet.tell(line)
        except Undeliverable as error:
            log.warning("live.line_refused", source=self.settings.name, line=line.id, error=str(error))
            return False
        except ChannelUnavailable:
            raise
        except TimeoutError as error:
            raise ChannelUnavailable(f"no answer within {TELL_S:.0f} s") from error
        except Exception as error:  # a fault in one outlet must not end the service
            log.exception("live.outlet_failed", source=self.settings.name)
            raise ChannelUnavailable(f"{type(error).__name__}: {error}") from error
        return True


def _outgoing(settings: SourceSettings) -> Outgoing:
    return Outgoing(settings.name, settings.answers, settings.answers_a_minute, settings.characters)
