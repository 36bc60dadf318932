"""What operators see, the documents, and the OpenAPI page."""

from __future__ import annotations

import httpx

from bot.fakes import EPOCH
from bot.types import ConversationKey, Language, Message, Parse, Turn
from tests.channels.web.conftest import Web


async def test_alive_even_when_not_ready(web: Web, client: httpx.AsyncClient) -> None:
    assert (await client.get("/ready")).json() == {"status": "ok", "checks": {"shop": "ok", "storage": "ok"}}
    web.broken = True
    response = await client.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "checks": {"shop": "failing", "storage": "ok"}}
    assert (await client.get("/health")).status_code == 200


async def test_metrics_count_turns(web: Web, client: httpx.AsyncClient) -> None:
    message = Message("m1", ConversationKey("web", "", "ann"), "hi", EPOCH)
    web.metrics.observe(Turn(message, Parse(Language.EN, (), stage="rules"), timings={"total": 4.0}))
    web.metrics.observe(Turn(message, None, error="ShopUnavailable: gone"))
    text = (await client.get("/metrics")).text
    assert 'streamdesk_turns_total{channel="web",language="en",mode="bot",stage="rules"} 1.0' in text
    assert 'streamdesk_turns_failed_total{channel="web"} 1.0' in text
    assert 'streamdesk_turn_seconds_bucket{le="0.005",phase="total"} 1.0' in text
    assert "streamdesk_chat_people 0.0" in text


async def test_a_document_opens_at_its_place(client: httpx.AsyncClient) -> None:
    response = await client.get("/sources/policies/returns.md", params={"at": "1. 时限", "quote": "运费由 <b>我们</b>"})
    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["content-security-policy"]
    page = response.text
    assert '<section id="1-时限" class=here>' in page
    assert "<mark>运费由 &lt;b&gt;我们&lt;/b&gt;</mark>" in page
    assert "<b>" not in page and "<Returns>" not in page
    assert page.count("class=here") == 1


async def test_a_document_without_a_place_marks_nothing(client: httpx.AsyncClient) -> None:
    page = (await client.get("/sources/policies/returns.md", params={"at": "no such place", "quote": "<script>"})).text
    assert "class=here" not in page and "<script>" not in page and "<mark>" not in page


async def test_no_such_document(client: httpx.AsyncClient) -> None:
    for path in ("/sources/nothing.md", "/sources/../conftest.py", "/sources/"):
        response = await client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


async def test_openapi_describes_the_doors(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    webhook = paths["/webhooks/rest/webhook"]["post"]
    assert set(webhook["requestBody"]["content"]["application/json"]["examples"]) == {"zh", "en"}
    assert {"200", "413", "422", "503"} <= set(webhook["responses"])
    assert {"/health", "/ready", "/metrics", "/chat/photos", "/sources/{path}"} <= set(paths)


async def test_pages_load_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/room", "/chat"):
        response = await client.get(path)
        assert response.status_code == 200
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert "http://" not in response.text and "https://" not in response.text


async def test_the_page_of_the_api_needs_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "https://" not in response.text and "<script" not in response.text and "style=" not in response.text
    assert "POST /webhooks/rest/webhook" in response.text and "/metrics" in response.text
    for path in ("/static/base.css", "/static/source.css", "/static/icon.svg"):
        assert path in response.text and (await client.get(path)).status_code == 200
