"""Slack's Web API and Socket Mode over slack-bolt, with our errors. The only module that loads slack_bolt and slack_sdk.

Bolt acknowledges an event after it was taken in: what raises is not acknowledged, and Slack tells it again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadSettings, ChannelUnavailable, StreamdeskError, Undeliverable
from channels.slack.reading import Thread
from channels.slack.rendering import HAND_BACK_ACTION, Post

log = structlog.get_logger(__name__)

BOT_TOKEN, APP_TOKEN = "STREAMDESK_SLACK_BOT_TOKEN", "STREAMDESK_SLACK_APP_TOKEN"
SCOPES = ("chat:write", "files:write", "users:read")
API_URL = "https://slack.com/api/"
# The name of our metadata on messages.
DELIVERY = "streamdesk_delivery"
# How long one call may take, and how often the connection is tested, in seconds.
CALL_S = 15
PING_S = 10
PAGE = 200
# Refusals of the message itself, which another attempt would meet again. All others are somebody's to mend, such as a bot
# that was put out of the channel: those deliveries wait.
_FINAL = {
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
}
# Where the first message of a thread is gone.
_NO_THREAD = {"thread_not_found", "message_not_found", "cannot_reply_to_message"}
_BAD_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
_BAD_CHANNEL = {"channel_not_found", "not_in_channel", "is_archived"}

# Takes what came in; raises Unavailable for what must come again.
Taker = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent's name as customers see it, and the language of their Slack, such as en-US."""

    name: str
    locale: str


