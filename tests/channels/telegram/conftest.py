"""The door of Telegram on fakes, against a Bot API server on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.fakes import FakeClock, FakeReceiver, MemoryStore
from bot.types import Message
from channels.telegram import door
from channels.telegram.door import TelegramDoor
from tests.channels.telegram.bot_api import TOKEN, FakeBotApi

PICTURES = {"pictures/P1001.png": b"\x89PNG picture of P1001"}


@dataclass
class Telegram:
    """The server, and what the door under test works with. A new door is a new process."""

    api: FakeBotApi
    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    doors: list[TelegramDoor] = field(default_factory=list)

    def door(self) -> TelegramDoor:
        self.doors.append(
            TelegramDoor(
                TOKEN,
                self.receiver,
                self.store,
                self.clock,
                api_url=self.api.url,
                public_url="https://shop.example",
                picture=PICTURES.get,
            )
        )
        return self.doors[-1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[TelegramDoor]:
        """A door whose loop runs; at the end it is killed wherever it is."""
        current = self.door()
        task = asyncio.create_task(current.run())
        try:
            yield current
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def messages(self) -> list[Message]:
        return list(self.receiver.messages.values())


async def until(happened: Callable[[], object], patience_s: float = 5) -> None:
    """Wait until something has happened."""
    async with asyncio.timeout(patience_s):
        while not happened():  # noqa: ASYNC110 - it happens in the door and in the server, which know no events
            await asyncio.sleep(0.005)


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Telegram]:
    monkeypatch.setattr(door, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(door, "LAST_RETRY_S", 0.02)
    monkeypatch.setattr(door, "PHOTO_RETRY_S", 0.001)
    monkeypatch.setattr(door, "ALBUM_S", 0.05)
    api = FakeBotApi()
    async with api.serving():
        telegram = Telegram(api)
        yield telegram
        await asyncio.gather(*(opened.aclose() for opened in telegram.doors))
