"""Orders that have not left: cancelled and changed through the verbs' real door."""

from __future__ import annotations

import pytest

from actions.shop.sql import SqlShop
from bot.commerce import Money, OrderStatus
from tests.actions.counter import HOME, Counter, stock


async def test_cancelling_gives_back_money_pieces_points_and_the_coupon(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    done = await counter.do("action_cancel_order", order_number="sd1", cancel_reason="不想要了")
    assert done.ok
    assert done.data["refunds"] == {"alipay": 68500}
    order = await shop.order("SD1")
    assert order is not None
    assert (order.status, order.version, order.points_used) == (OrderStatus.CANCELLED, 1, 0)
    after = await stock(shop)
    assert (after["P1-1-M"], after["P3-1"]) == (before["P1-1-M"] + 1, before["P3-1"] + 2)
    refund = (await shop.payments("SD1"))[-1]
    assert (refund.kind, refund.amount, refund.method, refund.status) == ("refund", Money.of("685"), "alipay", "started")
    customer = await shop.customer("C1")
    assert customer is not None and customer.points == 1300
    coupon = next(coupon for coupon in await shop.coupons(counter.now) if coupon.code == "NEW20")
    assert coupon.used == 4
    [record] = await shop.records("SD1")
    assert (record.action, record.why) == ("action_cancel_order", "不想要了")
    assert str(counter.user) in record.actor


async def test_an_unpaid_order_is_cancelled_without_money(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do("action_cancel_order", order_number="SD2")
    assert done.ok
    assert done.say[0].response == "utter_order_cancelled_unpaid"
    assert await shop.payments("SD2") == []


async def test_a_large_refund_waits_for_a_person(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do("action_cancel_order", order_number="SD7")
    assert done.ok
    assert done.data["review"] is True
    assert done.slots["needs_review"] is True
    assert [say.response for say in done.say] == ["utter_order_cancelled", "utter_review_follows"]
    assert (await shop.payments("SD7"))[-1].status == "review"
    gift = next(method for method in await shop.payment_methods("C1") if method.kind == "gift_card")
    assert gift.balance == Money.of("1000")


@pytest.mark.parametrize("action", ["action_cancel_order", "action_change_address", "action_change_items"])
async def test_what_was_sent_is_not_changed_any_more(counter: Counter, action: str) -> None:
    done = await counter.do(action, order_number="SD3", new_address="杭州市文三路 9 号", new_size="L")
    assert (done.ok, done.refusal) == (False, "status")
    assert "运输中" in done.say[0].args["reason"]


async def test_the_address_changes_once(counter: Counter, shop: SqlShop) -> None:
    text = "李雷 13900005678 广东省深圳市南山区科技路 8 号 518000"
    done = await counter.do("action_change_address", order_number="SD1", new_address=text)
    assert done.ok
    order = await shop.order("SD1")
    assert order is not None
    assert (order.ship_to.name, order.ship_to.phone, order.ship_to.city) == ("李雷", "13900005678", "深圳市")
    assert (order.ship_to.region, order.ship_to.line, order.ship_to.postal_code) == ("广东省", "南山区科技路8号", "518000")
    again = await counter.do("action_change_address", order_number="SD1", new_address="杭州市文三路 9 号")
    assert (again.refusal, again.data["document"]) == ("times", "shipping.zh.md")


async def test_a_part_of_an_address_leaves_the_others(counter: Counter, shop: SqlShop) -> None:
    await counter.do("action_change_address", order_number="SD1", phone="+8613711112222")
    order = await shop.order("SD1")
    assert order is not None
    assert (order.ship_to.phone, order.ship_to.line) == ("+8613711112222", HOME.line)


async def test_paying_another_way_gives_the_first_payment_back(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do("action_change_payment", order_number="SD1", new_payment_method="礼品卡")
    assert done.ok
    moves = [(p.kind, p.amount.minor, p.method, p.status) for p in await shop.payments("SD1")]
    assert moves[1:] == [("payment", 68500, "gift-C1", "done"), ("refund", 68500, "alipay", "started")]
    gift = next(method for method in await shop.payment_methods("C1") if method.kind == "gift_card")
    assert gift.balance == Money.of("315")
    order = await shop.order("SD1")
    assert order is not None and order.payment_method == "gift-C1"


@pytest.mark.parametrize(("wanted", "code"), [("alipay", "same_method"), ("cash", "method"), ("gift-C2", "method")])
async def test_payments_that_are_refused(counter: Counter, wanted: str, code: str) -> None:
    assert (await counter.do("action_change_payment", order_number="SD1", new_payment_method=wanted)).refusal == code


async def test_a_gift_card_has_to_hold_all_of_it(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do("action_change_payment", order_number="SD2", new_payment_method="gift card")
    assert done.ok
    poor = await counter.do(
        "action_change_items", order_number="SD7", quantity="all", new_size="M", payment_method="gift-C1"
    )
    assert poor.ok  # the same price: nothing is due
    refused = await counter.do("action_change_payment", order_number="SD7", new_payment_method="card-C1")
    assert refused.ok
    back = await counter.do("action_change_payment", order_number="SD7", new_payment_method="gift-C1")
    assert back.refusal == "balance"


async def test_other_sizes_and_colours_settle_the_difference(counter: Counter, shop: SqlShop) -> None:
    before = await stock(shop)
    done = await counter.do("action_change_items", order_number="SD1", items="冲锋衣", new_color="蓝")
    assert done.refusal == "no_variant"
    done = await counter.do("action_change_items", order_number="SD1", items="冲锋衣", new_color="姜黄色")
    assert done.ok
    assert done.data["difference"] == 5000
    order = await shop.order("SD1")
    assert order is not None
    assert [(line.sku, line.unit_price.minor, line.discount.minor) for line in order.lines] == [
        ("P1-2-M", 64900, 4000),
        ("P3-1", 5900, 0),
    ]
    assert order.total == Money.of("735")
    after = await stock(shop)
    assert (after["P1-1-M"], after["P1-2-M"]) == (before["P1-1-M"] + 1, 0)
    assert (await shop.payments("SD1"))[-1].amount == Money.of("50")
    assert (await counter.do("action_change_items", order_number="SD1", items="1", new_size="L")).refusal == "times"


async def test_one_piece_of_a_line_becomes_a_line_of_its_own(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do(
        "action_change_items", order_number="SD7", items=["P4-1-S"], replacements=["P4-1-M"], payment_method="card-C1"
    )
    assert done.ok
    order = await shop.order("SD7")
    assert order is not None
    assert [(line.number, line.sku, line.quantity) for line in order.lines] == [(1, "P4-1-S", 1), (2, "P4-1-M", 1)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"items": "1", "new_size": "XL"}, "no_stock"),
        ({"items": "1", "new_size": "M"}, "same_item"),
        ({"items": "1", "new_size": "XXS"}, "no_variant"),
        ({"items": ["P1-1-M"], "replacements": ["P3-1"]}, "no_variant"),
        ({"items": "热水壶", "new_size": "L"}, "which_items"),
        ({"new_size": "L"}, "which_items"),
        ({"items": "2", "quantity": 3, "new_size": "M"}, "quantity"),
        ({"items": "1", "new_size": "L", "payment_method": "gift-C2"}, "method"),
    ],
)
async def test_items_that_cannot_be_changed_so(counter: Counter, arguments: dict[str, object], code: str) -> None:
    assert (await counter.do("action_change_items", order_number="SD1", **arguments)).refusal == code
