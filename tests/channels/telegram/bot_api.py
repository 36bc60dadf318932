"""A small Bot API server on this machine: what the door needs of Telegram, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.local_server import serving

TOKEN = "123456:test-token"
ANN = {"id": 77, "is_bot": False, "first_name": "Ann", "last_name": "Li", "language_code": "en"}


@dataclass
class Call:
    """One call of a method, its parameters as they came over the wire."""

    method: str
    values: dict[str, Any]
    files: dict[str, bytes]

    @property
    def keyboard(self) -> list[list[dict[str, str]]]:
        return json.loads(self.values.get("reply_markup", '{"inline_keyboard": []}'))["inline_keyboard"]


@dataclass
class FakeBotApi:
    """Keeps updates until they are acknowledged by an offset, and the calls it got.

    `refusals` answer the next sends; `answers` do, too, of sends that the customer sees.
    """

    updates: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    refusals: deque[web.Response | None] = field(default_factory=deque)
    answers: deque[web.Response] = field(default_factory=deque)
    poll_refusals: deque[web.Response] = field(default_factory=deque)
    broken_downloads: int = 0
    polls: int = 0
    offsets: list[int] = field(default_factory=list)
    url: str = ""
    date: int = 1_767_614_400  # when every message is said to be written, seconds since 1970

    def __post_init__(self) -> None:
        self._arrived = asyncio.Event()
        self._number = 1000

    # ------------------------------------------------------------ the customers' side

    def say(self, message: dict[str, Any] | None = None, *, user: dict[str, Any] = ANN, **parts: Any) -> int:
        """Somebody sends a message in the private chat; returns the update's number."""
        chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        body = {"message_id": self._number, "date": self.date, "chat": chat, "from": user, **(message or {}), **parts}
        return self.post(message=body)

    def press(self, data: str, *, user: dict[str, Any] = ANN) -> int:
        """Somebody presses a button."""
        chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        message = {"message_id": 5, "date": self.date, "chat": chat, "text": "choose"}
        return self.post(
            callback_query={"id": f"q{self._number}", "from": user, "chat_instance": "c", "message": message, "data": data}
        )

    def post(self, **event: Any) -> int:
        self._number += 1
        self.updates.append({"update_id": self._number, **event})
        self._arrived.set()
        return self._number

    def sent(self, method: str = "") -> list[Call]:
        return [call for call in self.calls if not method or call.method == method]

    def refuse(self, status: int, description: str, **parameters: Any) -> None:
        """Answer the next call that has no refusal yet with this error."""
        self.refusals.append(refusal(status, description, **parameters))

    # ------------------------------------------------------------ the bot's side

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post(f"/bot{TOKEN}/getUpdates", self._get_updates)
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._method)
        app.router.add_get(f"/file/bot{TOKEN}/{{path:.+}}", self._file)
        async with serving(app) as address:
            self.url = f"http://{address}"
            try:
                yield
            finally:
                self._arrived.set()  # whoever still waits for updates is let go

    async def _get_updates(self, request: web.Request) -> web.Response:
        form = await request.post()
        offset, wait = int(str(form.get("offset", 0))), float(str(form.get("timeout", 0)))
        if self.poll_refusals:
            return self.poll_refusals.popleft()
        self.polls += 1
        self.offsets.append(offset)
        allowed = json.loads(str(form["allowed_updates"]))
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        if not self.updates:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), wait)
            except TimeoutError:
                return _result([])
        return _result([update for update in self.updates if any(kind in update for kind in allowed)])

    async def _method(self, request: web.Request) -> web.Response:
        form = await request.post()
        files = {name: part.file.read() for name, part in form.items() if isinstance(part, web.FileField)}
        values = {name: part for name, part in form.items() if isinstance(part, str)}
        method = request.match_info["method"]
        if method == "getFile":
            return self._get_file(values["file_id"])
        refusal = self.refusals.popleft() if self.refusals else None
        if refusal is not None:
            return refusal
        self.calls.append(Call(method, values, files))
        if self.answers:
            return self.answers.popleft()
        if method in ("answerCallbackQuery", "sendChatAction"):
            return _result(True)
        chat = {"id": int(values["chat_id"]), "type": "private", "first_name": "Ann"}
        return _result({"message_id": len(self.calls), "date": self.date, "chat": chat})

    def _get_file(self, file_id: str) -> web.Response:
        if file_id not in self.files:
            return refusal(400, "Bad Request: file is too big")
        size = len(self.files[file_id])
        file = {"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": f"photos/{file_id}.jpg"}
        return _result(file)

    async def _file(self, request: web.Request) -> web.Response:
        if self.broken_downloads:
            self.broken_downloads -= 1
            return web.Response(status=502)
        name = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        return web.Response(body=self.files[name]) if self.files.get(name) else web.Response(status=404)


def _result(value: Any) -> web.Response:
    return web.json_response({"ok": True, "result": value})


def refusal(status: int, description: str, **parameters: Any) -> web.Response:
    """An error as the Bot API says it."""
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response({**body, "parameters": parameters} if parameters else body, status=status)
