"""A small server of a test's own, on a free port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

# Seconds in which connections that were just accepted get their protocol.
_SETTLED = 0.01


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application; gives its address, like "127.0.0.1:37075".

    It does not stop in the moment in which a connection comes in: asyncio of Python 3.11 leaves the socket of such a one
    open, and warns of it in whatever test runs next.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await asyncio.sleep(_SETTLED)
        await runner.cleanup()
