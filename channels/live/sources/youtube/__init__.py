"""Live chats of YouTube, by Google's own Data API v3. See docs/live-sources.md."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, SecretStr

from bot.channel import SourceSettings
from bot.errors import BadSettings
from bot.live import LivePlatform, OpenPlatform
from bot.ports import Clock

_OAUTH = ("client_id", "client_secret", "refresh_token")


class YouTubeSettings(SourceSettings):
    """An entry `source: youtube`. `video` is the id of the stream, what stands behind `watch?v=`.

    `units_a_day` is the project's quota, which is made to last for `hours` of shows a day; `answers_share` of it is kept
    for what is told, where something can be. The environment has the project's key as STREAMDESK_SOURCE_NAME_API_KEY; who
    wants answers told there also sets _CLIENT_ID, _CLIENT_SECRET and _REFRESH_TOKEN of the account that tells them.
    """

    video: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{6,20}$")]
    characters: Annotated[int, Field(ge=20, le=200)] = 200
    units_a_day: Annotated[int, Field(ge=100, le=100_000_000)] = 10_000
    hours: Annotated[float, Field(gt=0, le=24)] = 3
    answers_share: Annotated[float, Field(ge=0, le=0.9)] = 0.3
    api_url: Annotated[str, Field(pattern=r"^https?://")] = "https://www.googleapis.com/youtube/v3"
    token_url: Annotated[str, Field(pattern=r"^https?://")] = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    api_key: SecretStr = SecretStr("")
    client_id: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")


@asynccontextmanager
async def open_youtube(settings: YouTubeSettings, clock: Clock) -> AsyncIterator[OpenPlatform]:
    """Raises BadSettings without the key, or with only a part of what telling needs. Without all of that nothing is told."""
    import httpx

    from channels.live.sources.oauth import Grant, Tokens
    from channels.live.sources.youtube.api import Api
    from channels.live.sources.youtube.outlet import YouTubeOutlet
    from channels.live.sources.youtube.quota import Quota
    from channels.live.sources.youtube.source import Chat, YouTube

    given = {field: getattr(settings, field).get_secret_value() for field in ("api_key", *_OAUTH)}
    telling = any(given[field] for field in _OAUTH)
    for field in ("api_key", *(_OAUTH if telling else ())):
        if not given[field]:
            remedy = f"Set STREAMDESK_SOURCE_{settings.name.upper()}_{field.upper()}."
            raise BadSettings(f"{field} is missing.", where=f"live.sources: {settings.name}", remedy=remedy)
    telling = telling and settings.answers != "none"
    quota = Quota(clock, settings.units_a_day, settings.hours, settings.answers_share if telling else 0)
    async with httpx.AsyncClient(timeout=10) as client:
        grant = Grant(*(given[field] for field in _OAUTH))
        tokens = Tokens(client, settings.token_url, grant, clock) if telling else None
        api = Api(client, settings.api_url, given["api_key"], tokens, quota)
        chat = Chat()
        outlet = YouTubeOutlet(api, chat, quota) if telling else None
        yield OpenPlatform(YouTube(api, settings.video, chat, quota=quota, clock=clock), outlet)


PLATFORM = LivePlatform("youtube", YouTubeSettings, open_youtube)
