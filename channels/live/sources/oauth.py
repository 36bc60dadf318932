"""Access tokens, which last for hours, from a refresh token that the merchant got once (RFC 6749, 6): Google, Twitch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx
import orjson

from bot.errors import ChannelUnavailable
from bot.ports import Clock

# So long before its end a token is used no more, in seconds.
EARLY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Grant:
    """Which application may act for whom. The refresh token is that of the account that reads and writes."""

    client_id: str
    client_secret: str
    refresh_token: str


class Tokens:
    """The access token of one grant, asked for at `url` when there is none or it ends. Kept in memory only."""

    def __init__(self, client: httpx.AsyncClient, url: str, grant: Grant, clock: Clock) -> None:
        self.client_id = grant.client_id
        self._client = client
        self._url = url
        self._secret = grant.client_secret
        self._refresh = grant.refresh_token
        self._clock = clock
        self._token = ""
        self._ends: datetime | None = None
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """A token that holds. Raises ChannelUnavailable, also where the grant was taken back: it may be given again."""
        async with self._turn:
            if not self._token or (self._ends is not None and self._clock.now() >= self._ends):
                await self._renew()
            return self._token

    def refused(self, token: str) -> None:
        """The platform did not take this token: the next one is a new one."""
        if token == self._token:
            self._token = ""

    async def _renew(self) -> None:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh,
            "client_id": self.client_id,
            "client_secret": self._secret,
        }
        try:
            answer = await self._client.post(self._url, data=fields)
            given = orjson.loads(answer.content)
            token, lasts = str(given["access_token"]), float(given.get("expires_in", 3600))
        except httpx.HTTPError as error:
            raise ChannelUnavailable(f"no token: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # the body may name the application, and is shown to nobody
            raise ChannelUnavailable(f"no token: {answer.status_code}; is the refresh token still good?") from error
        self._token = token
        self._ends = self._clock.now() + timedelta(seconds=max(0.0, lasts - EARLY_S))
        # Twitch may give another refresh token, and then only that one is good
        self._refresh = str(given.get("refresh_token") or self._refresh)
