"""`streamdesk serve --workers 2` on PostgreSQL under load, one worker killed: nothing is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.storage.sql import SqlStore
from bot.types import ConversationKey
from evals.bench_load import KEY
from evals.bench_service import free_port, home_environment
from evals.faults.service import children, workers

QUESTIONS = ("多久发货？", "3号链接多少钱", "How do I return a dress that doesn't fit?", "这件冲锋衣防水吗？", "谢谢") * 2
PEOPLE = 16
KILLED_AT = (10, 60, 110)
PATIENCE_S = 240


def service(home: Path, port: int, url: str, count: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """The service on the shop in `home` and the conversations at `url`; gone afterwards with all its processes."""
    return workers(count, {**home_environment(home, port), "STREAMDESK_STORAGE__URL": url}, home / "serve.log")


async def say(client: httpx.AsyncClient, sender: str, text: str, message_id: str) -> list[dict[str, object]]:
    """Say something as a client does that wants its answer: again, with the same id, until it has one."""
    body = {"sender": sender, "message": text, "metadata": {"message_id": message_id}}
    while True:
        try:
            response = await client.post("/webhooks/rest/webhook", json=body, headers={"Authorization": f"Bearer {KEY}"})
            if response.status_code == httpx.codes.OK:
                replies: list[dict[str, object]] = response.json()
                return replies
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)


@pytest.mark.long  # bot/test_kill.py kills at every step in the quick tier
@pytest.mark.postgres
async def test_a_killed_worker_loses_and_doubles_nothing(demo_home: Path, tmp_path: Path, postgres_url: str) -> None:
    home, port = tmp_path / "home", free_port()
    shutil.copytree(demo_home, home)
    people = [uuid4().hex for _ in range(PEOPLE)]
    heard: dict[str, list[tuple[str, list[dict[str, object]]]]] = {person: [] for person in people}
    killed: list[int] = []

    async def talk(person: str) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            for number, text in enumerate(QUESTIONS):
                heard[person].append((text, await say(client, person, text, f"{person}-{number}")))

    async def kill(parent: int) -> None:
        for count in KILLED_AT:
            while sum(map(len, heard.values())) < count or len(children(parent)) < 2:  # noqa: ASYNC110 - a process rings no bell
                await asyncio.sleep(0.02)
            killed.append(children(parent)[len(killed) % 2])
            os.kill(killed[-1], signal.SIGKILL)

    with service(home, port, postgres_url, 2) as running:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(kill(running.pid), *(talk(person) for person in people))
    assert running.returncode == 0
    assert len(set(killed)) == len(KILLED_AT)

    store = await SqlStore.open(postgres_url)
    try:
        for person in people:
            turns = await store.history(ConversationKey("web", "", f"bench:{person}"))
            assert [turn.message.text for turn in turns] == list(QUESTIONS)
            assert [text for text, _ in heard[person]] == list(QUESTIONS)
            for turn, (_, replies) in zip(turns, heard[person], strict=True):
                assert replies and replies[0]["text"] == turn.replies[0].text
    finally:
        await store.close()


async def test_workers_on_an_embedded_database_are_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    url = home_environment(home, 8000)["STREAMDESK_STORAGE__URL"]
    with service(home, free_port(), url, 2) as running:
        assert running.wait(60) == 2
    assert "2 workers cannot share embedded SQLite" in (home / "serve.log").read_text("utf-8")
