"""A small Slack on this machine: what the desk needs of the Web API and Socket Mode, over real HTTP and WebSockets."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.local_server import serving

BOT_TOKEN, APP_TOKEN = "xoxb-test", "xapp-test"
CHANNEL = "C1"
STARTED = 1_767_614_400  # the fakes' EPOCH
USERS = {
    "U1": {"name": "mia", "locale": "en-US", "profile": {"display_name": "Mia", "real_name": "Mia Chen"}},
    "U2": {"name": "wei", "locale": "zh-CN", "profile": {"display_name": "", "real_name": "李伟"}},
}


@dataclass
class FakeSlack:
    """One channel with its threads. `refusals` answer the next calls of a method; `lost` answers are given to nobody."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    whispers: list[dict[str, Any]] = field(default_factory=list)
    refusals: dict[str, deque[web.Response]] = field(default_factory=lambda: defaultdict(deque))
    lost: deque[bool] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    scopes: str = "chat:write,files:write,users:read,channels:history"
    connections: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()
        self._sent: dict[str, dict[str, Any]] = {}
        self.acknowledged: set[str] = set()
        self._number = 0
        self._methods = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._open_connection,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "users.info": self._user,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "files.getUploadURLExternal": self._begin_upload,
            "files.completeUploadExternal": self._complete_upload,
        }

    # ------------------------------------------------------------ the agents' side

    async def say(self, text: str, thread: str | None, user: str = "U1", **parts: Any) -> str:
        """An agent writes; returns the message's ts."""
        message = {"type": "message", "channel": CHANNEL, "user": user, "text": text, "ts": self._ts(), **parts}
        if thread is not None:
            message["thread_ts"] = thread
        self.messages.append(message)
        await self.tell(message)
        return str(message["ts"])

    async def edit(self, ts: str, text: str, *, by_hand: bool = True) -> None:
        before = self.message(ts)
        after = {**before, "text": text, **({"edited": {"user": before["user"], "ts": self._ts()}} if by_hand else {})}
        self.messages[self.messages.index(before)] = after
        event = {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "ts": self._ts()}
        await self.tell({**event, "message": after, "previous_message": before})

    async def delete(self, ts: str) -> None:
        before = self.message(ts)
        self.messages.remove(before)
        event = {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "ts": self._ts(), "deleted_ts": ts}
        await self.tell({**event, "previous_message": before})

    async def press(self, ts: str, user: str = "U1") -> None:
        """An agent presses the button of a message."""
        message = self.message(ts)
        (button,) = [block["elements"][0] for block in message["blocks"] if block["type"] == "actions"]
        await self._envelope(
            "interactive",
            {
                "type": "block_actions",
                "api_app_id": "A1",
                "team": {"id": "T1", "domain": "shop"},
                "user": {"id": user, "name": "agent", "team_id": "T1"},
                "channel": {"id": CHANNEL, "name": "desk"},
                "message": message,
                "actions": [{"type": "button", "block_id": "b", "action_id": button["action_id"], "action_ts": self._ts()}],
            },
        )

    async def tell(self, event: dict[str, Any]) -> None:
        """Send an event to the app."""
        payload = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": self._ts(), "event": event}
        await self._envelope("events_api", payload)

    async def repeat(self, *, acknowledged: bool = False) -> None:
        """Send again what was not acknowledged, or everything."""
        for envelope in list(self._sent.values()):
            if acknowledged or envelope["envelope_id"] not in self.acknowledged:
                await self._send(envelope)

    @property
    def pending(self) -> int:
        """Envelopes that are not acknowledged."""
        return len(set(self._sent) - self.acknowledged)

    def message(self, ts: str) -> dict[str, Any]:
        return next(message for message in self.messages if message["ts"] == ts)

    def roots(self) -> list[dict[str, Any]]:
        return [message for message in self.messages if message.get("thread_ts", message["ts"]) == message["ts"]]

    def thread(self, ts: str) -> list[dict[str, Any]]:
        """What is in a thread beneath its first message."""
        return [message for message in self.messages if message.get("thread_ts") == ts]

    def refuse(self, method: str, error: str, status: int = 200, **headers: str) -> None:
        """Answer the next call of a method with this error."""
        body = {"ok": False, "error": error}
        self.refusals[method].append(web.json_response(body, status=status, headers=headers))

    async def hang_up(self) -> None:
        """End every connection, as Slack does now and then."""
        for socket in list(self._sockets):
            await socket.close()

    def _ts(self) -> str:
        self._number += 1
        return f"{STARTED}.{self._number:06}"

    async def _envelope(self, kind: str, payload: dict[str, Any]) -> None:
        name = f"e{len(self._sent)}"
        self._sent[name] = {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": False}
        await self._send(self._sent[name])

    async def _send(self, envelope: dict[str, Any]) -> None:
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):  # it was just closed: the envelope stays unacknowledged
                await socket.send_json(envelope)

    # ------------------------------------------------------------ the app's side

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._method)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link", self._link)
        async with serving(app) as self._address:
            self.url = f"http://{self._address}/api/"
            try:
                yield
            finally:
                await self.hang_up()

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        self.connections += 1
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for frame in socket:
            if frame.type is web.WSMsgType.TEXT:
                self.acknowledged.add(json.loads(frame.data)["envelope_id"])
        self._sockets.discard(socket)
        return socket

    async def _upload(self, request: web.Request) -> web.Response:
        name = request.match_info["file"]
        self.uploads[name] = (self.uploads[name][0], await request.read())
        return web.Response(text="OK")

    async def _method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        values: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            values |= await request.json()
        elif request.can_read_body:
            values |= {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(method)
        if self.refusals[method]:
            return self.refusals[method].popleft()
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            return _refused("invalid_auth")
        answer = self._methods[method](values)
        if method in ("chat.postMessage", "files.completeUploadExternal") and self.lost and self.lost.popleft():
            assert request.transport is not None
            request.transport.close()
        return answer

    def _auth_test(self, _: dict[str, Any]) -> web.Response:
        body = {"ok": True, "team_id": "T1", "user_id": "UB", "bot_id": "B1"}
        return web.json_response(body, headers={"x-oauth-scopes": self.scopes})

    def _open_connection(self, _: dict[str, Any]) -> web.Response:
        return _ok(url=f"ws://{self._address}/link")

    def _post_message(self, values: dict[str, Any]) -> web.Response:
        if values["channel"] != CHANNEL:
            return _refused("channel_not_found")
        message = {"type": "message", "user": "UB", "bot_id": "B1", "ts": self._ts(), **values}
        if "thread_ts" in message and not self._exists(message["thread_ts"]):
            del message["thread_ts"]  # a thread whose first message is gone: Slack posts into the channel
        self.messages.append(message)
        return _ok(channel=CHANNEL, ts=message["ts"], message=message)

    def _post_ephemeral(self, values: dict[str, Any]) -> web.Response:
        self.whispers.append(values)
        return _ok(message_ts=self._ts())

    def _user(self, values: dict[str, Any]) -> web.Response:
        user = USERS.get(values["user"])
        return _ok(user={"id": values["user"], **user}) if user else _refused("user_not_found")

    def _history(self, values: dict[str, Any]) -> web.Response:
        if values["channel"] != CHANNEL:
            return _refused("channel_not_found")
        return _page([self._seen(message, values) for message in reversed(self.roots())], values)

    def _replies(self, values: dict[str, Any]) -> web.Response:
        if not self._exists(values["ts"]):
            return _refused("thread_not_found")
        later = [reply for reply in self.thread(values["ts"]) if float(reply["ts"]) >= float(values.get("oldest", 0))]
        return _page([self._seen(message, values) for message in (self.message(values["ts"]), *later)], values)

    def _begin_upload(self, values: dict[str, Any]) -> web.Response:
        name = f"F{len(self.uploads)}"
        self.uploads[name] = (values["filename"], b"")
        return _ok(file_id=name, upload_url=f"http://{self._address}/upload/{name}")

    def _complete_upload(self, values: dict[str, Any]) -> web.Response:
        files = [{"id": file["id"], "name": self.uploads[file["id"]][0]} for file in json.loads(values["files"])]
        message = {"type": "message", "user": "UB", "bot_id": "B1", "ts": self._ts(), "text": "", "files": files}
        self.messages.append({**message, "channel": values["channel_id"], "thread_ts": values["thread_ts"]})
        return _ok(files=files)

    def _exists(self, ts: str) -> bool:
        return any(message["ts"] == ts for message in self.messages)

    def _seen(self, message: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """A message as the API shows it: with its thread, and with metadata only for who asks for them."""
        shown = {name: value for name, value in message.items() if name != "metadata" or "include_all_metadata" in values}
        replies = self.thread(message["ts"])
        return {**shown, "reply_count": len(replies), "latest_reply": replies[-1]["ts"]} if replies else shown


def _ok(**values: Any) -> web.Response:
    return web.json_response({"ok": True, **values})


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


def _page(found: list[dict[str, Any]], values: dict[str, Any]) -> web.Response:
    start, limit = int(values.get("cursor") or 0), int(values["limit"])
    after = str(start + limit) if start + limit < len(found) else ""
    return _ok(messages=found[start : start + limit], has_more=bool(after), response_metadata={"next_cursor": after})
