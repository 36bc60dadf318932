"""The calls of Twitch's Helix API that a room needs: subscriptions for a socket, and lines into the chat.

Sources: dev.twitch.tv/docs/api/reference (Create EventSub Subscription, Send Chat Message),
dev.twitch.tv/docs/eventsub/eventsub-subscription-types (versions, conditions, scopes), dev.twitch.tv/docs/api/guide (rate
limits: `Ratelimit-Reset` is the second since 1970 at which there are points again).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from bot.errors import ChannelUnavailable, Undeliverable
from bot.live import PublicLine
from bot.ports import Clock
from channels.live.sources.oauth import Tokens

# The longest line of a chat, in characters.
LONGEST: Final = 500
CHAT: Final = "channel.chat.message"
CHEER: Final = "channel.cheer"
# A line that is dropped for these reasons may be taken later; the same words within 30 s stand there already. Helix names
# no list of its codes: `msg_duplicate`, `msg_rejected`, `channel_settings` are known, and these are the chat's own of old.
_LATER: Final = frozenset({"msg_ratelimit", "msg_slowmode"})
_THERE: Final = frozenset({"msg_duplicate"})
# How long to leave a chat alone that takes no more for now, in seconds.
_SLOWER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Topic:
    """What can be subscribed to: its name and version, and which fields of its condition are the account's own number."""

    name: str
    version: str = "1"
    account: tuple[str, ...] = ()


# What a room is about; the chat first, without which there is no use in the others.
TOPICS: Final = (
    Topic(CHAT, account=("user_id",)),
    Topic("channel.follow", "2", ("moderator_user_id",)),
    Topic("channel.subscribe"),
    Topic("channel.subscription.gift"),
    Topic("channel.subscription.message"),
    Topic(CHEER),
)


class Refused(ChannelUnavailable):
    """Twitch answered, and said no with this status of HTTP."""

    def __init__(self, status: int, message: str, retry_after: float | None = None) -> None:
        self.status = status
        super().__init__(f"Twitch refused it with {status}: {message}", retry_after=retry_after)


class Helix:
    """Calls as one account, `user`, about one channel, `broadcaster`; both by their numbers."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, tokens: Tokens, clock: Clock, *, broadcaster: str, user: str
    ) -> None:
        self._client = client
        self._url = url
        self._tokens = tokens
        self._clock = clock
        self._broadcaster = broadcaster
        self._user = user

    async def subscribe(self, topic: Topic, session: str) -> None:
        """Have it sent to a socket. Raises Refused, 403 where the account did not agree to it; ChannelUnavailable."""
        condition = {"broadcaster_user_id": self._broadcaster, **dict.fromkeys(topic.account, self._user)}
        transport = {"method": "websocket", "session_id": session}
        body = {"type": topic.name, "version": topic.version, "condition": condition, "transport": transport}
        try:
            await self._post("/eventsub/subscriptions", body)
        except Refused as error:
            if error.status != httpx.codes.CONFLICT:  # it is there already: an answer of before was lost
                raise

    async def say(self, text: str) -> tuple[bool, str, str]:
        """Write it into the chat: whether it was sent, and else Twitch's code and words for why. Raises as `subscribe`."""
        answer = await self._post(
            "/chat/messages", {"broadcaster_id": self._broadcaster, "sender_id": self._user, "message": text}
        )
        try:
            sent = answer["data"][0]
            reason = sent.get("drop_reason") or {}
            return bool(sent["is_sent"]), str(reason.get("code", "")), str(reason.get("message", ""))[:200]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ChannelUnavailable("Twitch does not say whether it was sent") from error

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer as an object. A token that is refused is renewed once. Raises Refused; ChannelUnavailable."""
        answer = await self._sent(path, body)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            answer = await self._sent(path, body)
        try:
            said = orjson.loads(answer.content)
        except ValueError:
            said = None
        if answer.is_success and isinstance(said, dict):
            return said
        message = str(said.get("message", "")) if isinstance(said, dict) else "no JSON"
        raise Refused(answer.status_code, message[:200], self._wait(answer))

    async def _sent(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        token = await self._tokens.token()
        headers = {
            "Authorization": f"Bearer {token}",
            "Client-Id": self._tokens.client_id,
            "Content-Type": "application/json",
        }
        try:
            answer = await self._client.post(self._url + path, content=orjson.dumps(body), headers=headers)
        except httpx.HTTPError as error:
            raise ChannelUnavailable(f"Twitch does not answer: {type(error).__name__}") from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.refused(token)
        return answer

    def _wait(self, answer: httpx.Response) -> float | None:
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return None
        reset = answer.headers.get("ratelimit-reset", "")
        wait = float(reset) - self._clock.now().timestamp() if reset.isdigit() else _SLOWER_S
        return min(60.0, max(1.0, wait))


class TwitchOutlet:
    """`LiveOutlet` of one channel. Twitch knows no id of ours, but drops the same words that come again within 30 s."""

    def __init__(self, helix: Helix) -> None:
        self._helix = helix

    async def tell(self, line: PublicLine) -> None:
        """Say it. What Twitch dropped as said already counts as told. Raises ChannelUnavailable or Undeliverable."""
        try:
            sent, code, why = await self._helix.say(line.text[:LONGEST])
        except Refused as error:
            again = error.status in {httpx.codes.UNAUTHORIZED, httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
            if again or httpx.codes.is_server_error(error.status):
                raise
            raise Undeliverable(str(error)) from error
        if sent or code in _THERE:
            return
        if code in _LATER:
            raise ChannelUnavailable(f"Twitch dropped it: {code}: {why}", retry_after=_SLOWER_S)
        raise Undeliverable(f"Twitch dropped it: {code}: {why}")
