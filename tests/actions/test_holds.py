"""Pieces that are held: told and sold to nobody else, free again by time, and the last one sold once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from actions.backoffice import Change, Effect, HoldStock, MoveStock, PlaceOrder, UseCoupon
from actions.shop import tables
from actions.shop.sql import SqlShop
from bot.commerce import Customer, Money, Order, OrderLine, OrderStatus, Text
from bot.database import open_engine
from bot.errors import VersionConflict
from tests.actions.counter import CUSTOMERS, HOME, NOW, ORDERS, fill

LAST = "P1-2-M"  # one piece
SOON = NOW + timedelta(minutes=10)
BUYERS = 100


@dataclass
class Hands:
    """A clock that stands where it is put."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(params=["sqlite", "postgres"])
async def held(request: pytest.FixtureRequest, filled: Path, tmp_path: Path, hands: Hands) -> AsyncIterator[SqlShop]:
    if request.param == "postgres":
        opened = await SqlShop.open(request.getfixturevalue("postgres_url"), hands)
        await fill(opened, ORDERS, CUSTOMERS)
    else:
        shutil.copy(filled, tmp_path / "shop.db")
        opened = SqlShop(open_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"), hands)
    yield opened
    await opened.close()


def change(key: str, *effects: Effect, at: datetime = NOW) -> Change:
    return Change(key, "action_test", "bot web//u/", at, "because", effects, {"ok": True})


async def told(shop: SqlShop, sku: str = LAST) -> int:
    (product,) = await shop.products(["P1"])
    return next(variant.stock for variant in product.variants if variant.sku == sku)


async def test_what_is_held_is_told_and_sold_to_nobody_else(held: SqlShop) -> None:
    await held.commit(change("a", HoldStock("ann", LAST, 1, SOON)))
    assert await told(held) == 0
    for other in (HoldStock("ben", LAST, 1, SOON), MoveStock(LAST, -1)):
        with pytest.raises(VersionConflict):
            await held.commit(change("b", other))
    await held.commit(change("c", MoveStock(LAST, -1, hold="ann")))
    assert await told(held) == 0
    await held.commit(change("d", MoveStock(LAST, 1)))
    assert await told(held) == 1, "the hold went with its sale"


async def test_the_same_hold_again_takes_the_place_of_the_earlier_one(held: SqlShop) -> None:
    await held.commit(change("a", HoldStock("ann", "P1-1-M", 4, SOON)))
    await held.commit(change("b", HoldStock("ann", "P1-1-M", 5, SOON)))
    assert await told(held, "P1-1-M") == 0
    with pytest.raises(VersionConflict):
        await held.commit(change("c", HoldStock("ann", "P1-1-M", 6, SOON)))


async def test_a_hold_ends_by_itself(held: SqlShop, hands: Hands) -> None:
    await held.commit(change("a", HoldStock("ann", LAST, 1, SOON)))
    hands.at = SOON
    assert await told(held) == 1
    await held.commit(change("b", HoldStock("ben", LAST, 1, SOON + timedelta(minutes=10)), at=SOON))
    with pytest.raises(VersionConflict):  # who was too late gets nothing that is another's by now
        await held.commit(change("c", MoveStock(LAST, -1, hold="ann"), at=SOON))


async def test_the_last_piece_is_sold_once_under_a_hundred_buyers(held: SqlShop) -> None:
    """Half of them hold it first, half buy at once."""

    async def buy(n: int) -> int:
        try:
            if n % 2:
                await held.commit(change(f"h{n}", HoldStock(f"buyer{n}", LAST, 1, SOON)))
            await held.commit(change(f"s{n}", MoveStock(LAST, -1, hold=f"buyer{n}" if n % 2 else "")))
        except VersionConflict:
            return 0
        return 1

    assert sum(await asyncio.gather(*(buy(n) for n in range(BUYERS)))) == 1
    assert await told(held) == 0


async def test_holds_of_several_things_at_once_wait_for_nobody_in_a_ring(held: SqlShop) -> None:
    async def hold(n: int) -> int:
        wanted = [HoldStock(f"buyer{n}", sku, 1, SOON) for sku in ("P1-1-L", "P1-2-L")]
        try:
            await held.commit(change(f"h{n}", *(wanted if n % 2 else reversed(wanted))))
        except VersionConflict:
            return 0
        return 1

    assert sum(await asyncio.gather(*(hold(n) for n in range(40)))) == 2, "there are two of one and three of the other"
    assert (await told(held, "P1-1-L"), await told(held, "P1-2-L")) == (0, 1)


def order(number: str, customer: str) -> Order:
    line = OrderLine(1, LAST, "P1", Text("山脊冲锋衣", "Ridge Shell Jacket"), 1, Money.of("649"), Money.of("20"))
    money = {"items_total": Money.of("649"), "discount": Money.of("20"), "shipping_fee": Money.of("0")}
    return Order(
        number, customer, OrderStatus.PENDING, NOW, (line,), total=Money.of("629"), payment_method="test",
        ship_to=HOME, coupon_code="NEW20", paid_at=NOW, room="main", **money,
    )  # fmt: skip


async def test_a_new_order_is_there_as_any_other(held: SqlShop) -> None:
    buyer = Customer("G1", "王小明", "", HOME.phone, "zh", "", 0, NOW, HOME)
    before = next(coupon for coupon in await held.coupons(NOW) if coupon.code == "NEW20")
    await held.commit(change("a", PlaceOrder(order("SD900", "G1"), buyer), UseCoupon("NEW20")))
    assert await held.order("SD900") == replace(order("SD900", "G1"), version=1)
    assert await held.customer("G1") == buyer
    after = next(coupon for coupon in await held.coupons(NOW) if coupon.code == "NEW20")
    assert after.used == before.used + 1
    with pytest.raises(VersionConflict):
        await held.commit(change("b", PlaceOrder(order("SD900", "C1"), replace(buyer, id="C1"))))
    await held.commit(change("c", PlaceOrder(order("SD901", "G1"), replace(buyer, name="another"))))
    assert await held.customer("G1") == buyer, "who is known stays as they are"


async def test_a_coupon_that_is_used_up_is_taken_by_nobody(held: SqlShop) -> None:
    async with held.transaction() as connection:
        await connection.execute(tables.coupons.update().where(tables.coupons.c.code == "NEW20").values(total=1, used=1))
    with pytest.raises(VersionConflict):
        await held.commit(change("a", UseCoupon("NEW20")))
