"""Returns and exchanges, from the quote to the settled money."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from actions.settlement import settle
from actions.shop.sql import SqlShop
from bot.commerce import Money, OrderStatus, Return
from bot.errors import BadInput
from tests.actions.counter import POLICY, Counter, set_price, stock

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def settled(shop: SqlShop, counter: Counter, return_id: str, *, accepted: bool = True) -> Return:
    """The warehouse has checked it."""
    return await settle(
        shop,
        POLICY,
        SHANGHAI,
        order_number=return_id.split("-", maxsplit=1)[0].removeprefix("R"),
        return_id=return_id,
        actor="warehouse",
        at=counter.now,
        accepted=accepted,
    )


async def test_one_piece_comes_back_at_what_was_paid_for_it(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    done = await counter.do("action_return_items", order_number="SD4", items="冲锋衣", quantity=1, reason="尺码不合适")
    assert done.ok
    # 599 less a third of 100, rounded down to the cent, less the pick-up
    assert (done.data["goods"], done.data["fee"], done.data["refund"]) == ([56567], 1000, 55567)
    [item] = await shop.returns("SD4")
    assert (item.id, item.status, item.kind, item.quantity) == ("RSD4-1", "approved", "return", 1)
    order = await shop.order("SD4")
    assert order is not None and order.status is OrderStatus.RETURN_REQUESTED
    assert await stock(shop) == before  # nothing has come back yet
    assert len(await shop.payments("SD4")) == 1


async def test_the_shares_of_all_pieces_add_up(counter: Counter, shop: SqlShop) -> None:
    goods = []
    for _ in range(3):
        done = await counter.do("action_return_items", order_number="SD4", items="1", quantity=1)
        goods += done.data["goods"]
    assert sum(goods) == 3 * 59900 - 10000
    assert [item.refund for item in await shop.returns("SD4")][1:] == [Money(goods[1]), Money(goods[2])]  # one fee an order
    assert (await counter.do("action_return_items", order_number="SD4", items="1")).refusal == "which_items"


async def test_settling_moves_money_points_and_stock_once(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    await counter.do("action_return_items", order_number="SD4", items="1", quantity=2)
    for _ in range(2):
        assert (await settled(shop, counter, "RSD4-1")).status == "refunded"
    refund = (await shop.payments("SD4"))[-1]
    assert (refund.kind, refund.amount, refund.reason) == ("refund", Money(2 * 59900 - 6666 - 1000), "RSD4-1")
    assert (await stock(shop))["P1-1-M"] == before["P1-1-M"] + 2
    order = await shop.order("SD4")
    assert order is not None
    share = 2 * 59900 / (3 * 59900 + 19900 + 5900)
    assert (order.status, order.points_used, order.points_earned) == (
        OrderStatus.DELIVERED,
        100 - int(100 * share),
        1900 - int(1900 * share),
    )
    customer = await shop.customer("C1")
    assert customer is not None and customer.points == 1000 + int(100 * share) - int(1900 * share)


async def test_everything_back_by_our_fault_gives_back_the_shipping(counter: Counter, shop: SqlShop) -> None:
    arguments = {"order_number": "SD4", "items": "全部", "reason": "收到就坏了"}
    assert (await counter.run("action_quote_return", **arguments)).refusal == "evidence_needed"
    done = await counter.do("action_return_items", evidence="photo", **arguments)
    order = await shop.order("SD4")
    assert order is not None
    assert done.data["refund"] == order.total.minor
    assert done.say[0].response == "utter_return_requested"
    [case] = await shop.cases("SD4")
    assert (case.kind, case.data["evidence"]) == ("review", "photo")
    for item in await shop.returns("SD4"):
        assert item.status == "requested"
        await settled(shop, counter, item.id)
    order = await shop.order("SD4")
    assert order is not None
    assert (order.status, order.points_used, order.points_earned) == (OrderStatus.RETURNED, 0, 0)
    assert sum(p.amount.minor if p.kind == "payment" else -p.amount.minor for p in await shop.payments("SD4")) == 0


async def test_a_rejected_return_is_as_if_never_asked_for(counter: Counter, shop: SqlShop) -> None:
    await counter.do("action_return_items", order_number="SD4", items="1", quantity="all")
    assert (await settled(shop, counter, "RSD4-1", accepted=False)).status == "rejected"
    order = await shop.order("SD4")
    assert order is not None and order.status is OrderStatus.DELIVERED
    assert (await counter.do("action_return_items", order_number="SD4", items="1", quantity="all")).ok
    with pytest.raises(BadInput, match="no return 'RSD4-9'"):
        await settled(shop, counter, "RSD4-9")


@pytest.mark.parametrize(
    ("number", "arguments", "code", "document"),
    [
        ("SD1", {}, "status", "returns.zh.md"),
        ("SD5", {}, "window", "returns.zh.md"),
        ("SD4", {"items": "精华"}, "final_sale", "returns.zh.md"),
        ("SD4", {"items": "冲锋衣", "reason": "过敏"}, "excluded", "returns.zh.md"),
        ("SD4", {"items": "帽", "refund_method": "gift_card"}, "method", "refunds.zh.md"),
        ("SD4", {"items": "1", "quantity": 4}, "quantity", None),
        ("SD4", {}, "which_items", None),
    ],
)
async def test_returns_that_are_refused(
    counter: Counter, number: str, arguments: dict[str, object], code: str, document: str | None
) -> None:
    done = await counter.do("action_return_items", order_number=number, **arguments)
    assert (done.refusal, done.data.get("document")) == (code, document)


async def test_the_last_day_counts_whole(counter: Counter) -> None:
    # delivered on 15 June at noon: seven days from the 16th end with the 22nd
    counter.now = counter.now + timedelta(days=4, hours=11, minutes=59)
    assert (await counter.run("action_quote_return", order_number="SD4", items="1", quantity="all")).ok
    counter.now += timedelta(minutes=1)
    refused = await counter.run("action_quote_return", order_number="SD4", items="1", quantity="all")
    assert refused.refusal == "window"
    assert "6月22日" in refused.say[0].args["reason"]


async def test_unopened_skincare_comes_back_and_allergies_with_a_note(counter: Counter) -> None:
    assert (await counter.run("action_quote_return", order_number="SD4", items="精华", unopened=True)).ok
    allergic = await counter.run("action_quote_return", order_number="SD4", items="精华", reason="过敏了", evidence="note")
    assert allergic.ok


async def test_gold_members_and_own_post_pay_no_pickup(counter: Counter) -> None:
    posted = await counter.run("action_quote_return", order_number="SD4", items="1", quantity="all", return_way="post")
    assert posted.data["fee"] == 0
    counter.verified = ("customer:C3",)
    assert (await counter.run("action_quote_return", order_number="SD9")).data["fee"] == 0


async def test_an_exchange_keeps_the_new_piece_and_settles_the_difference_later(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    done = await counter.do(
        "action_exchange_items", order_number="SD4", items="1", quantity=1, new_color="Mustard", payment_method="gift card"
    )
    assert done.ok
    assert (done.data["difference"], done.data["fee"]) == (5000, 0)
    assert (await stock(shop))["P1-2-M"] == before["P1-2-M"] - 1
    await set_price(shop, "P1-2-M", "999")  # what was agreed holds
    await settled(shop, counter, "RSD4-1")
    order = await shop.order("SD4")
    assert order is not None
    assert [(line.number, line.sku, line.quantity) for line in order.lines][3:] == [(4, "P1-2-M", 1)]
    assert order.total == Money(3 * 59900 + 19900 + 5900 - 12000 + 800 + 5000)
    paid = (await shop.payments("SD4"))[-1]
    assert (paid.kind, paid.amount, paid.method) == ("payment", Money.of("50"), "gift-C1")
    assert (await stock(shop))["P1-1-M"] == before["P1-1-M"] + 1


async def test_the_second_exchange_of_a_line_costs_the_shipping(counter: Counter, shop: SqlShop) -> None:
    assert (await counter.do("action_exchange_items", order_number="SD5", new_size="L")).ok
    await settled(shop, counter, "RSD5-1")
    again = await counter.do("action_exchange_items", order_number="SD5", new_size="M")
    assert (again.data["fee"], again.data["difference"]) == (2000, 2000)
    order = await shop.order("SD5")
    assert order is not None and order.total == Money.of("619")


@pytest.mark.parametrize(
    ("number", "arguments", "code"),
    [
        ("SD1", {"new_size": "L"}, "status"),
        ("SD4", {"items": "精华", "new_size": "50ml"}, "excluded"),
        ("SD4", {"items": "冲锋衣", "new_size": "XL"}, "no_stock"),
        ("SD4", {"items": "冲锋衣", "new_size": "M"}, "same_item"),
        ("SD4", {"items": "1", "quantity": 1, "new_color": "姜黄", "payment_method": "gift-C2"}, "method"),
        ("SD4", {"items": ["1", "1"], "replacements": ["P1-1-L"]}, "which_variant"),
    ],
)
async def test_exchanges_that_are_refused(counter: Counter, number: str, arguments: dict[str, object], code: str) -> None:
    assert (await counter.do("action_exchange_items", order_number=number, **arguments)).refusal == code


async def test_a_faulty_piece_is_exchanged_for_its_like(counter: Counter) -> None:
    arguments = {"order_number": "SD4", "items": "1", "quantity": 1, "new_size": "same", "reason": "开线了"}
    assert (await counter.do("action_exchange_items", **arguments)).refusal == "evidence_needed"
    done = await counter.do("action_exchange_items", evidence="photo", **arguments)
    assert done.ok and done.say[0].response == "utter_exchange_requested"


async def test_a_gown_is_exchanged_once(counter: Counter, shop: SqlShop) -> None:
    assert (await counter.do("action_exchange_items", order_number="SD8", new_size="M")).ok
    await settled(shop, counter, "RSD8-1")
    again = await counter.do("action_exchange_items", order_number="SD8", new_size="S")
    assert (again.refusal, again.data["document"]) == ("final_sale", "exchanges.zh.md")


async def test_an_exchange_that_is_rejected_frees_what_was_kept(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    await counter.do("action_exchange_items", order_number="SD8", new_size="M")
    await settled(shop, counter, "RSD8-1", accepted=False)
    assert await stock(shop) == before


async def test_of_several_pieces_it_is_asked_how_many(counter: Counter) -> None:
    asked = await counter.run("action_quote_return", order_number="SD4", items="冲锋衣")
    assert (asked.refusal, asked.say[0].args) == ("how_many", {"product": "山脊冲锋衣", "most": "3"})
    for quantity, pieces in ((1, 1), ("all", 3), (3, 3)):
        quoted = await counter.run("action_quote_return", order_number="SD4", items="冲锋衣", quantity=quantity)
        assert quoted.data["pieces"] == [[1, pieces]]
    for quantity in (0, 4):
        refused = await counter.run("action_quote_return", order_number="SD4", items="冲锋衣", quantity=quantity)
        assert refused.refusal == "quantity"


@pytest.mark.parametrize(
    ("said", "variant"),
    [("L码", "P1-1-L"), ("换成 l", "P1-1-L"), ("黑色L", "P1-1-L"), ("black, size L please", "P1-1-L"), ("姜黄", "P1-2-M"),
     ("mustard", "P1-2-M")],
)  # fmt: skip
async def test_what_is_wanted_instead_may_be_said_in_words(counter: Counter, said: str, variant: str) -> None:
    quoted = await counter.run("action_quote_exchange", order_number="SD4", items="冲锋衣", quantity=1, wanted=said)
    assert quoted.ok, quoted.refusal
    assert variant in str(quoted.data)


async def test_words_that_name_no_variant_change_nothing(counter: Counter) -> None:
    for said in ("大一点", "purple", "XXXXL", "L1"):
        refused = await counter.run("action_quote_exchange", order_number="SD4", items="冲锋衣", quantity=1, wanted=said)
        assert refused.refusal == "no_variant", said
