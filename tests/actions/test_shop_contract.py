"""What every shop must do, in SQLite, in PostgreSQL (where it is installed) and over REST: one suite over all of them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from actions.backoffice import (
    Backoffice,
    Case,
    Change,
    Effect,
    Entry,
    MoveMoney,
    MovePoints,
    MoveStock,
    OpenCase,
    Payment,
    PlaceOrder,
    ReturnCoupon,
    SaveEntry,
    SaveOrder,
    SaveReturn,
    SetAddress,
)
from actions.shop import rows
from actions.shop.rest import RestShop
from actions.shop.sql import SqlShop
from actions.shop.tables import products, variants
from bot.commerce import Money, Order, OrderStatus, Return
from bot.database import open_engine
from bot.errors import BadInput, VersionConflict
from tests.actions.counter import CUSTOMERS, HOME, NOW, ORDERS, PRODUCTS, fill
from tests.actions.shop_server import shop_server

TOKEN = "a token of the shop"


@pytest.fixture(params=["sqlite", "postgres", "rest"])
async def any_shop(request: pytest.FixtureRequest, filled: Path, tmp_path: Path) -> AsyncIterator[Backoffice]:
    if request.param == "postgres":
        opened = await SqlShop.open(request.getfixturevalue("postgres_url"))
        await fill(opened, ORDERS, CUSTOMERS)
    else:
        shutil.copy(filled, tmp_path / "shop.db")
        opened = SqlShop(open_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"))
    if request.param != "rest":
        yield opened
        await opened.close()
        return
    transport = httpx.ASGITransport(app=shop_server(opened, TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    rest = RestShop(httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=headers), pause_s=0)
    yield rest
    await rest.close()
    await opened.close()


async def _order(shop: Backoffice, number: str) -> Order:
    order = await shop.order(number)
    assert order is not None
    return order


def change(*effects: Effect, key: str = "web//u/m1/0", order_id: str = "SD1", **outcome: Any) -> Change:
    return Change(key, "action_test", "bot web//u/", NOW, "because", effects, outcome or {"ok": True}, order_id)


# ---------------------------------------------------------------- reading


async def test_products(any_shop: Backoffice) -> None:
    assert [product.id for product in await any_shop.products()] == sorted(product.id for product in PRODUCTS)
    assert [product.id for product in await any_shop.products(["P3", "none", "P1"])] == ["P3", "P1"]
    assert await any_shop.products([]) == []
    jacket = await any_shop.product("P1")
    assert jacket is not None
    (made,) = (product for product in PRODUCTS if product.id == "P1")
    assert (jacket.name, jacket.aliases, jacket.warranty_months) == (made.name, made.aliases, made.warranty_months)
    assert [(v.sku, v.color, v.size, v.price, v.stock) for v in jacket.variants] == [
        (v.sku, v.color, v.size, v.price, v.stock) for v in made.variants
    ]
    assert await any_shop.product("a product with / and ?") is None


async def test_what_others_write_is_seen_at_once_and_the_rest_is_not_read_again(shop: SqlShop) -> None:
    before = {product.id: product for product in await shop.products()}
    async with shop.transaction() as connection:
        await connection.execute(variants.update().where(variants.c.sku == before["P1"].variants[0].sku).values(price=1))
        data = {**rows.product_data(before["P2"]), "brand": "new"}
        await connection.execute(products.update().where(products.c.id == "P2").values(data=data))
    after = {product.id: product for product in await shop.products()}
    assert after["P1"].variants[0].price.minor == 1
    assert after["P2"].brand == "new"
    assert after["P3"] is before["P3"]


async def test_what_a_room_shows(any_shop: Backoffice) -> None:
    assert await any_shop.shelf("main", NOW) == []
    assert await any_shop.on_screen("main", NOW) is None
    await any_shop.show("main", "P1", NOW)
    await any_shop.show("main", None, NOW + timedelta(minutes=1))
    assert await any_shop.on_screen("main", NOW + timedelta(seconds=30)) == "P1"
    assert await any_shop.on_screen("main", NOW + timedelta(minutes=2)) is None
    assert await any_shop.on_screen("another/room", NOW + timedelta(seconds=30)) is None
    with pytest.raises(BadInput):
        await any_shop.show("main", "none", NOW)


async def test_offers(any_shop: Backoffice) -> None:
    assert {coupon.code for coupon in await any_shop.coupons(NOW)} >= {"NEW20"}
    for promotion in await any_shop.promotions(NOW):
        assert promotion.currency == "CNY"


async def test_people(any_shop: Backoffice) -> None:
    customer = await any_shop.customer("C1")
    assert customer is not None and (customer.email, customer.address, customer.created_at) == ("c1@example.com", HOME, NOW)
    assert await any_shop.customer("nobody") is None
    assert [found.id for found in await any_shop.find_customers(email="C1@EXAMPLE.com")] == ["C1"]
    assert [found.id for found in await any_shop.find_customers(name="王小明", postal_code="310000")] == ["C1", "C2", "C3"]
    assert await any_shop.find_customers(name="王小明", postal_code="999999") == []
    methods = await any_shop.payment_methods("C1")
    assert [(method.id, method.kind, method.balance) for method in methods] == [
        ("card-C1", "card", None), ("gift-C1", "gift_card", Money(100_000)),
    ]  # fmt: skip


async def test_orders(any_shop: Backoffice) -> None:
    (made,) = (order for order in ORDERS if order.id == "SD4")
    assert await any_shop.order("SD4") == made
    assert await any_shop.order("SD404") is None
    ids, placed = await any_shop.order_ids(1_000), {order.id: order.placed_at for order in ORDERS}
    assert sorted(ids) == sorted(placed)
    assert [placed[one] for one in ids] == sorted(placed.values(), reverse=True)
    assert await any_shop.order_ids(2) == ids[:2]
    newest = await any_shop.orders_of("C1", 2)
    assert len(newest) == 2 and newest[0].placed_at >= newest[1].placed_at
    assert [payment.amount for payment in await any_shop.payments("SD4")] == [made.total]
    assert (await any_shop.purchases())["C2"] == ["P1"]
    for empty in (any_shop.shipments, any_shop.returns, any_shop.cases, any_shop.records):
        assert await empty("SD4") == []


# ---------------------------------------------------------------- writing


async def test_a_change_happens_whole_and_is_kept(any_shop: Backoffice) -> None:
    order = await _order(any_shop, "SD1")
    refund = Payment("p1", "SD1", "refund", Money(500), "gift-C1", NOW, "done", "because", 1)
    item = Return("R1", "SD1", 1, 1, "return", "because", "approved", NOW, Money(500), "gift-C1", None, "", Money(500))
    case = Case("K1", "review", NOW, "SD1", 1, "P1-1-M", "C1", "look", data={"photo": "d", "n": 1})
    effects = (
        SaveOrder(replace(order, status=OrderStatus.CANCELLED)),
        MoveStock("P1-1-M", 2),
        MovePoints("C1", -300),
        MoveMoney(refund),
        ReturnCoupon("NEW20"),
        SetAddress("C1", replace(HOME, line="2 号")),
        SaveReturn(item),
        OpenCase(case),
    )
    points = (await any_shop.customer("C1")).points  # type: ignore[union-attr]
    stock = (await any_shop.product("P1")).variants[0].stock  # type: ignore[union-attr]
    assert await any_shop.commit(change(*effects, ok=True, data={"n": [1, None]})) == {"ok": True, "data": {"n": [1, None]}}
    saved, customer, jacket = await _order(any_shop, "SD1"), await any_shop.customer("C1"), await any_shop.product("P1")
    assert customer and jacket
    assert (saved.status, saved.version) == (OrderStatus.CANCELLED, order.version + 1)
    assert (customer.points, customer.address.line, jacket.variants[0].stock) == (points - 300, "2 号", stock + 2)
    assert (await any_shop.payments("SD1"))[-1] == refund
    assert await any_shop.returns("SD1") == [item]
    assert await any_shop.cases("SD1") == [case]
    gift = next(method for method in await any_shop.payment_methods("C1") if method.id == "gift-C1")
    assert gift.balance == Money(100_500)
    (record,) = await any_shop.records("SD1")
    assert (record.action, record.actor, record.why, record.at) == ("action_test", "bot web//u/", "because", NOW)


async def test_a_document_goes_from_version_to_version(any_shop: Backoffice) -> None:
    card = Entry("card", "C1/小明", {"note": "新", "n": 1})
    assert await any_shop.entry("card", card.id) is None
    await any_shop.commit(change(SaveEntry(card), key="a"))
    kept = await any_shop.entry("card", card.id)
    assert kept == replace(card, version=1)
    await any_shop.commit(change(SaveEntry(replace(kept, data={"n": 2})), key="b"))
    assert await any_shop.entry("card", card.id) == replace(card, data={"n": 2}, version=2)
    assert await any_shop.entry("other", card.id) is None


@pytest.mark.parametrize("version", [0, 2])
async def test_a_document_that_went_on_is_a_conflict_and_nothing_is_written(any_shop: Backoffice, version: int) -> None:
    await any_shop.commit(change(SaveEntry(Entry("card", "C1", {"n": 1})), key="a"))
    with pytest.raises(VersionConflict):
        await any_shop.commit(change(MoveStock("P1-1-M", 5), SaveEntry(Entry("card", "C1", {"n": 2}, version)), key="b"))
    jacket = await any_shop.product("P1")
    assert jacket and jacket.variants[0].stock == PRODUCTS[0].variants[0].stock
    assert await any_shop.entry("card", "C1") == Entry("card", "C1", {"n": 1}, 1)


async def test_a_new_order_is_placed_once(any_shop: Backoffice) -> None:
    order = replace(await _order(any_shop, "SD1"), id="SD-NEW", version=0)
    buyer = await any_shop.customer(order.customer_id)
    assert buyer is not None
    await any_shop.commit(change(PlaceOrder(order, buyer), key="a", order_id=order.id))
    assert await _order(any_shop, "SD-NEW") == replace(order, version=1)
    with pytest.raises(VersionConflict):
        await any_shop.commit(change(MoveStock("P1-1-M", -1), PlaceOrder(order, buyer), key="b"))
    jacket = await any_shop.product("P1")
    assert jacket and jacket.variants[0].stock == PRODUCTS[0].variants[0].stock


async def test_the_same_key_twice_has_one_effect_and_one_outcome(any_shop: Backoffice) -> None:
    made = change(MoveStock("P1-1-M", 1), key="web//小明/m 1/0", first=True)
    assert await any_shop.receipt(made.key) is None
    assert await any_shop.commit(made) == {"first": True}
    assert await any_shop.commit(replace(made, outcome={"first": False})) == {"first": True}
    assert await any_shop.receipt(made.key) == {"first": True}
    jacket = await any_shop.product("P1")
    assert jacket and jacket.variants[0].stock == PRODUCTS[0].variants[0].stock + 1


async def test_two_at_once_under_one_key(any_shop: Backoffice) -> None:
    made = change(MoveStock("P1-1-M", 1))
    outcomes = await asyncio.gather(*(any_shop.commit(made) for _ in range(5)), return_exceptions=True)
    assert {"ok": True} in outcomes
    assert all(outcome == {"ok": True} or isinstance(outcome, VersionConflict) for outcome in outcomes)
    jacket = await any_shop.product("P1")
    assert jacket and jacket.variants[0].stock == PRODUCTS[0].variants[0].stock + 1


async def test_an_order_that_went_on_is_a_conflict_and_nothing_is_written(any_shop: Backoffice) -> None:
    order = await _order(any_shop, "SD1")
    await any_shop.commit(change(SaveOrder(replace(order, note="first")), key="a"))
    stale = change(MoveStock("P1-1-M", 5), SaveOrder(replace(order, note="second")), key="b")
    with pytest.raises(VersionConflict):
        await any_shop.commit(stale)
    jacket = await any_shop.product("P1")
    assert jacket and jacket.variants[0].stock == PRODUCTS[0].variants[0].stock
    assert (await _order(any_shop, "SD1")).note == "first"
    assert await any_shop.receipt("b") is None


@pytest.mark.parametrize(
    "effect",
    [
        MoveStock("P1-1-M", -1_000),
        MoveStock("none", -1),
        MovePoints("nobody", 1),
        MoveMoney(Payment("p1", "SD1", "payment", Money(1_000_000), "gift-C1", NOW)),
    ],
)
async def test_what_is_not_there_cannot_be_taken(any_shop: Backoffice, effect: Effect) -> None:
    with pytest.raises(VersionConflict):
        await any_shop.commit(change(OpenCase(Case("K1", "review", NOW, "SD1")), effect))
    assert await any_shop.cases("SD1") == []
    assert await any_shop.payments("SD1") == [payment for payment in await any_shop.payments("SD1") if payment.id != "p1"]
