"""The whole service as a process, killed without warning while people talk to it: each question is answered exactly once."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bot.storage.sql import SqlStore
from bot.types import ConversationKey
from evals.bench_service import free_port, home_environment

QUESTIONS = ("这件冲锋衣防水吗？", "多久发货？", "How do I return a dress that doesn't fit?", "3号链接多少钱")
PEOPLE = 10
# The process is killed when this many questions were acknowledged.
KILLED_AT = (3, 14, 27)
PATIENCE_S = 240


@contextmanager
def process(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`streamdesk serve` on the shop in `home`; gone afterwards, whatever state it is in."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
    with (home / "serve.log").open("ab") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **home_environment(home, port)})
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@dataclass
class Acknowledged:
    """Which messages the service said it has kept."""

    names: set[str] = field(default_factory=set)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, name: str) -> None:
        self.names.add(name)
        self.more.set()

    async def reach(self, count: int) -> None:
        while len(self.names) < count:
            self.more.clear()
            await self.more.wait()


@dataclass
class Person:
    """A chat page as the browser has it: says again what was not acknowledged, shows each delivery once, confirms it."""

    port: int
    acknowledged: Acknowledged
    token: str = ""
    unsent: dict[str, str] = field(default_factory=lambda: {uuid4().hex: question for question in QUESTIONS})
    shown: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    async def talk(self) -> None:
        """Come back until every question has an answer and the outbox nothing more to say."""
        asked = set(self.unsent)
        while not all(any(f"/{name}/" in reply for reply in self.shown) for name in asked):
            try:
                async with connect(f"ws://127.0.0.1:{self.port}/chat/ws", open_timeout=2) as socket:
                    await self._page(socket, asked)
            except (OSError, TimeoutError, WebSocketException):
                await asyncio.sleep(0.1)

    async def _page(self, socket: ClientConnection, asked: set[str]) -> None:
        await socket.send(orjson.dumps({"type": "hello", **({"user": self.token} if self.token else {})}).decode())
        async for raw in socket:
            await self._take(socket, orjson.loads(raw))
            if not self.unsent and all(any(f"/{name}/" in reply for reply in self.shown) for name in asked):
                return

    async def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.token = frame["user"]
                for name, text in self.unsent.items():
                    await socket.send(orjson.dumps({"type": "message", "id": name, "text": text}).decode())
            case "accepted":
                self.unsent.pop(frame["id"], None)
                self.acknowledged.add(frame["id"])
            case "reply":
                self.shown[frame["id"]].append({key: value for key, value in frame.items() if key != "id"})
                await socket.send(orjson.dumps({"type": "received", "id": frame["id"]}).decode())


@pytest.mark.long  # bot/test_kill.py kills at every step in the quick tier
async def test_killed_three_times_every_question_is_answered_exactly_once(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    port, acknowledged = free_port(), Acknowledged()
    people = [Person(port, acknowledged) for _ in range(PEOPLE)]
    async with asyncio.timeout(PATIENCE_S):
        talking = asyncio.gather(*(person.talk() for person in people))
        for kill_at in KILLED_AT:
            with process(home, port):
                await acknowledged.reach(kill_at)
        with process(home, port):
            await talking

    store = await SqlStore.open(home_environment(home, port)["STREAMDESK_STORAGE__URL"])
    try:
        for person in people:
            turns = await store.history(ConversationKey("web", "", person.token))
            assert sorted(turn.message.text for turn in turns) == sorted(QUESTIONS)
            said = [reply.text for turn in turns for reply in turn.replies]
            # a delivery may come again after a death; under its own id, and with the same words
            assert all(copy == copies[0] for copies in person.shown.values() for copy in copies)
            assert sorted(copies[0]["text"] for copies in person.shown.values()) == sorted(said)
    finally:
        await store.close()
