"""The whole service: a price that changes in the demo shop's database is put right in the room, once in each language."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from bot.app import open_service
from bot.settings import Settings
from evals.bench_service import home_environment
from tests.channels.asgi import AsgiSocket

JACKET = "P1001"


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[AsgiSocket]:
    """The service at work on what `home` has, and a viewer in its room."""
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8103)})
    async with open_service(settings) as service:
        working = [asyncio.create_task(work()) for work in (service.dispatcher.run, *service.background)]
        try:
            async with AsgiSocket(service.app, "/live/main/ws") as viewer:
                yield viewer
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)


async def welcome(viewer: AsgiSocket) -> dict[str, Any]:
    """The first frame: what a service reads when it starts may keep it for some seconds."""
    for _ in range(5):
        with contextlib.suppress(TimeoutError):
            return await viewer.receive("welcome")
    raise TimeoutError("no welcome")


def reprice(home: Path, minor: int) -> None:
    with closing(sqlite3.connect(home / "shop.db")) as shop, shop:
        shop.execute("UPDATE variants SET price = ? WHERE product_id = ?", (minor, JACKET))


async def test_a_price_changed_in_the_database_is_put_right_once_and_survives_a_restart(
    demo_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    async with serving(home) as viewer:
        await viewer.send(type="hello", name="Ann")
        await welcome(viewer)
        for name, text in (("1", "3号链接多少钱"), ("2", "how much is link 3"), ("3", "3号链接有货吗")):
            await viewer.send(type="comment", id=name, text=text)
        told = [await viewer.receive("reply") for _ in range(3)]
        reprice(home, 54_900)
        changed = time.monotonic()
        first, second = await viewer.receive("reply"), await viewer.receive("reply")
        assert time.monotonic() - changed < 2
        by_language = {one["language"]: one for one in (first, second)}
        assert "¥599" in told[0]["text"] and "¥549" in by_language["zh"]["text"]
        assert by_language["zh"]["text"].startswith("更正：「山脊三合一冲锋衣」现在 ¥549")
        assert by_language["en"]["text"].startswith("Correction: Ridge 3-in-1 Shell Jacket: now ¥549")
        priced = {one["language"]: one["id"] for one in told if "¥599" in one["text"]}
        assert {language: one["corrects"] for language, one in by_language.items()} == {
            language: [name] for language, name in priced.items()
        }
        await viewer.send(type="comment", id="4", text="3号链接多少钱")
        assert (await viewer.receive("accepted"))["fate"] == "join"
        assert (await viewer.receive("credit"))["replies"] == [by_language["zh"]["id"]]
        await asyncio.sleep(2.5)  # nothing more is told
        await viewer.send(type="ping")
        while (frame := await viewer.receive())["type"] != "pong":
            assert frame["type"] != "reply"
    async with serving(home) as viewer:
        await viewer.send(type="hello", name="Bob")
        history = (await welcome(viewer))["history"]
    assert [line["type"] for line in history].count("comment") == 4
    assert [line.get("void", False) for line in history if line["type"] == "reply"].count(True) == 2
