"""The examples of docs/extending.md, taken out of the document, installed and run."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import re
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web

from bot.app import Service, open_service
from bot.clock import SystemClock
from bot.errors import BadSettings
from bot.fakes import EPOCH
from bot.live import PublicLine
from bot.registered import registered_platforms
from bot.settings import Settings
from bot.types import ConversationKey
from evals.bench_service import home_environment
from tests.channels.telegram.conftest import until
from tests.local_server import serving

_FILE = re.compile(r"```\w+\n# (\S+)\n(.*?)```", re.DOTALL)
SECRETS = {"STREAMDESK_LINE_SECRET": "the secret of a channel", "STREAMDESK_LINE_TOKEN": "the token of a channel"}


def install(declared: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of the page that this pyproject.toml declares, as pip would install it into `site`."""
    files = dict(_FILE.findall(Path("docs/extending.md").read_text("utf-8")))
    project = tomllib.loads(files[declared])["project"]
    [(group, entries)] = project["entry-points"].items()
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    metadata = f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    files[f"{metadata}/METADATA"] = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    files[f"{metadata}/entry_points.txt"] = f"[{group}]\n{lines}"
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    for module in [name for name in sys.modules if name.partition(".")[0] in {"streamdesk_line", "streamdesk_poll"}]:
        monkeypatch.delitem(sys.modules, module)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package `streamdesk-line`."""
    install("pyproject.toml", tmp_path / "site-packages", monkeypatch)


@dataclass
class Line:
    """LINE's side: takes push messages, each retry key once, and is out of order for the first `failing` calls."""

    failing: int = 0
    pushed: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    async def push(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers["Authorization"])
        repeat = request.headers["X-Line-Retry-Key"] in self.pushed
        self.pushed[request.headers["X-Line-Retry-Key"]] = await request.json()
        self.failing -= 1
        return web.json_response({}, status=500 if self.failing >= 0 else 409 if repeat else 200)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v2/bot/message/push", self.push)
        async with serving(app) as address:
            yield f"http://{address}"


@asynccontextmanager
async def running(home: Path, light_models: Path, config: Path | None = None, **environment: str) -> AsyncIterator[Service]:
    """A service without heavy models and with an empty shop."""
    light = {
        "STREAMDESK_KNOWLEDGE__ENCODER": "hashing",
        "STREAMDESK_KNOWLEDGE__MODELS": str(light_models),
        "STREAMDESK_PHOTOS__ENCODER": "none",
    }
    settings = Settings.load(config, {**os.environ, **home_environment(home, 8000), **light, **environment})
    async with open_service(settings) as service:
        delivering = asyncio.create_task(service.dispatcher.run())
        try:
            yield service
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)


def written(text: str, number: str) -> bytes:
    message = {"id": number, "type": "text", "text": text}
    return orjson.dumps({"events": [{"type": "message", "message": message, "source": {"type": "user", "userId": "U1"}}]})


@pytest.mark.usefixtures("line")
async def test_a_strangers_channel_brings_a_question_in_and_its_answer_out(tmp_path: Path, light_models: Path) -> None:
    platform = Line(failing=1)
    async with (
        platform.serving() as url,
        running(
            tmp_path,
            light_models,
            **SECRETS,
            STREAMDESK_CHANNELS__LINE__ENABLED="true",
            STREAMDESK_CHANNELS__LINE__API_URL=url,
        ) as service,
    ):
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as outside:

            async def said(body: bytes, secret: str) -> int:
                signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
                headers = {"X-Line-Signature": signature}
                return (await outside.post("/line/webhook", content=body, headers=headers)).status_code

            assert await said(written("你好", "m0"), "a guess") == httpx.codes.FORBIDDEN
            for _ in range(2):  # LINE sends again what it did not see acknowledged
                assert await said(written("谢谢你", "m1"), SECRETS["STREAMDESK_LINE_SECRET"]) == httpx.codes.OK
            await until(lambda: platform.failing < 0, 30)
            turns = await service.store.history(ConversationKey("line", "", "U1"))
    said_by_the_bot = [reply.text for turn in turns for reply in turn.replies]
    assert [turn.message.id for turn in turns] == ["m1"] and said_by_the_bot[0]
    pushed = [(push["to"], push["messages"][0]["text"]) for push in platform.pushed.values()]
    assert pushed == [("U1", text) for text in said_by_the_bot], "each once, although the first attempt failed"
    assert platform.tokens == {"Bearer the token of a channel"}


@pytest.mark.usefixtures("line")
async def test_a_channel_says_what_it_lacks(tmp_path: Path, light_models: Path) -> None:
    with pytest.raises(BadSettings, match="STREAMDESK_LINE_TOKEN"):
        only = {"STREAMDESK_LINE_SECRET": SECRETS["STREAMDESK_LINE_SECRET"], "STREAMDESK_CHANNELS__LINE__ENABLED": "true"}
        async with running(tmp_path, light_models, **only):
            pass


@dataclass
class Platform:
    """A platform with a numbered list of comments, the third of which it loses; the first `failing` calls go wrong."""

    failing: int = 1
    written: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def comments(self, request: web.Request) -> web.Response:
        self.failing -= 1
        self.tokens.add(request.headers["Authorization"])
        if self.failing >= 0:
            return web.json_response({}, status=500)
        after = int(request.query["after"])
        said = [(1, "支持什么快递"), (2, "哈哈哈"), (4, "谢谢你")]
        return web.json_response(
            [
                {"number": number, "user": f"u{number}", "name": "小雨", "text": text, "at": "2026-05-01T20:00:00+08:00"}
                for number, text in said
                if number > after
            ]
        )

    async def write(self, request: web.Request) -> web.Response:
        self.written.append(await request.json())
        return web.json_response({})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/comments", self.comments)
        app.router.add_post("/comments", self.write)
        async with serving(app) as address:
            yield f"http://{address}"


async def test_a_strangers_live_source_brings_comments_in_each_once(
    tmp_path: Path, light_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("streamdesk-poll/pyproject.toml", tmp_path / "site-packages", monkeypatch)
    platform, config = Platform(), tmp_path / "config.yml"
    async with platform.serving() as url:
        config.write_text(f"live: {{sources: [{{source: poll, url: '{url}', every_s: 0.01}}]}}", encoding="utf-8")
        async with running(tmp_path, light_models, config, STREAMDESK_SOURCE_POLL_TOKEN="secret") as service:
            working = [asyncio.create_task(work()) for work in service.background]
            try:
                async with asyncio.timeout(30):
                    while len(shown := await talk(service)) < 3:  # noqa: ASYNC110 - it happens in the service
                        await asyncio.sleep(0.05)
            finally:
                for work in working:
                    work.cancel()
                await asyncio.gather(*working, return_exceptions=True)
        assert shown == ["支持什么快递", "哈哈哈", "谢谢你"], "each once, although it was asked for again and again"
        assert platform.tokens == {"Bearer secret"} and platform.failing < -1
        poll = registered_platforms()["poll"]
        async with poll.open(service.settings.live.sources[0], SystemClock()) as opened:
            assert opened.outlet is not None
            await opened.outlet.tell(PublicLine("r1", "【AI】有货。", "zh", EPOCH))
    assert platform.written == [{"id": "r1", "text": "【AI】有货。"}]


async def talk(service: Service) -> list[str]:
    """The comments that newcomers of the room are shown."""
    parts = await service.store.room_memory().recall("main")
    return [line["text"] for line in orjson.loads(parts.get("talk", "[]")) if line["type"] == "comment"]
