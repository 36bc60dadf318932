"""The desk on fakes, against a Slack on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.fakes import FakeClock, FakeReceiver, MemoryStore
from bot.types import ConversationKey, Delivery, Exchange, HandOff, Language, Message, ToDesk
from channels.slack import client, desk
from channels.slack.client import SlackApi
from channels.slack.desk import SlackDesk
from tests.channels.slack.slack_api import APP_TOKEN, BOT_TOKEN, CHANNEL, FakeSlack
from tests.channels.telegram.conftest import until

KEY = ConversationKey("telegram", "", "77")
RECENT = (
    Exchange("Is P1001 waterproof?", "Yes, to 10,000 mm.", ("P1001",)),
    Exchange("Mine leaks <here> & I want a person", ""),
)
HAND_OFF = HandOff("Mine leaks", "Is P1001 waterproof?\nMine leaks <here> & I want a person", RECENT, Language.EN, "Ann Li")


# What a desk calls to catch up with what it missed.
HISTORY = "conversations.history"


@dataclass
class Slack:
    """The server, and what the desk under test works with. A new desk is a new process."""

    api: FakeSlack
    receiver: FakeReceiver = field(default_factory=FakeReceiver)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=FakeClock)
    opened: list[SlackApi] = field(default_factory=list)

    def client(self, bot_token: str = BOT_TOKEN, app_token: str = APP_TOKEN) -> SlackApi:
        self.opened.append(SlackApi(bot_token, app_token, self.api.url))
        return self.opened[-1]

    def desk(self, api: SlackApi | None = None, channel: str = CHANNEL) -> SlackDesk:
        return SlackDesk(
            api or self.client(), self.receiver, self.clock, channel=channel, bindings=self.store, photos=self.store
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SlackDesk]:
        """A desk that is connected and has caught up; at the end it is killed wherever it is."""
        api, connections, caught_up = self.client(), self.api.connections, self.api.calls.count(HISTORY)
        current = self.desk(api)
        task = asyncio.create_task(current.run())
        try:
            await until(lambda: self.api.connections > connections and self.api.calls.count(HISTORY) > caught_up)
            yield current
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await api.close()

    async def hand_off(self, key: ConversationKey = KEY) -> str:
        """Open a thread for a conversation; returns its ts."""
        await self.desk().send(Delivery(f"{key}/m1/1", key, ToDesk(handoff=HAND_OFF)))
        return str(self.api.roots()[-1]["ts"])

    @property
    def said(self) -> list[Message]:
        return list(self.receiver.messages.values())


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Slack]:
    monkeypatch.setattr(desk, "RETRY_S", 0.01)
    monkeypatch.setattr(client, "PING_S", 0.05)
    api = FakeSlack()
    async with api.serving():
        slack = Slack(api)
        yield slack
        await asyncio.gather(*(opened.close() for opened in slack.opened))
