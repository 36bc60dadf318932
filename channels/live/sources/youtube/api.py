"""The calls of YouTube's Data API v3 that a live chat needs, and what its refusals mean.

Sources: developers.google.com/youtube/v3/live/docs/liveChatMessages (list, insert: forms, errors, 5 and 20 units),
/youtube/v3/docs/videos (`liveStreamingDetails.activeLiveChatId`), /youtube/v3/docs/errors. A refusal is
`{"error": {"code", "message", "errors": [{"domain", "reason", "message"}]}}`, of which `reason` says what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from bot.errors import ChannelUnavailable
from channels.live.sources.oauth import Tokens
from channels.live.sources.youtube.quota import LIST_COST, LOOK_COST, Quota

# The day's quota is spent, and calls come too fast.
_SPENT: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
# A chat that is no more, or not for anybody.
_OVER: Final = frozenset({"liveChatEnded", "liveChatNotFound", "liveChatDisabled"})
# How long to leave it alone where it comes too fast, in seconds; Google names no time.
_SLOWER_S: Final = 20.0
# Messages of one page, the most there are.
_MOST: Final = 2000


class Refused(ChannelUnavailable):
    """Google answered, and said no: `status` of HTTP, `reason` in its words."""

    def __init__(self, status: int, reason: str, message: str, retry_after: float | None = None) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"YouTube refused it with {status} {reason}: {message}", retry_after=retry_after)


class QuotaSpent(Refused):
    """The day's units are spent."""


class ChatOver(ChannelUnavailable):
    """The stream has no chat now: not yet, not any more, or switched off."""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first, where to go on, how long to wait before that (seconds), and whether the stream is over."""

    items: tuple[Any, ...]
    token: str
    wait_s: float
    over: bool


class Api:
    """One project's access: its key for reading, and tokens of the account that tells, where one does."""

    def __init__(self, client: httpx.AsyncClient, url: str, key: str, tokens: Tokens | None, quota: Quota) -> None:
        self._client = client
        self._url = url
        self._key = key
        self._tokens = tokens
        self._quota = quota

    async def chat_of(self, video: str) -> str:
        """The id of a stream's live chat. Raises ChatOver where there is none now; ChannelUnavailable."""
        self._quota.read(LOOK_COST)
        answer = await self._call("GET", "/videos", {"part": "liveStreamingDetails", "id": video})
        items = answer.get("items") or []
        details = items[0].get("liveStreamingDetails") if items and isinstance(items[0], dict) else None
        if not items:
            raise ChatOver(f"there is no video {video!r} that may be seen")
        if not isinstance(details, dict) or not details.get("activeLiveChatId"):
            raise ChatOver("the stream has no live chat now")
        return str(details["activeLiveChatId"])

    async def messages(self, chat: str, token: str) -> Page:
        """What was said since `token`; without one, what the platform still has. Raises ChatOver; ChannelUnavailable."""
        self._quota.read(LIST_COST)
        asked = {"part": "id,snippet,authorDetails", "liveChatId": chat, "maxResults": str(_MOST)}
        answer = await self._call("GET", "/liveChat/messages", {**asked, "pageToken": token} if token else asked)
        items = answer.get("items")
        try:
            wait_s = float(answer.get("pollingIntervalMillis") or 0) / 1000
        except (TypeError, ValueError):
            wait_s = 0.0
        following = str(answer.get("nextPageToken") or token)
        return Page(tuple(items) if isinstance(items, list) else (), following, wait_s, bool(answer.get("offlineAt")))

    async def insert(self, chat: str, text: str) -> None:
        """Say it as the account of the tokens. Raises Refused; ChatOver; ChannelUnavailable where nobody knows."""
        self._quota.answered()
        said = {"liveChatId": chat, "type": "textMessageEvent", "textMessageDetails": {"messageText": text}}
        await self._call("POST", "/liveChat/messages", {"part": "snippet"}, {"snippet": said}, by_account=True)

    async def own_channel(self) -> str:
        """The channel of the account that tells: what it says is no viewer's. Empty where none tells."""
        if self._tokens is None:
            return ""
        self._quota.read(LOOK_COST)
        answer = await self._call("GET", "/channels", {"part": "id", "mine": "true"}, by_account=True)
        items = answer.get("items") or []
        return str(items[0].get("id", "")) if items and isinstance(items[0], dict) else ""

    async def _call(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        body: Any = None,
        *,
        by_account: bool = False,
    ) -> dict[str, Any]:
        """The answer as an object. A token that is refused is renewed once. Raises ChannelUnavailable."""
        for last in (False, True):
            # the key goes in a header: an address may be logged
            token = await self._tokens.token() if by_account and self._tokens is not None else ""
            headers = {"Authorization": f"Bearer {token}"} if token else {"X-Goog-Api-Key": self._key}
            content = orjson.dumps(body) if body is not None else None
            if content is not None:
                headers["Content-Type"] = "application/json"
            try:
                answer = await self._client.request(
                    method, self._url + path, params=dict(parameters), content=content, headers=headers
                )
            except httpx.HTTPError as error:
                raise ChannelUnavailable(f"YouTube does not answer: {type(error).__name__}") from error
            if answer.status_code == httpx.codes.UNAUTHORIZED and token and not last and self._tokens is not None:
                self._tokens.refused(token)
                continue
            break
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            said = orjson.loads(answer.content)
        except ValueError as error:
            raise ChannelUnavailable(f"YouTube answered with {answer.status_code} and no JSON") from error
        if answer.is_success and isinstance(said, dict):
            return said
        raise self._refusal(answer.status_code, said)

    def _refusal(self, status: int, said: Any) -> ChannelUnavailable:
        error = said.get("error") if isinstance(said, dict) else None
        error = error if isinstance(error, dict) else {}
        first = next((one for one in error.get("errors") or () if isinstance(one, dict)), {})
        reason, message = str(first.get("reason", "")), str(error.get("message", ""))[:200]
        if reason in _SPENT:
            self._quota.exhausted()
            return QuotaSpent(status, reason, message)
        if reason in _OVER:
            return ChatOver(f"the chat is over: {reason}")
        slower = reason in _TOO_FAST or status == httpx.codes.TOO_MANY_REQUESTS
        return Refused(status, reason, message, _SLOWER_S if slower else None)
