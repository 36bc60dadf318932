"""The whole service: a question in the demo room is answered there, and the virtual host says the answer on its stage."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from bot.app import open_service
from bot.settings import Settings
from evals.bench_service import home_environment
from tests.channels.asgi import AsgiSocket


async def caption(page: AsgiSocket, topic: str) -> dict[str, Any]:
    """The next caption of a topic; narration goes on meanwhile."""
    for _ in range(60):
        with contextlib.suppress(TimeoutError):
            if (frame := await page.receive("caption"))["topic"] == topic:
                return frame
    raise TimeoutError(topic)


async def test_a_question_in_the_room_is_answered_on_the_stage(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    stage = {"STREAMDESK_CHANNELS__STAGE__ENABLED": "true"}
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8105), **stage})
    async with open_service(settings) as service:
        working = [asyncio.create_task(work()) for work in (service.dispatcher.run, *service.background)]
        try:
            async with AsgiSocket(service.app, "/stage/socket") as page, AsgiSocket(service.app, "/live/main/ws") as viewer:
                await viewer.send(type="hello", name="Ann")
                for _ in range(5):
                    with contextlib.suppress(TimeoutError):
                        await viewer.receive("welcome")
                        break
                await viewer.send(type="comment", id="1", text="3号链接多少钱")
                told = await viewer.receive("reply")
                said = await caption(page, "answer")
                while "¥599" not in said["text"]:
                    said = await caption(page, "answer")
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
    assert said["text"] in told["text"] and "¥599" in told["text"]
    assert said["language"] == "zh" and said["product_id"] == "P1001"
    assert said["asked"] == {"name": "Ann", "people": 1, "question": "3号链接多少钱"}
