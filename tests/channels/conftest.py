"""Browsers that outlive a test end with the run."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.channels.browsers import BROWSERS


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def browsers() -> AsyncIterator[None]:
    """Those that a test has started are closed when the last has run."""
    yield
    await BROWSERS.close()
