"""A TCP proxy that can lose the network between its two sides."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

# Bytes that are carried at once.
_PIECE = 64 * 1024


@dataclass(slots=True)
class Network:
    """What is between a service and a server. `lost` has nothing come through, without a word to either side."""

    host: str
    port: int
    _through: asyncio.Event = field(default_factory=asyncio.Event)
    _carrying: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._through.set()

    def lose(self) -> None:
        """From now on nothing comes through: what is sent is held, and no connection is refused or closed."""
        self._through.clear()

    def mend(self, *, cut: bool = True) -> None:
        """Everything comes through again. `cut`: connections of before are ended."""
        if cut:
            for task in self._carrying:
                task.cancel()
        self._through.set()

    def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, until either side ends it or it is cut."""
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def close(self) -> None:
        """End all connections."""
        tasks = list(self._carrying)
        self.mend()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _Closing(writer):
            await self._through.wait()
            try:
                beyond, back = await asyncio.open_connection(self.host, self.port)
            except OSError:
                return  # the server is away: so is this connection
            with _Closing(back):
                ways = [asyncio.create_task(self._pass(*way)) for way in ((reader, back), (beyond, writer))]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._through.wait()
                writer.write(piece)
                await writer.drain()


@dataclass(frozen=True, slots=True)
class _Closing:
    """Ends a connection at once."""

    writer: asyncio.StreamWriter

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def network_to(port: int) -> AsyncIterator[tuple[Network, int]]:
    """A network to a server of this machine, and the port at which it begins."""
    network = Network("127.0.0.1", port)
    server = await asyncio.start_server(network.carry, "127.0.0.1", 0)
    try:
        yield network, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await network.close()
        await server.wait_closed()
