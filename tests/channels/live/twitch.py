"""Twitch's side: messages of EventSub in their own form, and a server that moves, revokes, goes silent and drops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.channels.telegram.conftest import until
from tests.local_server import serving

AT = "2026-01-05T12:00:00.123456789Z"
_ids = count(1)


def envelope(kind: str, payload: Any, name: str = "", **metadata: str) -> dict[str, Any]:
    about = {"message_id": name or f"e-{next(_ids)}", "message_type": kind, "message_timestamp": AT, **metadata}
    return {"metadata": about, "payload": payload}


def session(kind: str, name: str, **more: Any) -> dict[str, Any]:
    about = {"id": name, "status": "connected", "connected_at": AT, "keepalive_timeout_seconds": 1, "reconnect_url": None}
    return envelope(f"session_{kind}", {"session": {**about, **more}})


def notification(topic: str, event: Mapping[str, Any], name: str = "", version: str = "1") -> dict[str, Any]:
    about = {
        "id": "s-1",
        "type": topic,
        "version": version,
        "status": "enabled",
        "cost": 0,
        "condition": {"broadcaster_user_id": "1"},
        "transport": {"method": "websocket", "session_id": "session-1"},
        "created_at": AT,
    }
    whole = {"broadcaster_user_id": "1", "broadcaster_user_login": "shop", "broadcaster_user_name": "Shop", **event}
    payload = {"subscription": about, "event": whole}
    return envelope("notification", payload, name, subscription_type=topic, subscription_version=version)


def said(name: str, text: str, author: str = "42", **more: Any) -> dict[str, Any]:
    event = {
        "chatter_user_id": author,
        "chatter_user_login": "ann",
        "chatter_user_name": "Ann",
        "message_id": name,
        "message": {"text": text, "fragments": [{"type": "text", "text": text, "cheermote": None, "emote": None}]},
        "color": "#00FF7F",
        "badges": [],
        "message_type": "text",
        "cheer": None,
        "reply": None,
        "channel_points_custom_reward_id": None,
        "source_broadcaster_user_id": None,
        "source_message_id": None,
        **more,
    }
    return notification("channel.chat.message", event, f"e-{name}")


Script = Callable[["Platform", web.WebSocketResponse], Awaitable[None]]


@dataclass
class Platform:
    """Each socket goes as the next of `scripts` says; after the last they stay open with keepalives."""

    scripts: list[Script] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    lines: list[tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    subscribed: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    bearers: list[str] = field(default_factory=list)
    renewed: int = 0
    sockets: int = 0
    moved: int = 0
    inbound: int = 0
    address: str = ""

    async def subscribe(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        assert request.headers["Client-Id"] == "the client"
        self.bearers.append(request.headers["Authorization"])
        status = self.refused.get(body["type"], 202)
        if status != 202:
            return web.json_response({"error": "no", "status": status, "message": "not authorized"}, status=status)
        self.subscribed.append(body)
        return web.json_response({"data": [{"id": "s-1", "status": "enabled", **body}], "total": 1}, status=202)

    async def say(self, request: web.Request) -> web.Response:
        self.bearers.append(request.headers["Authorization"])
        body = json.loads(await request.read())
        if self.lines:
            status, answer, headers = self.lines.pop(0)
            return web.json_response(answer, status=status, headers=headers)
        self.told.append(body)
        return web.json_response({"data": [{"message_id": "m-1", "is_sent": True, "drop_reason": None}]})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["grant_type"] == "refresh_token" and form["refresh_token"] == f"refresh-{self.renewed}"
        self.renewed += 1
        given = {"access_token": f"token-{self.renewed}", "refresh_token": f"refresh-{self.renewed}", "expires_in": 14124}
        return web.json_response({**given, "scope": ["user:read:chat"], "token_type": "bearer"})

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets += 1
        self.moved += "moved" in request.query
        reading = asyncio.create_task(self._read(socket))
        try:
            if self.scripts:
                await self.scripts.pop(0)(self, socket)
            else:
                await socket.send_json(session("welcome", f"session-{self.sockets}"))
                await keep(self, socket)
        except ConnectionError:
            pass  # the client has left
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for _ in socket:
            self.inbound += 1

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/eventsub/subscriptions", self.subscribe)
        app.router.add_post("/chat/messages", self.say)
        app.router.add_post("/token", self.token)
        app.router.add_get("/ws", self.connect)
        async with serving(app) as self.address:
            yield self.address


async def keep(platform: Platform, socket: web.WebSocketResponse) -> None:
    while not socket.closed:
        await socket.send_json(envelope("session_keepalive", {}))
        await asyncio.sleep(0.1)


def sends(*messages: dict[str, Any] | str, then: str = "stay", welcome: bool = True) -> Script:
    """Welcomes, waits to be subscribed, sends these and then drops, is silent (no keepalives either) or stays."""

    async def script(platform: Platform, socket: web.WebSocketResponse) -> None:
        before = len(platform.subscribed)
        if welcome:
            await socket.send_json(session("welcome", f"session-{platform.sockets}"))
            await until(lambda: len(platform.subscribed) >= before + 6 - len(platform.refused))
        for message in messages:
            await socket.send_str(message if isinstance(message, str) else json.dumps(message))
        if then == "drop":
            await asyncio.sleep(0.02)
            transport = socket._req.transport if socket._req is not None else None
            assert transport is not None
            transport.abort()
        elif then == "silent":
            await asyncio.Event().wait()
        else:
            await keep(platform, socket)

    return script
