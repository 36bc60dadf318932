"""The whole service as `serve` composes it, on the demo shop, through its doors: the main job, bad input, broken parts."""

from __future__ import annotations

import base64
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from bot.app import Service, open_service
from bot.errors import BadSettings
from bot.settings import Settings
from bot.storage.sole import sole_service
from evals.bench_load import KEY
from evals.bench_service import home_environment

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADERS = {"Authorization": f"Bearer {KEY}"}
HEADPHONES = Path("demo/shop/pictures/P1131.png").read_bytes()
MEGABYTE = "好" * (1024 * 1024 // 3)


@dataclass
class Door:
    """The REST door of a service, for one person each."""

    service: Service
    client: httpx.AsyncClient

    async def post(self, **body: Any) -> httpx.Response:
        return await self.client.post("/webhooks/rest/webhook", json={"sender": uuid4().hex, **body})

    async def ask(self, message: str, **body: Any) -> list[dict[str, Any]]:
        response = await self.post(message=message, **body)
        assert response.status_code == httpx.codes.OK, response.text
        replies: list[dict[str, Any]] = response.json()
        assert replies
        return replies


async def opened(home: Path, **environment: str) -> AsyncIterator[Door]:
    settings = Settings.load(environment={**os.environ, **home_environment(home, 8000), **environment})
    async with open_service(settings) as service:
        transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
        options: dict[str, Any] = {"base_url": "http://streamdesk.test", "timeout": 60, "headers": HEADERS}
        async with httpx.AsyncClient(transport=transport, **options) as client:
            yield Door(service, client)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    home = tmp_path_factory.mktemp("service") / "home"
    shutil.copytree(demo_home, home)
    async for door in opened(home):
        yield door


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dead_model(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """A service whose language model does not answer."""
    home = tmp_path_factory.mktemp("dead-model") / "home"
    shutil.copytree(demo_home, home)
    nobody = {
        "STREAMDESK_LLM__MODEL": "any",
        "STREAMDESK_LLM__BASE_URL": "http://127.0.0.1:9/v1",
        "STREAMDESK_LLM__RETRIES": "0",
    }
    async for door in opened(home, **nobody):
        yield door


# ---------------------------------------------------------------- the main job


@pytest.mark.parametrize(
    ("question", "words", "source"),
    [
        ("这件冲锋衣防水吗？", "10000", "山脊三合一冲锋衣"),
        ("這件衝鋒衣防水嗎？", "10000", "山脊三合一衝鋒衣"),
        ("is the shell jacket waterproof", "10000", "Ridge 3-in-1 Shell Jacket"),
        ("多久发货？", "16:00", "发货与配送"),
        ("How do I return a dress that doesn't fit?", "7 days", "Returns"),
        ("3号链接多少钱", "¥599", "山脊三合一冲锋衣"),
        ("how much is link 3", "¥599", "Ridge 3-in-1 Shell Jacket"),
    ],
)
async def test_a_question_is_answered_with_its_source(door: Door, question: str, words: str, source: str) -> None:
    [reply, *_] = await door.ask(question)
    assert words in reply["text"]
    assert source in [citation["title"] for citation in reply["custom"]["citations"]]


@pytest.mark.parametrize(("question", "person"), [("你们老板是哪里人", "转人工"), ("where was your founder born", "person")])
async def test_what_is_not_covered_is_said_with_a_way_to_a_person(door: Door, question: str, person: str) -> None:
    [reply] = await door.ask(question)
    assert any(person in button["title"] for button in reply["buttons"])
    assert "citations" not in reply.get("custom", {})


async def test_the_cited_source_opens_at_its_place(door: Door) -> None:
    [reply, *_] = await door.ask("多久发货？")
    page = await door.client.get(reply["custom"]["citations"][0]["url"])
    assert page.status_code == httpx.codes.OK
    assert "16:00" in page.text


async def test_a_follow_up_keeps_the_product(door: Door) -> None:
    sender = uuid4().hex
    await door.ask("3号链接防水吗", sender=sender)
    [reply, *_] = await door.ask("多少钱", sender=sender)
    assert "¥599" in reply["text"]


async def test_an_order_is_shown_after_its_proof_and_never_before(door: Door) -> None:
    sender = uuid4().hex
    [asked] = await door.ask("查一下我的订单 SD2610000002", sender=sender)
    [wrong, *_] = await door.ask("9999", sender=sender)
    assert all("¥" not in reply["text"] for reply in (asked, wrong))
    await door.ask("SD2610000002", sender=sender)
    shown = await door.ask("0002", sender=sender)
    assert any("SD2610000002" in reply["text"] and "¥" in reply["text"] for reply in shown)


async def test_a_photo_shows_what_it_may_be_and_what_looks_like_it(door: Door) -> None:
    photo = base64.b64encode(HEADPHONES).decode()
    replies = await door.ask("", metadata={"photo": f"data:image/png;base64,{photo}"})
    assert "%" not in replies[0]["text"]
    assert "P1131" in [card["product_id"] for reply in replies for card in reply["custom"].get("cards", [])]


async def test_prices_are_never_stale(door: Door) -> None:
    before = await door.ask("3号链接多少钱")
    with sqlite3.connect(str(door.service.settings.shop.url).removeprefix("sqlite+aiosqlite:///")) as shop:
        shop.execute("UPDATE variants SET price = 12345 WHERE product_id = 'P1001'")
    shop.close()
    after = await door.ask("3号链接多少钱")
    assert "¥123.45" not in before[0]["text"]
    assert "¥123.45" in after[0]["text"]


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"message": ""}, 422, "message"),
        ({"message": MEGABYTE}, 422, "message"),
        ({"message": "多久\x00发货"}, 422, "message"),
        ({"message": 7}, 422, "message"),
        ({"message": "hi", "sender": ""}, 422, "sender"),
        ({"message": "hi", "mesage": "x"}, 422, "mesage"),
        ({"message": "hi", "metadata": {"photo": "data:image/png;base64,AAAA"}}, 422, "photo"),
        ({"message": "hi", "metadata": {"photo": "no data url"}}, 422, "photo"),
    ],
    ids=["empty", "1 MB", "null byte", "number", "no sender", "unknown field", "no picture", "no data URL"],
)
async def test_bad_input_is_refused_by_name(door: Door, body: dict[str, Any], status: int, named: str) -> None:
    response = await door.post(**body)
    problem = response.json()
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    assert named in str(problem)
    assert problem["detail"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"sender": "a", "message": "\xff\xfe"}', b"\x00"])
