"""Telegram as a channel of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot.channel import Channel, OpenChannel, Section, ServiceParts


class TelegramSettings(Section):
    """The Telegram bot. `api_url` is another Bot API server than Telegram's own."""

    enabled: bool = False
    token: SecretStr = SecretStr("")
    api_url: str = ""


@asynccontextmanager
async def open_telegram(settings: TelegramSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The door, which waits for Telegram while it runs. Raises BadSettings for a token that cannot be one."""
    from channels.telegram.door import TelegramDoor
    from channels.telegram.pictures import folder_pictures

    door = TelegramDoor(
        settings.token.get_secret_value(),
        parts.receiver,
        parts.photos,
        parts.clock,
        api_url=settings.api_url,
        public_url=parts.public_url,
        picture=folder_pictures(parts.pictures),
    )
    try:
        yield OpenChannel({"telegram": door}, work=(door.run,))
    finally:
        await door.aclose()


CHANNEL = Channel("telegram", TelegramSettings, open_telegram, alone=True)
