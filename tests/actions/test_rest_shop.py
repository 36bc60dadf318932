"""A shop behind HTTP that is away, slow to come back, closed to us, or speaks another language; and its documentation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from actions.shop.opening import open_shop_system
from actions.shop.rest import ATTEMPTS, RestShop
from actions.shop.sql import SqlShop
from bot.errors import BadInput, BadSettings, ShopUnavailable
from tests.actions.counter import Counter
from tests.actions.shop_server import shop_server

Answer = Callable[[httpx.Request], httpx.Response]


def _shop(answer: Answer) -> RestShop:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://shop.test")
    return RestShop(client, pause_s=0)


async def test_a_shop_that_comes_back_is_asked_again() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(502) if len(asked) == 2 else httpx.Response(200, json=[])

    assert await _shop(answer).orders_of("C1") == []
    assert len(asked) == ATTEMPTS


async def test_a_shop_that_stays_away_is_unavailable() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    with pytest.raises(ShopUnavailable, match="does not answer GET /orders/SD1: too slow"):
        await _shop(answer).order("SD1")


@pytest.mark.parametrize(
    ("response", "error", "said"),
    [
        (httpx.Response(401, json={"detail": "no"}), BadSettings, "STREAMDESK_SHOP_TOKEN"),
        (httpx.Response(403, text="no"), BadSettings, "status 403"),
        (httpx.Response(422, json={"detail": "at is missing"}), BadInput, "at is missing"),
        (httpx.Response(200, json={"id": "SD1"}), ShopUnavailable, "another form"),
        (httpx.Response(200, json=[]), ShopUnavailable, "another form"),
    ],
)
async def test_what_a_shop_answers_is_said(response: httpx.Response, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        await _shop(lambda request: response).order("SD1")


async def test_the_token_is_asked_for(shop: SqlShop) -> None:
    transport = httpx.ASGITransport(app=shop_server(shop, "secret"))
    closed = RestShop(httpx.AsyncClient(transport=transport, base_url="http://shop.test"), pause_s=0)
    with pytest.raises(BadSettings, match="the token is missing or wrong"):
        await closed.check()


async def test_verbs_work_over_http(shop: SqlShop) -> None:
    transport = httpx.ASGITransport(app=shop_server(shop))
    rest = RestShop(httpx.AsyncClient(transport=transport, base_url="http://shop.test"), pause_s=0)
    counter = Counter(rest)  # type: ignore[arg-type]
    assert (await counter.do("action_cancel_order", order_number="SD1")).ok
    assert (await counter.do("action_exchange_items", order_number="SD4", items="冲锋衣", quantity=1, wanted="L")).ok
    order = await shop.order("SD1")
    assert order and order.status == "cancelled"


async def test_which_shop_a_url_names(tmp_path: Path) -> None:
    sql = await open_shop_system(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    rest = await open_shop_system("http://127.0.0.1:9/", "t")  # nothing listens there; it may come later
    assert isinstance(sql, SqlShop) and isinstance(rest, RestShop)
    with pytest.raises(ShopUnavailable):
        await rest.check()
    await sql.close()
    await rest.close()


def test_the_documentation_is_what_the_sample_server_speaks() -> None:
    written = json.loads(Path("docs/shop-rest.openapi.json").read_text("utf-8"))
    spoken = json.loads(json.dumps(shop_server(None).openapi()))  # type: ignore[arg-type]
    assert written == spoken, "write it anew: python -m tests.actions.shop_server > docs/shop-rest.openapi.json"
