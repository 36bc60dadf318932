"""Chromium for the tests that look at pages: started once with each set of flags, not once a test.

Playwright speaks to a browser from the loop that started it, which is the session's: whoever uses `chromium` is marked
`asyncio(loop_scope="session")`. Nothing of a test is left to the next: its contexts, with their cookies, storage and pages,
are closed when it has gone.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

# Chromium as root, without anything that reaches beyond this machine.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


class Browsers:
    """The browsers that run, by their flags, and Playwright's driver, which starts with the first of them."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, ...], Browser] = {}
        self._closing = AsyncExitStack()
        self._playwright: Playwright | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def running(self, flags: tuple[str, ...]) -> Browser:
        """The one with these flags; started anew where it has died. Skips where Chromium is missing."""
        path = shutil.which("chromium") or shutil.which("google-chrome")
        if path is None:
            pytest.skip("Chromium is not installed here (Debian: apt-get install chromium)")
        if self._playwright is None:
            self._loop = asyncio.get_running_loop()
            self._playwright = await self._closing.enter_async_context(async_playwright())
        assert asyncio.get_running_loop() is self._loop, 'mark this test asyncio(loop_scope="session")'
        browser = self._running.get(flags)
        if browser is None or not browser.is_connected():
            browser = await self._playwright.chromium.launch(executable_path=path, args=flags)
            self._closing.push_async_callback(browser.close)
            self._running[flags] = browser
        return browser

    async def close(self) -> None:
        """End them all; by the loop that started them."""
        await self._closing.aclose()


BROWSERS = Browsers()


@asynccontextmanager
async def chromium(flags: tuple[str, ...] = QUIET) -> AsyncIterator[Browser]:
    """A browser for a while; what was opened in it meanwhile is closed in the end."""
    browser = await BROWSERS.running(flags)
    others = set(browser.contexts)
    try:
        yield browser
    finally:
        for context in set(browser.contexts) - others:
            await context.close()
