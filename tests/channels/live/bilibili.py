"""Bilibili's side, built byte by byte: the open platform's calls, and a WebSocket that drops, stalls and repeats."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.local_server import serving

AUTH = '{"roomid":1,"key":"the auth body"}'


def packet(operation: int, body: bytes = b"", version: int = 0) -> bytes:
    return struct.pack(">I", 16 + len(body)) + struct.pack(">HHII", 16, version, operation, 1) + body


def message(command: str, **data: Any) -> bytes:
    return packet(5, json.dumps({"cmd": f"LIVE_OPEN_PLATFORM_{command}", "data": data}).encode())


def squeezed(*packets: bytes) -> bytes:
    return packet(5, zlib.compress(b"".join(packets)), version=2)


def danmu(name: str, text: str, author: str = "open-1") -> bytes:
    return message("DM", msg_id=name, open_id=author, uname="小雨", msg=text, timestamp=1777636800, room_id=1, uid=0)


Line = Callable[["Platform", web.WebSocketResponse], Awaitable[None]]


@dataclass
class Platform:
    """The open platform. Each connection goes as the next of `lines` says; after the last they stay open and silent."""

    lines: list[Line] = field(default_factory=list)
    refuse_auth: int = 0
    refuse_start: int = 0
    calls: list[str] = field(default_factory=list)
    headers: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    heartbeats: int = 0
    answers_heartbeats: bool = True
    address: str = ""

    async def call(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        self.calls.append(name)
        self.headers.append(({key.lower(): value for key, value in request.headers.items()}, await request.read()))
        if name == "start" and self.refuse_start > 0:
            self.refuse_start -= 1
            return web.json_response({"code": 7001, "message": "cooling down"})
        game = {"game_id": f"game-{self.calls.count('start')}"}
        links = [f"ws://{self.address}/sub", f"ws://{self.address}/sub"]
        return web.json_response(
            {
                "code": 0,
                "message": "0",
                "data": {"game_info": game, "websocket_info": {"auth_body": AUTH, "wss_link": links}},
            }
        )

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        welcome = await socket.receive_bytes()
        assert welcome == packet(7, AUTH.encode())
        refused, self.refuse_auth = self.refuse_auth > 0, self.refuse_auth - 1
        await socket.send_bytes(packet(8, json.dumps({"code": -101 if refused else 0}).encode()))
        reading = asyncio.create_task(self._read(socket))
        try:
            if self.lines:
                await self.lines.pop(0)(self, socket)
            else:
                await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for received in socket:
            if received.type is aiohttp.WSMsgType.BINARY and received.data == packet(2):
                self.heartbeats += 1
                if self.answers_heartbeats:
                    await socket.send_bytes(packet(3, struct.pack(">I", 1), version=1))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v2/app/{name}", self.call)
        app.router.add_get("/sub", self.connect)
        async with serving(app) as self.address:
            yield f"http://{self.address}"


def sends(*frames: bytes, then: str = "drop") -> Line:
    """A connection that sends these and then drops, stalls (answers no heartbeat either) or stays."""

    async def line(platform: Platform, socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_bytes(frame)
        if then == "drop":
            transport = socket._req.transport if socket._req is not None else None
            assert transport is not None
            await asyncio.sleep(0.02)
            transport.abort()
        elif then == "stall":
            platform.answers_heartbeats = False
            await asyncio.sleep(0.6)
            platform.answers_heartbeats = True
        else:
            await asyncio.Event().wait()

    return line
