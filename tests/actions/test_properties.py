"""Whatever is asked for, repeated, interrupted or done at once: money, pieces and points are neither lost nor doubled."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.backoffice import Change
from actions.registry import VERBS
from actions.settlement import DONE, settle
from actions.shop import tables
from actions.shop.sql import SqlShop
from bot.database import open_engine
from bot.types import Outcome
from tests.actions.counter import CUSTOMERS, ORDERS, POLICY, Counter, everything, fill, set_price

OWNERS = {order.id: order.customer_id for order in ORDERS}
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Killed(BaseException):
    """The process died here: nothing in the shop may catch it."""


@dataclass
class Fuse:
    """Burns one step at each statement and commit while it is lit, and kills at its end."""

    left: int | None = None

    def burn(self, *_: Any, **__: Any) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed


class FragileShop(SqlShop):
    """The SQL shop, dying in the middle of a commit or right after it, as its fuse says."""

    def __init__(self, engine: AsyncEngine, fuse: Fuse) -> None:
        super().__init__(engine)
        self._fuse = fuse
        self._lit: int | None = None

    def light(self, steps: int) -> None:
        """The next commit dies after so many steps."""
        self._lit = steps

    async def commit(self, change: Change) -> Mapping[str, Any]:
        self._fuse.left, self._lit = self._lit, None
        try:
            outcome = await super().commit(change)
            self._fuse.burn()  # committed, but nobody has heard of it
            return outcome
        finally:
            self._fuse.left = None


@dataclass(frozen=True)
class Ask:
    """A verb that is quoted and confirmed. `fuse`: dies after so many steps and is called again with the same key."""

    action: str
    arguments: Mapping[str, Any] = field(hash=False)
    fuse: int | None = None
    twice_at_once: bool = False
    rival: Ask | None = None


@dataclass(frozen=True)
class Check:
    """The warehouse checks the open return of this rank, of all that are open."""

    rank: int
    accepted: bool


@dataclass(frozen=True)
class Price:
    """The shop changes a price."""

    sku: str
    price: str


# Orders of the state that a verb is for come up most often, so that most of what is asked for happens.
PENDING, DELIVERED = ("SD1", "SD2", "SD7"), ("SD4", "SD5", "SD8", "SD9")
JACKETS, GOWNS = ("SD1", "SD2", "SD4", "SD5", "SD9"), ("SD7", "SD8")
WAYS = (None, "gift card", "card-C1")


def _arguments(action: str, draw: st.DrawFn) -> dict[str, Any]:
    """Arguments that a verb can mostly be carried out with."""
    orders = {
        "action_return_items": DELIVERED,
        "action_exchange_items": DELIVERED,
        "action_price_protection": ("SD1", "SD3", "SD4", "SD5"),
    }
    number = draw(st.sampled_from(orders.get(action, PENDING)))
    arguments: dict[str, Any] = {"order_number": number}
    if action in ("action_change_items", "action_exchange_items"):
        sizes = st.sampled_from(["L", "M", "S"] if number in GOWNS else ["L", "M"])
        colors = st.sampled_from([None, "姜黄"]) if number in JACKETS else st.none()
        arguments |= {"items": draw(st.sampled_from(["1", ["1"]])), "payment_method": draw(st.sampled_from(WAYS))}
        arguments |= {"new_size": draw(sizes), "new_color": draw(colors)}
    if action == "action_return_items":
        arguments |= {"items": draw(st.sampled_from(["1", "all", ["1"], ["1", "1"], ["1", "3"]]))}
        arguments |= {"reason": draw(st.sampled_from([None, "坏了"])), "evidence": "digest"}
    if action == "action_change_payment":
        arguments["new_payment_method"] = draw(st.sampled_from(["gift card", "wechat", "alipay"]))
    if action == "action_change_address":
        arguments["line"] = "新街 2 号"
    return arguments


@st.composite
def asks(draw: st.DrawFn, rivals: bool = True) -> Ask:
    """Something that is asked for; with `rivals` perhaps at the same time as something else."""
    actions = ("cancel_order", "change_payment", "change_address", "change_items", "exchange_items", "return_items")
    action = draw(
        st.sampled_from([f"action_{name}" for name in (*actions, "exchange_items", "return_items", "price_protection")])
    )
    fuse = draw(st.sampled_from([None, *range(16)]))
    rival = draw(st.one_of(st.none(), asks(rivals=False))) if rivals else None
    return Ask(action, _arguments(action, draw), fuse, draw(st.booleans()), rival)


_PRICES = st.builds(Price, st.sampled_from(["P1-1-M", "P1-2-M", "P3-1"]), st.sampled_from(["49.99", "555", "700"]))
_CHECKS = st.builds(Check, st.integers(0, 5), st.sampled_from([True, True, False]))
STEPS = st.lists(st.one_of(asks(), asks(), _CHECKS, _PRICES), min_size=4, max_size=12)


async def _take(step: Ask | Check | Price, shop: FragileShop, number: int) -> None:
    match step:
        case Price():
            await set_price(shop, step.sku, step.price)
        case Check():
            rows = (await everything(shop))["returns"]
            waiting = [row for row in rows if row["status"] not in DONE]
            if waiting:
                row = waiting[step.rank % len(waiting)]
                await settle(
                    shop,
                    POLICY,
                    SHANGHAI,
                    order_number=row["order_id"],
                    return_id=row["id"],
                    actor="staff",
                    at=ORDERS[0].placed_at,
                    accepted=step.accepted,
                )
        case Ask(rival=None):
            await _ask(step, shop, f"{number}")
        case Ask(rival=Ask() as rival):
            await asyncio.gather(_ask(step, shop, f"{number}a"), _ask(rival, shop, f"{number}b"))


async def _ask(ask: Ask, shop: FragileShop, key: str) -> None:
    """Quote, confirm, die where the fuse says, and call again; the same key never has two outcomes that say done."""
    owner = OWNERS[ask.arguments["order_number"]]
    counter = Counter(shop, verified=(f"customer:{owner}",), user=key)
    try:
        quoted = await counter.run(VERBS[ask.action].quote, **ask.arguments)
    except Killed:  # by the fuse of its rival: who dies before a yes has asked for nothing
        return
    if not quoted.ok:
        return
    yes = {**ask.arguments, "quote": quoted.slots["quote"], "confirmed": True}
    if ask.fuse is not None:
        shop.light(ask.fuse)
    calls = 2 if ask.twice_at_once else 1
    first = await asyncio.gather(*(counter.run(ask.action, key=key, **yes) for _ in range(calls)), return_exceptions=True)
    try:
        again = await counter.run(ask.action, key=key, **yes)
    except Killed:  # by the fuse of its rival, which burns once
        again = await counter.run(ask.action, key=key, **yes)
    done = [outcome for outcome in (*first, again) if isinstance(outcome, Outcome) and outcome.ok]
    assert all(outcome == done[0] for outcome in done)
    assert all(isinstance(outcome, Outcome | Killed) for outcome in first)
    assert again.ok or not done


@dataclass(frozen=True)
class Books:
    """What must never change: pieces by SKU, points by customer, and what gift cards hold with what they paid."""

    pieces: Mapping[str, int]
    points: Mapping[str, int]
    cards: Mapping[str, int]


def _books(rows: Mapping[str, list[Mapping[str, Any]]]) -> Books:
    open_orders = {row["id"] for row in rows["orders"] if row["status"] != "cancelled"}
    pieces: Tally[str] = Tally({row["sku"]: row["stock"] for row in rows["variants"]})
    skus = {(row["order_id"], row["number"]): row["sku"] for row in rows["order_lines"]}
    for row in rows["order_lines"]:
        pieces[row["sku"]] += row["quantity"] if row["order_id"] in open_orders else 0
    for row in rows["returns"]:
        if row["status"] == "refunded":  # the pieces are on the shelf again, and the line still tells of them
            pieces[skus[row["order_id"], row["line"]]] -= row["quantity"]
        elif row["kind"] == "exchange" and row["status"] not in DONE:  # kept for the customer
            pieces[row["exchange_sku"]] += row["quantity"]
    points: Tally[str] = Tally({row["id"]: row["points"] for row in rows["customers"]})
    for row in rows["orders"]:
        points[row["customer_id"]] += row["points_used"] - row["points_earned"]
    cards: Tally[str] = Tally({row["id"]: row["balance"] for row in rows["payment_methods"] if row["balance"] is not None})
    for row in rows["payments"]:
        if row["method"] in cards and row["status"] != "review":
            cards[row["method"]] += row["amount"] if row["kind"] == "payment" else -row["amount"]
    return Books(pieces, points, cards)


def _check(rows: Mapping[str, list[Mapping[str, Any]]], before: Books) -> None:
    assert _books(rows) == before
    assert all(row["stock"] >= 0 for row in rows["variants"])
    assert all(row["balance"] is None or row["balance"] >= 0 for row in rows["payment_methods"])
    assert len({row["key"] for row in rows["audit"]}) == len(rows["audit"])
    for order in rows["orders"]:
        held: Tally[str] = Tally()
        for row in rows["payments"]:
            if row["order_id"] == order["id"]:
                held["all"] += row["amount"] if row["kind"] == "payment" else -row["amount"]
        lines = [row for row in rows["order_lines"] if row["order_id"] == order["id"]]
        worth = sum(row["unit_price"] * row["quantity"] - row["discount"] for row in lines)
        assert order["total"] == worth + order["shipping_fee"], order["id"]
        assert order["total"] == order["items_total"] - order["discount"] + order["shipping_fee"], order["id"]
        refunded = [row for row in rows["returns"] if row["order_id"] == order["id"] and row["status"] == "refunded"]
        expected = order["total"] - sum(row["refund"] for row in refunded)
        if order["status"] == "cancelled" or order["paid_at"] is None:
            expected = 0
        assert held["all"] == expected >= 0, order["id"]
        for line in lines:
            gone = [row for row in rows["returns"] if row["order_id"] == order["id"] and row["line"] == line["number"]]
            assert (
                sum(row["quantity"] for row in gone if row["status"] not in ("rejected", "closed", "exchanged"))
                <= line["quantity"]
            )
        assert order["points_used"] >= 0 and order["points_earned"] >= 0
        changes = [row for row in rows["audit"] if row["order_id"] == order["id"]]
        assert order["version"] == len(changes)
        assert all(row["before"] and row["after"] and row["actor"] and row["why"] for row in changes)


async def _play(url: str, steps: list[Ask | Check | Price], *, filled: bool) -> None:
    fuse = Fuse()
    if not filled:
        shop = await SqlShop.open(url)
        async with shop.transaction() as connection:
            for table in reversed(tables.METADATA.sorted_tables):
                await connection.execute(table.delete())
        await fill(shop, ORDERS, CUSTOMERS)
        await shop.close()
    engine = open_engine(url)
    event.listen(engine.sync_engine, "before_cursor_execute", fuse.burn)
    event.listen(engine.sync_engine, "commit", fuse.burn)
    fragile = FragileShop(engine, fuse)
    try:
        before = _books(await everything(fragile))
        for number, step in enumerate(steps):
            await _take(step, fragile, number)
            _check(await everything(fragile), before)
    finally:
        await fragile.close()


@given(STEPS)
@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_or_doubled(filled: Path, steps: list[Ask | Check | Price]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.db"
        shutil.copy(filled, file)
        asyncio.run(_play(f"sqlite+aiosqlite:///{file}", steps, filled=True))


@pytest.mark.postgres
def test_nothing_is_lost_or_doubled_in_postgres(postgres_url: str) -> None:
    @given(STEPS)
    @settings(max_examples=12, deadline=None)
    def play(steps: list[Ask | Check | Price]) -> None:
        asyncio.run(_play(postgres_url, steps, filled=False))

    play()
