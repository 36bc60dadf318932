"""Rooms of TikTok, by the package TikTokLive where the merchant installs it. See docs/live-sources.md.

TikTok has no API of its own for comments. TikTokLive reads what a web page reads; its licence, a modified AGPL-3, is not
ours, so that it is no dependency and nothing of it is loaded before an entry `source: tiktok` is opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, SecretStr

from bot.channel import SourceSettings
from bot.live import LivePlatform, OpenPlatform
from bot.ports import Clock


class TikTokSettings(SourceSettings):
    """An entry `source: tiktok`. `unique_id` is the streamer's name, what stands behind the @.

    The environment may have a key of the service that signs addresses for TikTokLive, as STREAMDESK_SOURCE_NAME_SIGN_KEY.
    """

    unique_id: Annotated[str, Field(pattern=r"^@?[A-Za-z0-9_.]{2,24}$")]
    sign_key: SecretStr = SecretStr("")


@asynccontextmanager
async def open_tiktok(settings: TikTokSettings, clock: Clock) -> AsyncIterator[OpenPlatform]:
    """Raises BadSettings where TikTokLive is not installed. Nothing can be told there: see docs/live-sources.md."""
    from channels.live.sources.tiktok.library import loaded
    from channels.live.sources.tiktok.source import TikTok

    library = loaded(settings.name)
    yield OpenPlatform(TikTok(library, settings.unique_id.removeprefix("@"), settings.sign_key.get_secret_value(), clock))


PLATFORM = LivePlatform("tiktok", TikTokSettings, open_tiktok)
