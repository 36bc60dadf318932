"""A WebSocket client that speaks ASGI to an application in the same event loop."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

from starlette.types import ASGIApp, Message


class Closed(Exception):
    """The application closed the connection."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class AsgiSocket:
    """`async with AsgiSocket(app, "/ws") as socket:` sends and receives JSON frames.

    With `stalled` set, the client reads nothing: the application's sends wait as they do for a phone in a tunnel.
    """

    def __init__(self, app: ASGIApp, path: str, **headers: str) -> None:
        self._app = app
        self._scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"streamdesk.test"), *((k.encode(), v.encode()) for k, v in headers.items())],
            "subprotocols": [],
            "scheme": "ws",
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()

    async def __aenter__(self) -> Self:
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(self._run())
        opening = await self._from_app.get()
        if opening["type"] != "websocket.accept":
            raise Closed(opening.get("code", 0), opening.get("reason", ""))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reads.set()
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, 5)

    async def _run(self) -> None:
        async def send(message: Message) -> None:
            await self._reads.wait()
            self._from_app.put_nowait(message)

        await self._app(self._scope, self._to_app.get, send)

    def stall(self) -> None:
        """Read nothing from now on."""
        self._reads.clear()

    def resume(self) -> None:
        """Read again."""
        self._reads.set()

    async def send(self, value: Any = None, **frame: Any) -> None:
        self.send_raw(json.dumps(value if value is not None else frame))

    def send_raw(self, data: str | bytes) -> None:
        key = "text" if isinstance(data, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", key: data})

    async def receive(self, kind: str | None = None) -> dict[str, Any]:
        """The next frame; with `kind`, the next of that type."""
        while True:
            message = await asyncio.wait_for(self._from_app.get(), 5)
            if message["type"] == "websocket.close":
                raise Closed(message["code"], message.get("reason", ""))
            value: dict[str, Any] = json.loads(message["text"])
            if kind is None or value["type"] == kind:
                return value

    async def nothing_more(self) -> bool:
        """Whether everything that was sent has been read; the application got the chance to send."""
        for _ in range(20):
            await asyncio.sleep(0)
        return self._from_app.empty()