async def test_a_body_that_is_no_message_is_a_problem(door: Door, raw: bytes) -> None:
    response = await door.client.post("/webhooks/rest/webhook", content=raw)
    assert response.status_code in (400, 422)
    assert response.json()["detail"]


@pytest.mark.parametrize("message", ["😀😀😀", "\u202eabc", "?", "。。。", "a" * 999, "' OR 1=1 --", "{{7*7}}"])
async def test_strange_texts_are_answered(door: Door, message: str) -> None:
    for reply in await door.ask(message):
        assert reply["text"]
        assert "49" not in reply["text"]


# ---------------------------------------------------------------- broken parts


async def test_a_dead_language_model_costs_no_answer(dead_model: Door) -> None:
    [reply, *_] = await dead_model.ask("How do I return a dress that doesn't fit?")
    assert "7 days" in reply["text"]
    assert reply["custom"]["citations"]


async def test_a_locked_database_is_said_and_nothing_stored_is_lost(door: Door) -> None:
    sender = uuid4().hex
    await door.ask("3号链接防水吗", sender=sender)
    path = str(door.service.settings.storage.url).removeprefix("sqlite+aiosqlite:///")
    locking = sqlite3.connect(path, isolation_level=None)
    locking.execute("BEGIN EXCLUSIVE")
    try:
        refused = await door.post(message="多少钱", sender=sender)
    finally:
        locking.execute("ROLLBACK")
        locking.close()
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert refused.headers["content-type"].startswith("application/problem+json")
    [reply, *_] = await door.ask("多少钱", sender=sender)
    assert "¥" in reply["text"]


# ---------------------------------------------------------------- another service


async def test_a_second_service_on_the_same_embedded_database_is_refused(door: Door) -> None:
    with sole_service(door.service.settings.storage.url), pytest.raises(BadSettings, match=r"another service .* runs on"):
        await door.service.run()
