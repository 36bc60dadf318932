"""Customers, their orders and addresses, complaints, reminders and coupons."""

from __future__ import annotations

import pytest

from actions.policy import Identity
from actions.shop.sql import SqlShop
from bot.types import Audience, Language
from tests.actions.counter import Counter, everything, with_policy


async def test_a_lookup_is_no_proof_in_this_shop(counter: Counter) -> None:
    counter.verified = ()
    known = await counter.run("action_find_customer", email="c1@example.com")
    unknown = await counter.run("action_find_customer", email="nobody@example.com")
    assert (known.refusal, known.grants) == ("needs_proof", ())
    assert known == unknown


async def test_where_a_lookup_proves_it_needs_one_match(counter: Counter) -> None:
    counter.policy = with_policy(identity=Identity(lookup_proves=True))
    counter.verified = ()
    assert (await counter.run("action_find_customer", email="C2@example.com ")).grants == ("customer:C2",)
    assert (await counter.run("action_find_customer", name="王小明", postal_code="310000")).refusal == "not_found"
    assert (await counter.run("action_find_customer", name="王小明")).refusal == "not_found"
    assert (await counter.run("action_find_customer")).refusal == "not_found"


async def test_a_customer_sees_their_own_orders_only(counter: Counter) -> None:
    listed = await counter.run("action_list_orders")
    assert set(listed.data["orders"]) == {"SD1", "SD2", "SD3", "SD4", "SD5", "SD7", "SD8"}
    with_hat = await counter.run("action_list_orders", product="渔夫帽")
    assert set(with_hat.data["orders"]) == {"SD1", "SD4"}
    assert (await counter.run("action_list_orders", product="帐篷")).say[0].response == "utter_orders_none"
    counter.verified = ("order:SD1",)
    assert (await counter.run("action_list_orders")).refusal == "not_verified"


async def test_the_default_address_changes_and_orders_keep_theirs(counter: Counter, shop: SqlShop) -> None:
    done = await counter.do("action_change_default_address", new_address="上海市浦东新区张江路 5 号")
    assert done.ok
    customer, order = await shop.customer("C1"), await shop.order("SD1")
    assert customer is not None and order is not None
    assert (customer.address.city, customer.address.line, customer.address.name) == ("上海", "浦东新区张江路5号", "王小明")
    assert order.ship_to.city == "杭州市"
    assert (await counter.do("action_change_default_address", new_address="上海")).refusal == "address_incomplete"


async def test_a_complaint_is_kept_with_the_order_only_where_it_is_proven(counter: Counter, shop: SqlShop) -> None:
    assert (await counter.do("action_complaint", complaint_text="客服态度差", order_number="SD1")).ok
    [case] = await shop.cases("SD1")
    assert (case.kind, case.text, case.customer_id) == ("complaint", "客服态度差", "C1")
    other = await counter.do("action_complaint", complaint_text="慢", order_number="SD6")
    assert other.ok
    assert await shop.cases("SD6") == []


async def test_a_reminder_is_for_what_is_sold_out(counter: Counter, shop: SqlShop) -> None:
    counter.verified = ()
    wanted = {"product": "冲锋衣", "contact": "a@example.com"}
    done = await counter.do("action_back_in_stock", size="XL", **wanted)
    assert done.data["skus"] == ["P1-1-XL"]
    rows = (await everything(shop))["cases"]
    assert [(row["kind"], row["sku"], row["data"]["contact"]) for row in rows] == [("reminder", "P1-1-XL", "a@example.com")]
    assert (await counter.do("action_back_in_stock", size="L", **wanted)).refusal == "in_stock"
    assert (await counter.do("action_back_in_stock", size="5XL", **wanted)).refusal == "no_variant"
    assert (await counter.do("action_back_in_stock", product="帐篷", contact="1")).refusal == "no_product"


@pytest.mark.parametrize(
    ("product", "quantity", "best", "costs"),
    [
        # 599 - 40 (promotion) - 40 (10% of 559, at most 40)
        ("冲锋衣", 1, ["JACKET10", "SHIPFREE"], 51900),
        ("P2-1", 1, ["NEW20", "SHIPFREE"], 17900),
        ("渔夫帽", 1, ["SHIPFREE"], 5900 - 590),
    ],
)
async def test_the_best_use_of_coupons(counter: Counter, product: str, quantity: int, best: list[str], costs: int) -> None:
    counter.verified = ()
    outcome = await counter.run(
        "action_coupons", product=product, quantity=quantity, size="M" if product == "冲锋衣" else None
    )
    expected = ["JACKET10", *best] if product == "渔夫帽" else best
    assert (outcome.data["best"], outcome.data["costs"]) == (expected, costs)


async def test_a_used_up_coupon_is_not_offered_again(counter: Counter) -> None:
    assert "NEW20" not in (await counter.run("action_coupons")).data["coupons"]
    counter.verified = ()
    assert "NEW20" in (await counter.run("action_coupons")).data["coupons"]


async def test_coupons_are_for_everyone_to_hear(counter: Counter) -> None:
    counter.verified, counter.audience, counter.language = (), Audience.PUBLIC, Language.EN
    assert (await counter.run("action_coupons", product="shell jacket")).ok
