"""The door of our own checkout, over a fake cashier: what it lets in, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.buying import Recipient
from bot.channel import OpenChannel
from bot.commerce import Money, Text
from bot.errors import BadInput, VersionConflict
from bot.fakes import FakeLimits
from bot.payments import Line, View
from channels.common.application import web_application
from channels.common.keys import Keys
from channels.common.metrics import Metrics
from channels.web.checkout import CheckoutDoor, checkout_router

SHIRT = Line("P1", Text("衬衫", "Shirt"), Text("黑色 L", "Black L"), 2, Money.of("100"), Money.of("200"), "pictures/p1.png")
HOME = {"name": "王小明", "phone": "138 0000 1234", "region": "浙江", "city": "杭州", "line": "人民路 1 号"}


@dataclass
class FakeCashier:
    """Postage is ¥9 to anywhere, and a callback says `paid`."""

    started: list[tuple[Recipient, Money]] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)

    async def view(self, token: str, recipient: Recipient | None) -> View | None:
        if token != "t1":
            return None
        postage = Money.of("9") if recipient else None
        total = Money.of("189") if recipient else None
        offers = ((Text("新人券", "New customers"), Money.of("20")),)
        until = datetime(2026, 6, 18, tzinfo=UTC)
        return View((SHIRT,), Money.of("200"), offers, Money.of("180"), postage, total, True, "open", until, "zh")

    async def start(self, token: str, recipient: Recipient, total: Money) -> str | None:
        if token != "t1":
            return None
        if total != Money.of("189"):
            raise VersionConflict("another total")
        self.started.append((recipient, total))
        return "https://pay.example/1"

    async def callback(self, headers: Mapping[str, str], body: bytes) -> None:
        if body != b"paid":
            raise BadInput("forged.", where="body", remedy="No.")
        self.told.append(body)


@pytest.fixture
def cashier() -> FakeCashier:
    return FakeCashier()


@pytest.fixture
def client(cashier: FakeCashier) -> httpx.AsyncClient:
    channel = OpenChannel({}, (checkout_router(CheckoutDoor(cashier, FakeLimits())),))
    app = web_application([channel], {}, Metrics(), Keys({}, is_open=True))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_what_it_costs_is_told_for_where_it_goes(client: httpx.AsyncClient) -> None:
    nowhere = (await client.post("/checkout/t1/totals", json={})).json()
    assert (nowhere["postage"], nowhere["total"], nowhere["reduced"]) == (None, None, "¥180")
    there = (await client.post("/checkout/t1/totals", json={"city": "杭州"})).json()
    assert (there["postage"], there["total"], there["total_text"], there["free"]) == ("¥9", 18900, "¥189", False)
    assert there["lines"][0]["name"] == {"zh": "衬衫", "en": "Shirt"}
    assert there["lines"][0]["picture"] == "/pictures/p1.png"
    assert (await client.post("/checkout/none/totals", json={})).status_code == 404


async def test_the_total_that_was_shown_is_paid_and_the_phone_is_in_one_form(
    client: httpx.AsyncClient, cashier: FakeCashier
) -> None:
    paid = await client.post("/checkout/t1/pay", json={**HOME, "total": 18900, "currency": "CNY"})
    assert paid.json() == {"url": "https://pay.example/1"}
    ((recipient, _),) = cashier.started
    assert (recipient.phone, recipient.country, recipient.email) == ("+8613800001234", "CN", "")
    other = await client.post("/checkout/t1/pay", json={**HOME, "total": 18800, "currency": "CNY"})
    assert (other.status_code, other.json()["key"]) == (409, "total")
    assert (await client.post("/checkout/x/pay", json={**HOME, "total": 1, "currency": "CNY"})).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"name": " "}, "name"),
        ({"line": ""}, "line"),
        ({"phone": "12"}, "phone"),
        ({"country": "China"}, "country"),
        ({"email": "nobody"}, "email"),
        ({"total": "18900"}, "total"),
        ({"total": True}, "total"),
        ({"name": "x" * 5000}, "name"),
        ({"card_number": "4111111111111111"}, "card_number"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_begun(
    client: httpx.AsyncClient, cashier: FakeCashier, wrong: dict[str, Any], key: str
) -> None:
    answer = await client.post("/checkout/t1/pay", json={**HOME, "total": 18900, "currency": "CNY", **wrong})
    assert (answer.status_code, answer.json()["key"]) == (422, key)
    assert not cashier.started


async def test_a_callback_is_taken_or_refused(client: httpx.AsyncClient, cashier: FakeCashier) -> None:
    assert (await client.post("/payments/callback", content=b"paid")).status_code == 204
    assert (await client.post("/payments/callback", content=b"forged")).status_code == 422
    assert cashier.told == [b"paid"]


async def test_the_pages_are_there_and_no_other_site_may_frame_them(client: httpx.AsyncClient) -> None:
    for path in ("/checkout/t1", "/checkout/trial"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
