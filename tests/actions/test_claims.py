"""Price protection, warranty, invoices and reports of problems."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actions.shop.sql import SqlShop
from bot.commerce import Money
from tests.actions.counter import Counter, set_price


async def test_a_fallen_price_is_given_back_once_a_line(counter: Counter, shop: SqlShop) -> None:
    await set_price(shop, "P1-1-M", "549.50")
    done = await counter.do("action_price_protection", order_number="SD4")
    assert done.data["refunds"] == {"1": 3 * 4950}
    refund = (await shop.payments("SD4"))[-1]
    assert (refund.amount, refund.line, refund.reason) == (Money(14850), 1, "price protection")
    order = await shop.order("SD4")
    assert order is not None
    assert (order.lines[0].discount, order.total) == (
        Money(10000 + 14850),
        Money(3 * 59900 + 19900 + 5900 - 12000 + 800 - 14850),
    )
    again = await counter.do("action_price_protection", order_number="SD4", items="冲锋衣")
    assert (again.refusal, again.data["document"]) == ("times", "price-protection.zh.md")


async def test_what_was_protected_is_not_refunded_again(counter: Counter, shop: SqlShop) -> None:
    await set_price(shop, "P1-1-M", "500")
    await counter.do("action_price_protection", order_number="SD4")
    back = await counter.run("action_quote_return", order_number="SD4", items="1", quantity="all")
    assert back.data["goods"] == [3 * 50000 - 10000]


@pytest.mark.parametrize(
    ("number", "arguments", "code"),
    [
        ("SD4", {}, "no_difference"),
        ("SD2", {}, "status"),
        ("SD5", {}, "window"),
        ("SD1", {"items": "渔夫帽"}, "excluded"),
    ],
)
async def test_prices_that_are_not_protected(counter: Counter, number: str, arguments: dict[str, object], code: str) -> None:
    counter.now += timedelta(days=1)
    assert (await counter.do("action_price_protection", order_number=number, **arguments)).refusal == code


async def test_what_is_on_its_way_back_is_not_protected(counter: Counter, shop: SqlShop) -> None:
    await counter.do("action_return_items", order_number="SD4", items="1", quantity=1)
    await set_price(shop, "P1-1-M", "500")
    assert (await counter.do("action_price_protection", order_number="SD4", items="1")).refusal == "status"


async def test_a_warranty_claim_needs_a_photo_and_reaches_a_colleague(counter: Counter, shop: SqlShop) -> None:
    claim = {"order_number": "SD4", "items": "冲锋衣", "problem": "拉链坏了"}
    assert (await counter.do("action_warranty_claim", **claim)).refusal == "evidence_needed"
    done = await counter.do("action_warranty_claim", evidence="digest", **claim)
    [case] = await shop.cases("SD4")
    assert (case.kind, case.line, case.text, case.data["evidence"]) == ("warranty", 1, "拉链坏了", "digest")
    assert case.data["remedy"] == "replace"
    assert done.say[0].args["case_id"] == case.id


async def test_warranties_that_are_over_or_never_were(counter: Counter) -> None:
    claim = {"order_number": "SD4", "problem": "broken", "evidence": "digest"}
    assert (await counter.do("action_warranty_claim", items="帽", **claim)).refusal == "no_warranty"
    counter.now += timedelta(days=363)
    over = await counter.do("action_warranty_claim", items="1", **claim)
    assert over.refusal == "warranty_over"
    assert "2027年6月15日" in over.say[0].args["reason"]


async def test_an_invoice_is_for_what_was_paid_and_corrected_once(counter: Counter, shop: SqlShop) -> None:
    wanted = {"order_number": "SD5", "invoice_title": "星河公司", "tax_id": "91330000", "email": "a@example.com"}
    for title in ("星河公司", "星河科技公司"):
        done = await counter.do("action_invoice", **{**wanted, "invoice_title": title})
        assert done.data["amount"] == 59900
    assert [case.data["title"] for case in await shop.cases("SD5")] == ["星河公司", "星河科技公司"]
    assert (await counter.do("action_invoice", **wanted)).refusal == "times"


async def test_invoices_that_are_refused(counter: Counter) -> None:
    wanted = {"invoice_title": "王小明", "email": "a@example.com"}
    assert (await counter.do("action_invoice", order_number="SD1", **wanted)).refusal == "status"
    counter.now += timedelta(days=181)
    assert (await counter.do("action_invoice", order_number="SD5", **wanted)).refusal == "window"


async def test_gift_cards_are_not_invoiced(counter: Counter, shop: SqlShop) -> None:
    await counter.do("action_change_payment", order_number="SD1", new_payment_method="gift_card")
    async with shop.transaction() as connection:
        from actions.shop.tables import orders

        await connection.execute(orders.update().where(orders.c.id == "SD1").values(status="delivered"))
    refused = await counter.do("action_invoice", order_number="SD1", invoice_title="王小明", email="a@example.com")
    assert refused.refusal == "excluded"


@pytest.mark.parametrize("kind", ["missing", "wrong", "damaged"])
async def test_problems_reach_a_colleague(counter: Counter, shop: SqlShop, kind: str) -> None:
    done = await counter.do(
        "action_report_problem", order_number="SD4", problem_kind=kind, problem="少了一顶帽子", items="帽", evidence="digest"
    )
    assert done.ok
    [case] = await shop.cases("SD4")
    assert (case.kind, case.line, case.data["problem"], case.data["evidence"]) == ("problem", 3, kind, "digest")


async def test_a_lost_parcel_is_reported_within_two_days(counter: Counter) -> None:
    late = await counter.do("action_report_problem", order_number="SD4", problem_kind="not_received")
    assert (late.refusal, late.data["document"]) == ("window", "shipping.zh.md")
    assert (await counter.do("action_report_problem", order_number="SD3", problem_kind="not_received")).ok
    assert (await counter.do("action_report_problem", order_number="SD1", problem_kind="missing")).refusal == "status"
