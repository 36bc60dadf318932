"""Rooms of Bilibili, by its open platform for live interaction. See docs/live-sources.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, SecretStr

from bot.channel import SourceSettings
from bot.errors import BadSettings
from bot.live import LivePlatform, OpenPlatform
from bot.ports import Clock


class BilibiliSettings(SourceSettings):
    """An entry `source: bilibili`. `app_id` is the project's number on the open platform.

    The environment has the developer's key and secret, and the streamer's identity code, as
    STREAMDESK_SOURCE_NAME_ACCESS_KEY_ID, _ACCESS_KEY_SECRET and _CODE.
    """

    app_id: Annotated[int, Field(gt=0)]
    api_url: Annotated[str, Field(pattern=r"^https?://")] = "https://live-open.biliapi.com"
    access_key_id: SecretStr = SecretStr("")
    access_key_secret: SecretStr = SecretStr("")
    code: SecretStr = SecretStr("")


@asynccontextmanager
async def open_bilibili(settings: BilibiliSettings, clock: Clock) -> AsyncIterator[OpenPlatform]:
    """Raises BadSettings where a secret is missing. The open platform takes no comments: there is no way out."""
    import httpx

    from channels.live.sources.bilibili.app import App, Credentials
    from channels.live.sources.bilibili.source import Bilibili

    for field in ("access_key_id", "access_key_secret", "code"):
        if not getattr(settings, field).get_secret_value():
            remedy = f"Set STREAMDESK_SOURCE_{settings.name.upper()}_{field.upper()}."
            raise BadSettings(f"{field} is missing.", where=f"live.sources: {settings.name}", remedy=remedy)
    keys = Credentials(settings.access_key_id.get_secret_value(), settings.access_key_secret.get_secret_value())
    async with httpx.AsyncClient(base_url=settings.api_url, timeout=10) as client:
        app = App(client, keys, settings.app_id, settings.code.get_secret_value(), clock)
        yield OpenPlatform(Bilibili(app, clock))


PLATFORM = LivePlatform("bilibili", BilibiliSettings, open_bilibili)
