"""A module in the place of TikTokLive: its names, and the attributes of its real events (7.0.1), without its network."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class UserOfflineError(RuntimeError):
    """As the package's own."""


class SignatureRateLimitError(RuntimeError):
    """As the package's own, which reads its time from a header only when it is asked for it."""

    def __init__(self, reset: int | None) -> None:
        self._reset = reset
        super().__init__("[RATE_LIMIT]\n\tToo many connections")

    @property
    def reset_time(self) -> int:
        return int({"RateLimit-Reset": self._reset}["RateLimit-Reset" if self._reset is not None else "missing"])


class Event(SimpleNamespace):
    """An event: `common`, `user`, and what its kind has beside these."""

    @classmethod
    def get_type(cls) -> str:
        return cls.__name__


NAMES = (
    "CommentEvent",
    "GiftEvent",
    "LikeEvent",
    "JoinEvent",
    "FollowEvent",
    "ShareEvent",
    "WebsocketResponseEvent",
    "ConnectEvent",
    "LiveEndEvent",
)
EVENTS = {name: type(name, (Event,), {}) for name in NAMES}
NOW_MS = 1767614400123  # a moment after tests' EPOCH


def event(name: str, number: int = 0, *, author: int = 680001, at: int = NOW_MS, **more: Any) -> Any:
    common = SimpleNamespace(msg_id=number, create_time=at, room_id=1, display_text=None)
    user = SimpleNamespace(id=author, nickname="小雨", unique_id="ann", display_id="ann")
    return EVENTS[name](common=common, user=user, **more)


def comment(number: int, text: str, **more: Any) -> Any:
    return event("CommentEvent", number, comment=text, content=text, content_language="zh", **more)


def gift(number: int, name: str, count: int, *, streaking: bool = False) -> Any:
    about = SimpleNamespace(name=name, diamond_count=1, type=1, streakable=True)
    return event("GiftEvent", number, gift=about, repeat_count=count, repeat_end=int(not streaking), streaking=streaking)


Script = Callable[["Client"], Any]


@dataclass
class Platform:
    """Each client that is started goes as the next of `scripts` says; an exception is raised by its `start`."""

    scripts: list[Script | Exception] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        package, client = ModuleType("TikTokLive"), ModuleType("TikTokLive.client")
        events, errors = ModuleType("TikTokLive.events"), ModuleType("TikTokLive.client.errors")
        package.TikTokLiveClient = lambda unique_id, **kwargs: Client(self, unique_id, kwargs)  # type: ignore[attr-defined]
        errors.UserOfflineError = UserOfflineError  # type: ignore[attr-defined]
        vars(events).update(EVENTS)
        for module in (package, client, events, errors):
            monkeypatch.setitem(sys.modules, module.__name__, module)


class Client:
    """`connect`, `close` and `on` of the real one must not be used: the first two stop every task, the last is broken."""

    def __init__(self, platform: Platform, unique_id: str, kwargs: dict[str, Any]) -> None:
        self.platform, self.unique_id, self.kwargs = platform, unique_id, kwargs
        self.listeners: dict[str, Callable[[Any], None]] = {}
        self.web = SimpleNamespace(close=self._close_web)
        self.closed: list[str] = []
        self._task: asyncio.Task[None] | None = None
        platform.clients.append(self)

    def add_listener(self, event: Any, f: Callable[[Any], None]) -> None:
        self.listeners[event.get_type()] = f

    def emit(self, *events: Any) -> None:
        for one in events:
            self.listeners["WebsocketResponseEvent"](EVENTS["WebsocketResponseEvent"](raw=None))
            self.listeners[one.get_type()](one)

    async def start(self) -> asyncio.Task[None]:
        script: Any = self.platform.scripts.pop(0) if self.platform.scripts else stays()
        if isinstance(script, Exception):
            raise script
        self._task = asyncio.create_task(self._run(script))
        return self._task

    async def _run(self, script: Script) -> None:
        self.listeners["ConnectEvent"](EVENTS["ConnectEvent"](unique_id=self.unique_id, room_id=1))
        await script(self)

    async def disconnect(self) -> None:
        self.closed.append("line")
        if self._task is not None:
            self._task.cancel()

    async def _close_web(self) -> None:
        self.closed.append("web")


def stays(*events: Any) -> Script:
    async def script(client: Client) -> None:
        client.emit(*events)
        while True:
            await asyncio.sleep(0.02)
            client.listeners["WebsocketResponseEvent"](EVENTS["WebsocketResponseEvent"](raw=None))

    return script


def drops(*events: Any, error: Exception | None = None) -> Script:
    async def script(client: Client) -> None:
        client.emit(*events)
        await asyncio.sleep(0.02)
        if error is not None:
            raise error

    return script


def silent(*events: Any) -> Script:
    async def script(client: Client) -> None:
        client.emit(*events)
        await asyncio.Event().wait()

    return script
