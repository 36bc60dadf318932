"""Chromium for the tests that look at pages."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright, expect

# Chromium as root, without anything that reaches beyond this machine.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip

# Two workers and a browser share two cores: what takes one second alone may take ten.
expect.set_options(timeout=15_000)


@asynccontextmanager
async def chromium(flags: tuple[str, ...] = QUIET) -> AsyncIterator[Browser]:
    """A browser for a while. Skips where Chromium is missing."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed here (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            await browser.close()