class SlackApi:
    """One app in one workspace."""

    def __init__(self, bot_token: str, app_token: str, api_url: str = "") -> None:
        """`api_url` is another server than Slack's own. Raises BadSettings for tokens that cannot be such."""
        _check_shape(bot_token, "xoxb-", BOT_TOKEN, "the bot token (OAuth & Permissions)")
        _check_shape(app_token, "xapp-", APP_TOKEN, "the app-level token (Basic Information)")
        self._app_token = app_token
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_S))
        # Slack's client would repeat calls by itself, and with them what they say.
        self._web = AsyncWebClient(bot_token, base_url=api_url or API_URL, session=self._session, retry_handlers=[])
        self._socket: AsyncSocketModeHandler | None = None

    async def check(self, channel: str) -> None:
        """Look at tokens, scopes and channel. Raises BadSettings, or ChannelUnavailable when Slack does not answer."""
        with _mapped("auth.test", dict.fromkeys(_BAD_TOKEN, _refused_token(BOT_TOKEN))):
            answer = await self._web.auth_test()
        granted = str(answer.headers.get("x-oauth-scopes", "")).replace(" ", "")
        missing = [scope for scope in SCOPES if scope not in granted.split(",")]
        if granted and missing:  # a proxy may keep the header back
            raise _missing_scopes(", ".join(missing))
        with _mapped("apps.connections.open", dict.fromkeys({*_BAD_TOKEN, "missing_scope"}, _refused_token(APP_TOKEN))):
            await self._web.apps_connections_open(app_token=self._app_token)
        no_channel = BadSettings(
            f"channels.slack.channel = {channel!r}: the app is in no such channel.",
            remedy="Give the channel's id, such as C0123456789, and /invite the app there.",
        )
        mended = dict.fromkeys(_BAD_CHANNEL, no_channel)
        with _mapped("conversations.history", {**mended, "missing_scope": _missing_scopes("channels:history")}):
            await self._web.conversations_history(channel=channel, limit=1)

    # ------------------------------------------------------------ out

    async def post(self, channel: str, thread: Thread | None, post: Post, name: str) -> Thread:
        """Post a message that carries `name`. Returns the thread that it is in, or begins.

        Where the thread's first message is gone, Slack puts the new one into the channel, or refuses it and we do.
        Raises ChannelUnavailable or Undeliverable.
        """
        try:
            return await self._post(channel, thread, post, name)
        except _ThreadGone:
            return await self._post(channel, None, post, name)

    async def _post(self, channel: str, thread: Thread | None, post: Post, name: str) -> Thread:
        gone = dict.fromkeys(_NO_THREAD, _ThreadGone()) if thread else {}
        with _mapped("chat.postMessage", gone):
            answer = await self._web.chat_postMessage(
                channel=thread.channel if thread else channel,
                thread_ts=thread.ts if thread else None,
                text=post.notice,
                blocks=post.blocks,
                metadata={"event_type": DELIVERY, "event_payload": {"name": name}},
                unfurl_links=False,
                unfurl_media=False,
            )
        message = answer["message"]
        return Thread(answer["channel"], message.get("thread_ts") or answer["ts"])

    async def upload(self, thread: Thread, filename: str, data: bytes) -> None:
        """Put a file into a thread. Raises as `post`."""
        with _mapped("files.upload"):
            await self._web.files_upload_v2(channel=thread.channel, thread_ts=thread.ts, filename=filename, file=data)

    async def whisper(self, thread: Thread, user: str, text: str) -> None:
        """Tell one agent something in a thread that nobody else sees. Raises as `post`."""
        with _mapped("chat.postEphemeral"):
            await self._web.chat_postEphemeral(channel=thread.channel, thread_ts=thread.ts, user=user, text=text)

    # ------------------------------------------------------------ looking up

    async def agent(self, user: str) -> Agent:
        """Who a user is. Raises ChannelUnavailable, or Undeliverable for one whom Slack does not show us."""
        unknown = dict.fromkeys(("user_not_found", "user_not_visible", "missing_scope"), Undeliverable(f"no user {user}"))
        with _mapped("users.info", unknown):
            found = (await self._web.users_info(user=user, include_locale=True))["user"]
        profile = found.get("profile") or {}
        name = profile.get("real_name") or found.get("real_name") or profile.get("display_name") or found.get("name") or ""
        return Agent(str(name), str(found.get("locale") or ""))

    async def recent(self, channel: str, limit: int) -> list[dict[str, Any]]:
        """The latest messages of a channel outside threads, newest first, at most `limit`. Raises ChannelUnavailable."""
        found: list[dict[str, Any]] = []
        with _mapped("conversations.history"):
            pages = await self._web.conversations_history(channel=channel, limit=min(PAGE, limit), include_all_metadata=True)
            async for page in pages:
                found.extend(page["messages"])
                if len(found) >= limit:
                    break
        return found[:limit]

    async def replies(self, thread: Thread, oldest: float = 0) -> list[dict[str, Any]]:
        """The messages of a thread, oldest first: its first, and those from `oldest` on, in seconds since the epoch.

        Nothing where the thread is gone. Raises ChannelUnavailable.
        """
        found: list[dict[str, Any]] = []
        try:
            with _mapped("conversations.replies", dict.fromkeys(_NO_THREAD, _ThreadGone())):
                pages = await self._web.conversations_replies(
                    channel=thread.channel, ts=thread.ts, oldest=f"{oldest:.6f}", limit=PAGE, include_all_metadata=True
                )
                async for page in pages:
                    found.extend(page["messages"])
        except _ThreadGone:
            return []
        return found

    # ------------------------------------------------------------ in

    async def listen(self, on_message: Taker, on_press: Taker, on_connect: Callable[[], None]) -> None:
        """Connect, and take in what comes until `close`. `on_connect` is called at every new connection."""
        app = AsyncApp(
            client=AsyncWebClient(base_url=self._web.base_url),  # bolt has nothing to say by itself: it gets no token
            authorize=_authorised,
            process_before_response=True,
            ignoring_self_events_enabled=False,
            logger=logging.getLogger("slack_bolt"),
        )
        app.event("message")(_message_listener(on_message))
        app.action(HAND_BACK_ACTION)(_press_listener(on_press))
        app.error(_not_taken)
        self._socket = AsyncSocketModeHandler(app, self._app_token, web_client=self._web, ping_interval=PING_S)

        async def greeted(_client: object, message: dict[str, Any], _raw: str | None) -> None:
            if message.get("type") == "hello":
                on_connect()

        self._socket.client.message_listeners.append(greeted)
        await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close the connections."""
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        await self._session.close()


# ---------------------------------------------------------------- bolt's side


def _message_listener(take: Taker) -> Callable[..., Awaitable[None]]:
    async def listener(event: dict[str, Any]) -> None:
        await take(event)

    return listener


def _press_listener(take: Taker) -> Callable[..., Awaitable[None]]:
    async def listener(ack: Callable[[], Awaitable[object]], body: dict[str, Any]) -> None:
        await take(body)
        await ack()

    return listener


async def _authorised(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Socket Mode is authorised by its own token; bolt would ask Slack again, and drop the message if that failed."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _not_taken(error: Exception) -> None:
    """What could not be taken in is not acknowledged, so that Slack tells it again."""
    log.warning("slack.not_taken", error=str(error))


# ---------------------------------------------------------------- errors


class _ThreadGone(StreamdeskError):
    """The first message of a thread is not there any more."""


@contextmanager
def _mapped(method: str, named: Mapping[str, StreamdeskError] | None = None) -> Iterator[None]:
    """Slack's errors as ours. `named` are the errors for particular codes of Slack."""
    try:
        yield
    except SlackApiError as error:
        raise _ours(method, error.response, named or {}) from None
    # A proxy's page of plain text makes Slack's client fail on the attributes of an answer.
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, AttributeError) as error:
        raise ChannelUnavailable(f"Slack, {method}: {type(error).__name__}") from None


def _ours(method: str, answer: Any, named: Mapping[str, StreamdeskError]) -> StreamdeskError:
    data = getattr(answer, "data", None)
    refusal = str(data.get("error", "")) if isinstance(data, dict) else ""
    if refusal in named:
        return named[refusal]
    what = f"Slack, {method}: {refusal or 'no proper answer'}"
    if refusal in _FINAL:
        return Undeliverable(what)
    wait = str(answer.headers.get("Retry-After", ""))
    return ChannelUnavailable(what, retry_after=float(wait) if wait.isdecimal() else None)


def _check_shape(token: str, start: str, variable: str, which: str) -> None:
    if not token.startswith(start):
        raise BadSettings(f"this is not {which}.", where=variable, remedy=f"Copy it from api.slack.com/apps: {start}…")


def _refused_token(variable: str) -> BadSettings:
    remedy = "Copy a valid one from api.slack.com/apps; the app-level token needs the scope connections:write."
    return BadSettings("Slack does not accept this token.", where=variable, remedy=remedy)


def _missing_scopes(scopes: str) -> BadSettings:
    remedy = "Add it under OAuth & Permissions (see docs/slack.md) and install the app again."
    return BadSettings(f"the bot token lacks the scope {scopes}.", where=BOT_TOKEN, remedy=remedy)
