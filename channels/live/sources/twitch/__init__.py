"""Rooms of Twitch, by its own EventSub over WebSocket and Helix. See docs/live-sources.md.

Spoken by the package `websockets`, as Bilibili is, and not by twitchio: of that we would use one socket and two calls, and
it would bring aiohttp, which the service itself does not need, and a bot framework with a loop and commands of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import Field, SecretStr

from bot.channel import SourceSettings
from bot.errors import BadSettings
from bot.live import LivePlatform, OpenPlatform
from bot.ports import Clock

_SECRETS = ("client_id", "client_secret", "refresh_token")


class TwitchSettings(SourceSettings):
    """An entry `source: twitch`. `broadcaster_id` is the number of the channel, `user_id` that of the account that writes.

    The environment has the application and a refresh token of that account, as STREAMDESK_SOURCE_NAME_CLIENT_ID,
    _CLIENT_SECRET and _REFRESH_TOKEN.
    """

    broadcaster_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    user_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    characters: Annotated[int, Field(ge=20, le=500)] = 200
    api_url: Annotated[str, Field(pattern=r"^https?://")] = "https://api.twitch.tv/helix"
    token_url: Annotated[str, Field(pattern=r"^https?://")] = "https://id.twitch.tv/oauth2/token"  # noqa: S105 - an address
    socket_url: Annotated[str, Field(pattern=r"^wss?://")] = "wss://eventsub.wss.twitch.tv/ws"
    client_id: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")


@asynccontextmanager
async def open_twitch(settings: TwitchSettings, clock: Clock) -> AsyncIterator[OpenPlatform]:
    """Raises BadSettings where a secret is missing: nothing is to be had without an account that agreed."""
    import httpx

    from channels.live.sources.oauth import Grant, Tokens
    from channels.live.sources.twitch.helix import Helix, TwitchOutlet
    from channels.live.sources.twitch.source import Twitch

    for field in _SECRETS:
        if not getattr(settings, field).get_secret_value():
            remedy = f"Set STREAMDESK_SOURCE_{settings.name.upper()}_{field.upper()}."
            raise BadSettings(f"{field} is missing.", where=f"live.sources: {settings.name}", remedy=remedy)
    grant = Grant(*(getattr(settings, field).get_secret_value() for field in _SECRETS))
    async with httpx.AsyncClient(timeout=10) as client:
        tokens = Tokens(client, settings.token_url, grant, clock)
        helix = Helix(client, settings.api_url, tokens, clock, broadcaster=settings.broadcaster_id, user=settings.user_id)
        yield OpenPlatform(Twitch(helix, settings.socket_url, settings.user_id, clock), TwitchOutlet(helix))


PLATFORM = LivePlatform("twitch", TwitchSettings, open_twitch)
