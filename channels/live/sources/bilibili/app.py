"""The calls of Bilibili's open platform: start, keep and end the interaction with one streamer's room, each signed.

The signature is HMAC-SHA256 over the `x-bili-` headers, sorted by name, one `name:value` a line, with the developer's
secret. Source: the open platform's documentation ("直播能力", 签名和公共参数).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from bot.errors import ChannelUnavailable
from bot.ports import Clock

# How often an interaction has to be kept, in seconds; it ends a minute after it was kept last.
KEEP_S: Final = 20.0


class Refused(ChannelUnavailable):
    """The platform answered, and said no: `code` is its number for why."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(f"Bilibili refused it with {code}: {message}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A developer's access key."""

    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """An interaction that was started: its id, and where and with what to connect."""

    id: str
    auth: str
    addresses: tuple[str, ...]


def sign(keys: Credentials, body: bytes, now_s: float, nonce: str) -> dict[str, str]:
    """The headers of a call with this body."""
    headers = {
        "x-bili-accesskeyid": keys.key_id,
        "x-bili-content-md5": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": nonce,
        "x-bili-signature-version": "1.0",
        "x-bili-timestamp": str(int(now_s)),
    }
    text = "\n".join(f"{name}:{headers[name]}" for name in sorted(headers))
    signature = hmac.new(keys.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    kind = {"accept": "application/json", "content-type": "application/json"}
    return {**headers, **kind, "authorization": signature}


class App:
    """The developer's project, for one streamer, whose identity code is `code`."""

    def __init__(self, client: httpx.AsyncClient, keys: Credentials, app_id: int, code: str, clock: Clock) -> None:
        self._client = client
        self._keys = keys
        self._app_id = app_id
        self._code = code
        self._clock = clock

    async def start(self) -> Interaction:
        """Begin. Raises ChannelUnavailable; Refused where the platform says no."""
        data = await self._call("/v2/app/start", {"code": self._code, "app_id": self._app_id})
        try:
            where = data["websocket_info"]
            return Interaction(
                str(data["game_info"]["game_id"]), str(where["auth_body"]), tuple(map(str, where["wss_link"]))
            )
        except (KeyError, TypeError) as error:
            raise ChannelUnavailable(f"Bilibili started it without {error}") from error

    async def keep(self, interaction: Interaction) -> None:
        """Keep it for another minute. Raises ChannelUnavailable; Refused where it is over."""
        await self._call("/v2/app/heartbeat", {"game_id": interaction.id})

    async def end(self, interaction: Interaction) -> None:
        """End it, so that it can be started again at once. Raises ChannelUnavailable."""
        await self._call("/v2/app/end", {"app_id": self._app_id, "game_id": interaction.id})

    async def _call(self, path: str, fields: Mapping[str, Any]) -> Any:
        body = orjson.dumps(fields)
        headers = sign(self._keys, body, self._clock.now().timestamp(), secrets.token_hex(16))
        try:
            response = await self._client.post(path, content=body, headers=headers)
            answer = orjson.loads(response.content)
            code = int(answer["code"])
        except httpx.HTTPError as error:
            raise ChannelUnavailable(f"Bilibili does not answer: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ChannelUnavailable(
                f"Bilibili answered {path} with {response.status_code} and no JSON of its own"
            ) from error
        if code != 0:
            raise Refused(code, str(answer.get("message", ""))[:200])
        return answer.get("data")
