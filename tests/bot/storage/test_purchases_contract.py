"""What every implementation of `Purchases` promises, in SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.buying import Attempt, Cart, Item, PricedItem, Purchase, Purchases, Recipient, lines_text
from bot.fakes import EPOCH, MemoryPurchases
from bot.storage.sql import SqlStore
from bot.types import ConversationKey

ANN, BEN = ConversationKey("web", "", "ann"), ConversationKey("web", "", "ben")
ONE, TWO = Item("P1", "P1-1-L", 1), Item("P2", "P2-1", 2)
HOME = Recipient("Ann", "+8613800001234", "1 Renmin Road", "Hangzhou", "Zhejiang", "", "CN")
BEGUN = Purchase("t1", ANN, Cart((ONE,), "NEW20"), "main", "en", EPOCH, EPOCH + timedelta(minutes=10))


def attempt(name: str) -> Attempt:
    return Attempt(name, HOME, (PricedItem(ONE, 59900, 2000),), 900, "CNY", "NEW20")


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else f"sqlite+aiosqlite:///{tmp_path}/d.db"
    opened = await SqlStore.open(url)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "sql"])
def purchases(request: pytest.FixtureRequest, store: SqlStore) -> Purchases:
    return MemoryPurchases() if request.param == "memory" else store.purchases()


def test_a_cart_has_each_variant_once() -> None:
    cart = Cart().with_item(ONE).with_item(TWO).with_item(replace(ONE, pieces=3))
    assert lines_text(cart.items) == "P2-1:2,P1-1-L:3"
    assert (attempt("a").goods, attempt("a").discount, attempt("a").total) == (59900, 2000, 58800)


async def test_each_conversation_has_a_cart_of_its_own(purchases: Purchases) -> None:
    assert await purchases.cart(ANN) == Cart()
    await purchases.keep_cart(ANN, Cart((ONE,)))
    await purchases.keep_cart(ANN, Cart((ONE, TWO), "NEW20"))
    assert await purchases.cart(ANN) == Cart((ONE, TWO), "NEW20")
    assert await purchases.cart(BEN) == Cart()


async def test_a_call_begins_one_purchase(purchases: Purchases) -> None:
    begun = await asyncio.gather(*(purchases.begin(replace(BEGUN, token=f"t{n}"), "call") for n in range(5)))
    assert len({purchase.token for purchase in begun}) == 1
    assert await purchases.find(begun[0].token) == begun[0]
    assert await purchases.find("none") is None


async def test_no_attempt_is_lost_and_what_came_of_it_first_stays(purchases: Purchases) -> None:
    await purchases.begin(BEGUN, "call")
    later = EPOCH + timedelta(minutes=20)
    await asyncio.gather(*(purchases.add_attempt("t1", attempt(f"a{n}"), later) for n in range(8)))
    await purchases.add_attempt("t1", attempt("a1"), later)
    found = await purchases.find("t1")
    assert found is not None
    assert sorted(one.id for one in found.attempts) == [f"a{n}" for n in range(8)]
    assert found.held_until == later
    await purchases.settle("t1", "SD1")
    await purchases.settle("t1", "")
    found = await purchases.find("t1")
    assert found is not None
    assert (found.order_id, found.refused) == ("SD1", False)


async def test_they_go_with_their_conversation(store: SqlStore) -> None:
    purchases, holdings = store.purchases(), store.holdings()
    await purchases.keep_cart(ANN, BEGUN.cart)
    await purchases.begin(BEGUN, "call")
    await purchases.add_attempt("t1", attempt("a"), EPOCH)
    assert "Renmin Road" in str((await holdings.export(ANN))["purchases"])
    await holdings.erase(ANN)
    assert (await purchases.cart(ANN), await purchases.find("t1")) == (Cart(), None)


async def test_old_ones_go_with_the_turns_of_their_time(store: SqlStore) -> None:
    await store.purchases().begin(BEGUN, "call")
    assert await store.holdings().drop_old("turns", EPOCH, 10) == 0
    assert await store.holdings().drop_old("turns", EPOCH + timedelta(seconds=1), 10) == 1
