"""Buying from the first word to the order: what is meant, what it costs, what is held, and what a callback comes to."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from actions.buying import Buying, coupon_meant
from actions.cashier import ShopCashier, Till, order_number
from actions.checkouts import MerchantCheckout, OwnCheckout
from actions.shop import tables
from actions.shop.sql import SqlShop
from actions.trial_payments import TrialPayments
from bot.buying import Cart, Item, Recipient
from bot.commerce import Coupon, Money, OrderStatus, Text
from bot.database import open_engine
from bot.errors import BadInput, VersionConflict
from bot.fakes import FakeReceiver
from bot.live import EventKind, RoomEvent, RoomEvents
from bot.offers import Bill
from bot.postage import Band, Charge, Postage, Zone, charge
from bot.storage.sql import SqlStore
from bot.types import Audience, Author, ConversationKey
from tests.actions.counter import NOW, Counter

KEY = ConversationKey("web", "", "u1")
HOME = Recipient("王小明", "13800001234", "人民路 1 号", "杭州市", "浙江", "310000", "CN", "ming@example.com")
AWAY = replace(HOME, city="乌鲁木齐", region="新疆")
RULE = Postage(
    (Band(Decimal(0), Decimal(9)), Band(Decimal(2000), Decimal(0))),
    (Zone(("CN-XJ",), on_top=Decimal(15)), Zone(("JP",), served=False)),
)


@dataclass
class Hands:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    shop: SqlShop
    store: SqlStore
    clock: Hands
    buyer: Counter
    payments: TrialPayments
    ears: FakeReceiver
    events: list[tuple[str, RoomEvent]]
    cashier: ShopCashier

    async def begun(self, **wanted: object) -> str:
        """The token of a checkout."""
        done = await self.buyer.do("action_buy", **{"product": "P1", "buy_what": "一件姜黄 M", **wanted})
        assert done.ok, done
        return str(done.say[0].args["checkout"]).rpartition("/")[2]

    async def pay(self, token: str, to: Recipient = HOME) -> bytes:
        """The callback of a payment."""
        view = await self.cashier.view(token, to)
        assert view is not None
        assert view.total is not None
        address = await self.cashier.start(token, to, view.total)
        asked = parse_qs(urlsplit(str(address)).query)
        return orjson.dumps({name: asked[name][0] for name in ("due", "amount", "currency", "signature")})

    async def stock(self, sku: str = "P1-2-M") -> int:
        (product,) = await self.shop.products(["P1"])
        return next(variant.stock for variant in product.variants if variant.sku == sku)


@pytest.fixture
async def world(filled: Path, tmp_path: Path) -> AsyncIterator[World]:
    shutil.copy(filled, tmp_path / "shop.db")
    clock, ears, payments = Hands(), FakeReceiver(), TrialPayments()
    shop = SqlShop(open_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"), clock)
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}")
    told: list[tuple[str, RoomEvent]] = []
    events = RoomEvents()

    async def take(room: str, event: RoomEvent) -> None:
        told.append((room, event))

    events.open(take)

    async def postage(purchase: Bill, places: Sequence[str], at: datetime) -> Charge | None:
        return charge(RULE, purchase, places)

    hold_for = timedelta(minutes=10)
    buying = Buying(store.purchases(), OwnCheckout("http://test"), hold_for, "main")
    till = Till(shop, store.purchases(), payments, postage, clock, ears, events, "http://test", hold_for)
    yield World(shop, store, clock, Counter(shop, buying=buying, verified=()), payments, ears, told, ShopCashier(till))
    await store.close()
    await shop.close()


# ---------------------------------------------------------------- by talk


@pytest.mark.parametrize(
    ("said", "sku", "pieces"),
    [
        ("两件黑色L", "P1-1-L", 2),
        ("two of the black ones in L", "P1-1-L", 2),
        ("姜黄 M 码", "P1-2-M", 1),
        ("black, M, x3", "P1-1-M", 3),
    ],
)
async def test_what_is_wanted_is_said_in_one_breath(world: World, said: str, sku: str, pieces: int) -> None:
    quoted = await world.buyer.run("action_quote_buy", product="P1", buy_what=said)
    assert quoted.ok, quoted
    assert quoted.data["items"] == {sku: pieces}


@pytest.mark.parametrize("said", ["两件黑色L，用新人券", "two of the black ones in L with NEW20", "黑色L两件 new20"])
async def test_the_total_is_that_of_the_offers(world: World, said: str) -> None:
    quoted = await world.buyer.run("action_quote_buy", product="P1", buy_what=said)
    assert (quoted.data["coupon"], quoted.data["total"]) == ("NEW20", 2 * 59900 - 4000 - 2000), "after ¥40 off from ¥300"
    plain = await world.buyer.run("action_quote_buy", product="P1", buy_what="两件黑色L")
    assert (plain.data["coupon"], plain.data["total"]) == ("", 2 * 59900 - 4000)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [(None, "which_one"), ("黑色", "which_one"), ("紫色 L", "which_one"), ("黑色 XL", "no_stock"), ("三件黑色L", "no_stock"),
     ("黑色 L，用生日券", "coupon"), ("先不买了", "given_up"), ("no thanks", "given_up")],
)  # fmt: skip
async def test_what_is_not_clear_or_not_there_is_asked_for(world: World, said: str | None, refusal: str) -> None:
    quoted = await world.buyer.run("action_quote_buy", product="P1", buy_what=said)
    assert (quoted.ok, quoted.refusal) == (False, refusal)


def test_coupons_are_named_by_code_or_by_a_part_of_their_name() -> None:
    def coupon(code: str, zh: str, en: str) -> Coupon:
        return Coupon(code, Text(zh, en), "amount", "1000", "all")

    new = coupon("NEW20", "新人券 20 元", "New customers: ¥20 off")
    live = coupon("LIVE30", "直播间 30 元券", "Live room: ¥30 off")
    for said, meant in (
        ("用新人券", new), ("with my new customers coupon", new), ("code live30", live), ("不用券", None), ("没有券", None),
        ("without any coupon", None), ("黑色", None),
    ):  # fmt: skip
        assert coupon_meant(said, [new, live]) == meant, said
    assert coupon_meant("用老客券", [new, live]) == "用老客券"


async def test_nothing_is_sold_in_public_or_where_nothing_is_sold(world: World) -> None:
    public = replace(world.buyer, audience=Audience.PUBLIC)
    assert (await public.run("action_quote_buy", product="P1", buy_what="黑色 M")).refusal == "public_room"
    closed = replace(world.buyer, buying=None)
    assert (await closed.run("action_quote_buy", product="P1", buy_what="黑色 M")).refusal == "not_offered"


async def test_a_cart_grows_by_what_is_confirmed_and_a_link_holds_all_of_it(world: World) -> None:
    await world.begun(buy_what="两件黑色 M")
    await world.begun(buy_what="一件姜黄 L")
    assert (await world.store.purchases().cart(KEY)).items == (Item("P1", "P1-1-M", 2), Item("P1", "P1-2-L", 1))
    assert (await world.stock("P1-1-M"), await world.stock("P1-2-L")) == (3, 2)
    await world.begun(buy_what="一件黑色 M")
    assert await world.stock("P1-1-M") == 4, "the newest number counts, and there is one hold"
    await world.buyer.run("action_empty_cart")
    assert await world.store.purchases().cart(KEY) == Cart()


async def test_the_same_call_again_is_the_same_checkout(world: World) -> None:
    first = await world.buyer.do("action_buy", key="k", product="P1", buy_what="姜黄 M")
    again = await world.buyer.run("action_buy", key="k", product="P1", buy_what="姜黄 M", confirmed=True, quote="x")
    assert first.say == again.say


async def test_the_merchants_own_checkout_gets_the_cart_in_its_link(world: World) -> None:
    checkout = MerchantCheckout("https://shop.example/cart/{lines}?discount={coupon}")
    assert world.buyer.buying is not None
    buyer = replace(world.buyer, buying=replace(world.buyer.buying, checkout=checkout))
    done = await buyer.do("action_buy", product="P1", buy_what="两件黑色L，用新人券")
    assert done.say[0].args["checkout"] == "https://shop.example/cart/P1-1-L:2?discount=NEW20"


# ---------------------------------------------------------------- the checkout


async def test_postage_is_told_for_where_it_goes(world: World) -> None:
    token = await world.begun()
    nowhere = await world.cashier.view(token, None)
    assert nowhere is not None
    assert (nowhere.postage, nowhere.total, nowhere.state) == (None, None, "open")
    for to, fee in ((HOME, "9"), (AWAY, "24")):
        view = await world.cashier.view(token, to)
        assert view is not None
        assert view.postage == Money.of(fee)
        assert view.total == view.reduced + Money.of(fee)
    abroad = await world.cashier.view(token, replace(HOME, region="", city="Tokyo", country="JP"))
    assert abroad is not None
    assert not abroad.served
    with pytest.raises(VersionConflict):
        await world.cashier.start(token, HOME, Money.of("1"))
    assert await world.cashier.view("none", None) is None


async def test_what_is_paid_for_is_an_order_once_however_often_it_is_told(world: World) -> None:
    token = await world.begun(buy_what="一件姜黄 M，用新人券")
    assert await world.stock() == 0
    callback = await world.pay(token)
    await asyncio.gather(*(world.cashier.callback({}, callback) for _ in range(5)))
    purchase = await world.store.purchases().find(token)
    assert purchase is not None
    order = await world.shop.order(purchase.order_id)
    assert order is not None
    assert (order.status, order.room, order.coupon_code) == (OrderStatus.PENDING, "main", "NEW20")
    assert (order.items_total, order.discount, order.total) == (Money.of("649"), Money.of("60"), Money.of("598"))
    assert [payment.amount for payment in await world.shop.payments(order.id)] == [order.total]
    assert await world.stock() == 0
    view = await world.cashier.view(token, None)
    assert view is not None
    assert (view.state, view.order_id, view.total) == ("paid", order.id, order.total), "what was paid, not what it costs now"
    assert await world.store.purchases().cart(KEY) == Cart()
    (word,) = world.ears.messages.values()
    assert word.author is Author.SHOP
    assert word.say is not None
    assert word.say.args == {"order_number": order.id}
    assert {(room, event.id, event.kind) for room, event in world.events} == {("main", order.id, EventKind.ORDER_PAID)}
    assert not world.payments.refunded


async def test_after_sales_knows_the_order(world: World) -> None:
    guest = world.buyer
    done = await guest.do("action_buy", product="P1", buy_what="一件姜黄 M")
    token = str(done.say[0].args["checkout"]).rpartition("/")[2]
    await world.cashier.callback({}, await world.pay(token))
    purchase = await world.store.purchases().find(token)
    assert purchase is not None
    proven = await guest.run("action_verify_order", order_number=purchase.order_id, phone_last4="1234")
    assert proven.ok, proven
    order = await world.shop.order(purchase.order_id)
    assert order is not None
    owner = replace(guest, verified=(f"order:{order.id}", f"customer:{order.customer_id}"))
    assert (await owner.run("action_order_status", order_number=purchase.order_id)).ok
    cancelled = await owner.do("action_cancel_order", order_number=purchase.order_id)
    assert cancelled.ok, cancelled
    assert await world.stock() == 1


async def test_who_pays_too_late_for_what_is_another_s_gets_the_money_back(world: World) -> None:
    token = await world.begun()
    callback = await world.pay(token)
    world.clock.at = NOW + timedelta(minutes=11)
    async with world.shop.transaction() as connection:
        here = tables.variants.c.sku == "P1-2-M"
        await connection.execute(tables.variants.update().where(here).values(stock=0))
    view = await world.cashier.view(token, HOME)
    assert view is not None
    assert view.state == "gone"
    await world.cashier.callback({}, callback)
    async with world.shop.transaction() as connection:
        await connection.execute(tables.variants.update().where(here).values(stock=5))
    await world.cashier.callback({}, callback)
    purchase = await world.store.purchases().find(token)
    assert purchase is not None
    assert (purchase.refused, purchase.order_id) == (True, "")
    assert len(world.payments.refunded) == 1
    assert [message.say and message.say.response for message in world.ears.messages.values()] == ["utter_payment_refused"]
    assert world.events == []


async def test_a_second_payment_of_one_checkout_goes_back(world: World) -> None:
    token = await world.begun()
    first, second = await world.pay(token, HOME), await world.pay(token, AWAY)
    await world.cashier.callback({}, first)
    await world.cashier.callback({}, second)
    (back,) = world.payments.refunded.values()
    assert back.due == orjson.loads(second)["due"]
    assert len({event.id for _, event in world.events}) == 1


async def test_a_callback_that_is_forged_or_of_another_amount_sells_nothing(world: World) -> None:
    callback = orjson.loads(await world.pay(await world.begun()))
    for forged in ({**callback, "amount": 1}, {**callback, "signature": "0"}, {"due": "x"}):
        with pytest.raises(BadInput):
            await world.cashier.callback({}, orjson.dumps(forged))
    assert world.events == []


async def test_of_a_hundred_who_pay_for_the_last_piece_one_gets_it_and_all_others_their_money(world: World) -> None:
    """Everybody's hold has ended by the time the money comes: the worst moment."""
    buyers = [replace(world.buyer, user=f"b{n}", verified=()) for n in range(100)]
    callbacks = []
    for n, buyer in enumerate(buyers):
        world.clock.at = NOW + timedelta(minutes=11 * n)
        done = await replace(buyer, now=world.clock.at).do("action_buy", product="P1", buy_what="姜黄 M")
        assert done.ok, done
        callbacks.append(await world.pay(str(done.say[0].args["checkout"]).rpartition("/")[2]))
    world.clock.at += timedelta(minutes=11)
    await asyncio.gather(*(world.cashier.callback({}, callback) for callback in callbacks))
    assert len({event.id for _, event in world.events}) == 1
    assert len(world.payments.refunded) == 99
    assert await world.stock() == 0


def test_new_numbers_have_the_form_of_the_shops() -> None:
    assert order_number("SD2610000001", "a").startswith("SD26")
    assert len(order_number("SD2610000001", "a")) == len("SD2610000001")
    assert order_number("SD2610000001", "a") == order_number("SD2610000001", "a") != order_number("SD2610000001", "b")
    assert len(order_number("", "a")) == 8
    assert len(order_number("SD7", "a")) == 10
