"""`LiveSource` of one Bilibili room: starts the interaction, keeps it, listens, and begins again where that breaks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bot.errors import ChannelUnavailable
from bot.live import Health, Inlet
from bot.ports import Clock
from channels.live.sources.bilibili.app import KEEP_S, App, Interaction, Refused
from channels.live.sources.bilibili.frames import BadFrame, Operation, Packet, packed, packets
from channels.live.sources.bilibili.reading import ENDED, read
from channels.live.sources.bringing import Breaks, Unreadable, bring, described

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. A line on which not even a heartbeat is answered for `stalled` is given up."""

    heartbeat: float = 20.0
    stalled: float = 45.0
    keep: float = KEEP_S
    connect: float = 10.0
    first_wait: float = 1.0
    last_wait: float = 60.0


class InteractionOver(ChannelUnavailable):
    """The interaction has ended: connecting again needs another one."""


class Bilibili:
    """One room. Bilibili numbers nothing and sends nothing again: what was said while we were away is not known."""

    def __init__(self, app: App, clock: Clock, pace: Pace | None = None) -> None:
        self.health = Health()
        self._app = app
        self._clock = clock
        self._pace = pace or Pace()
        self._breaks = Breaks("bilibili", self.health, self._pace.first_wait, self._pace.last_wait)

    async def run(self, inlet: Inlet) -> None:
        """Until cancelled; then the interaction is ended."""
        while True:
            try:
                await self._interact(inlet)
            except ChannelUnavailable as error:
                await self._wait(str(error))

    async def _interact(self, inlet: Inlet) -> None:
        """One interaction. A line that breaks is opened again in it, at the next address. Raises ChannelUnavailable."""
        interaction = await self._app.start()
        keeping = asyncio.create_task(self._keep(interaction))
        listening = asyncio.create_task(self._listen_on(interaction, inlet))
        try:
            await asyncio.wait({keeping, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            keeping.cancel()
            listening.cancel()
            results = await asyncio.gather(keeping, listening, return_exceptions=True)
            await self._end(interaction)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _listen_on(self, interaction: Interaction, inlet: Inlet) -> None:
        """Raises InteractionOver where there is no use in another line."""
        if not interaction.addresses:
            raise InteractionOver("Bilibili gave no address to connect to")
        for attempt in count():
            address = interaction.addresses[attempt % len(interaction.addresses)]
            try:
                await self._listen(address, interaction.auth, inlet)
            except InteractionOver:
                raise
            except (OSError, WebSocketException, TimeoutError, BadFrame, ChannelUnavailable) as error:
                await self._wait(described(error))

    async def _listen(self, address: str, auth: str, inlet: Inlet) -> None:
        """One line, until it breaks."""
        async with connect(address, open_timeout=self._pace.connect, ping_interval=None, max_size=2**22) as line:
            await line.send(packed(Operation.AUTH, auth.encode()))
            async with asyncio.timeout(self._pace.connect):
                _check_welcome(await self._receive(line))
            self.health.connected(self._clock.now())
            beating = asyncio.create_task(self._beat(line))
            try:
                while True:
                    async with asyncio.timeout(self._pace.stalled):
                        received = await self._receive(line)
                    for packet in received:
                        await self._take(packet, inlet)
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)

    async def _receive(self, line: ClientConnection) -> list[Packet]:
        data = await line.recv()
        if isinstance(data, str):
            raise BadFrame("a text frame")
        return list(packets(data))

    async def _take(self, packet: Packet, inlet: Inlet) -> None:
        """What cannot be read is counted, and no reason to leave."""
        if packet.operation != Operation.MESSAGE:
            return
        self._breaks.held()
        try:
            message = packet.json()
            found = read(message)
        except (BadFrame, Unreadable) as error:
            self.health.failed += 1
            log.warning("bilibili.unreadable", error=str(error)[:200])
            return
        if message.get("cmd") == ENDED:
            raise InteractionOver("Bilibili has ended the interaction")
        for one in found:
            await bring(one, inlet)

    async def _beat(self, line: ClientConnection) -> None:
        while True:
            await line.send(packed(Operation.HEARTBEAT))
            await asyncio.sleep(self._pace.heartbeat)

    async def _keep(self, interaction: Interaction) -> None:
        """Keep the interaction. Raises Refused where it is over; what goes wrong otherwise is tried again."""
        while True:
            await asyncio.sleep(self._pace.keep)
            try:
                await self._app.keep(interaction)
            except Refused:
                raise
            except ChannelUnavailable as error:
                log.warning("bilibili.not_kept", error=str(error))

    async def _end(self, interaction: Interaction) -> None:
        try:
            await self._app.end(interaction)
        except ChannelUnavailable as error:
            log.info("bilibili.not_ended", error=str(error))

    async def _wait(self, error: str) -> None:
        self._breaks.broke(error)
        await asyncio.sleep(self._breaks.wait_s())


def _check_welcome(received: list[Packet]) -> None:
    """Raises InteractionOver where the platform does not let us in: what it gave us for that holds no longer."""
    for packet in received:
        if packet.operation == Operation.AUTH_REPLY:
            answer = packet.json()
            if isinstance(answer, dict) and answer.get("code", 0) == 0:
                return
            raise InteractionOver(f"Bilibili does not let us in: {str(answer)[:100]}")
    raise BadFrame("the first answer is none to who we are")
