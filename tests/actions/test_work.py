"""What holds for every verb that writes: proof, privacy, a fresh yes, one effect, and nobody's work lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actions.registry import IMPERSONAL, VERBS
from actions.shop.sql import SqlShop
from bot.commerce import OrderStatus
from bot.errors import BadInput
from bot.types import Audience
from tests.actions.counter import Counter, everything, set_price

# Arguments with which each verb that writes could be carried out for customer C1.
POSSIBLE: dict[str, dict[str, Any]] = {
    "action_cancel_order": {"order_number": "SD1"},
    "action_change_address": {"order_number": "SD1", "new_address": "杭州市文三路 9 号"},
    "action_change_payment": {"order_number": "SD1", "new_payment_method": "card-C1"},
    "action_change_items": {"order_number": "SD1", "items": "1", "new_size": "L"},
    "action_return_items": {"order_number": "SD4", "items": "1", "quantity": "all"},
    "action_exchange_items": {"order_number": "SD4", "items": "1", "quantity": 1, "new_size": "L"},
    "action_price_protection": {"order_number": "SD3"},
    "action_warranty_claim": {"order_number": "SD4", "items": "1", "problem": "坏了", "evidence": "digest"},
    "action_invoice": {"order_number": "SD5", "invoice_title": "王小明", "email": "a@example.com"},
    "action_report_problem": {"order_number": "SD4", "problem_kind": "missing"},
    "action_change_default_address": {"new_address": "杭州市文三路 9 号"},
    "action_complaint": {"complaint_text": "慢"},
    "action_back_in_stock": {"product": "冲锋衣", "size": "XL", "contact": "a@example.com"},
    "action_buy": {"product": "P1", "buy_what": "黑色 L"},
}
WRITING = [name for name, verb in VERBS.items() if verb.quote]
OF_ORDERS = [name for name, arguments in POSSIBLE.items() if "order_number" in arguments]


@pytest.fixture(autouse=True)
async def a_cheaper_jacket(shop: SqlShop) -> None:
    await set_price(shop, "P1-1-M", "589")


def test_every_verb_that_writes_is_tried_here() -> None:
    assert set(POSSIBLE) == set(WRITING)


@pytest.mark.parametrize("action", WRITING)
async def test_it_is_written_once_however_often_it_is_called(counter: Counter, shop: SqlShop, action: str) -> None:
    quoted = await counter.run(VERBS[action].quote, **POSSIBLE[action])
    yes = {**POSSIBLE[action], "quote": quoted.slots["quote"], "confirmed": True}
    first = await counter.run(action, key="k1", **yes)
    assert first.ok, first
    written = await everything(shop)
    assert await counter.run(action, key="k1", **yes) == first
    assert await everything(shop) == written
    [record] = written["audit"]
    assert (record["key"], record["action"], record["actor"]) == ("k1", action, "bot web//u1/")
    assert record["after"] and record["why"]


@pytest.mark.parametrize("action", WRITING)
async def test_a_quote_writes_nothing_and_neither_does_a_call_without_a_yes(
    counter: Counter, shop: SqlShop, action: str
) -> None:
    before = await everything(shop)
    quoted = await counter.run(VERBS[action].quote, **POSSIBLE[action])
    assert quoted.ok and quoted.slots["quote"]
    refused = await counter.run(action, quote=quoted.slots["quote"], **POSSIBLE[action])
    assert (refused.ok, refused.refusal, refused.data) == (False, "not_confirmed", quoted.data)
    stale = await counter.run(action, quote="0" * 16, confirmed=True, **POSSIBLE[action])
    assert (stale.refusal, stale.slots["confirmed"], stale.slots["quote"]) == (
        "confirmation_stale",
        None,
        quoted.slots["quote"],
    )
    assert await everything(shop) == before


@pytest.mark.parametrize("action", sorted(set(VERBS) - IMPERSONAL))
async def test_nothing_of_a_person_in_public(counter: Counter, shop: SqlShop, action: str) -> None:
    before = await everything(shop)
    counter.audience = Audience.PUBLIC
    arguments = next((v for name, v in POSSIBLE.items() if action in (name, VERBS[name].quote)), None)
    arguments = arguments or {"order_number": "SD1", "code": "123456"}
    outcome = await counter.run(action, quote="x", confirmed=True, **arguments)
    assert (outcome.refusal, [say.response for say in outcome.say]) == ("public_room", ["utter_public_privacy"])
    assert await everything(shop) == before


@pytest.mark.parametrize("action", OF_ORDERS)
async def test_other_peoples_orders_are_as_if_they_were_not_there(counter: Counter, shop: SqlShop, action: str) -> None:
    before = await everything(shop)
    answers = [
        await counter.run(name, **{**POSSIBLE[action], "order_number": number, "quote": "x", "confirmed": True})
        for number in ("SD6", "SD404")
        for name in (VERBS[action].quote, action)
    ]
    assert {outcome.refusal for outcome in answers} == {"not_verified"}
    assert answers[0] == answers[2] and answers[1] == answers[3]
    assert await everything(shop) == before


async def test_a_yes_to_another_plan_is_not_taken(counter: Counter, shop: SqlShop) -> None:
    """The price fell between the summary and the yes: the customer is asked again, with the new amount."""
    arguments = {"order_number": "SD4", "items": "1", "quantity": 1, "new_color": "姜黄"}
    quoted = await counter.run("action_quote_exchange", **arguments)
    await set_price(shop, "P1-2-M", "629")
    stale = await counter.run("action_exchange_items", quote=quoted.slots["quote"], confirmed=True, **arguments)
    assert stale.refusal == "confirmation_stale"
    assert [say.response for say in stale.say] == ["utter_confirmation_stale", "utter_summary_exchange"]
    assert stale.data["difference"] == 3000
    done = await counter.run("action_exchange_items", quote=stale.slots["quote"], confirmed=True, **arguments)
    assert done.ok


async def test_two_who_work_on_one_order_end_in_one_state(counter: Counter, shop: SqlShop) -> None:
    """Cancelled by one and changed by the other at once: one of them wins, and the other is told."""
    other = Counter(shop, user="u2")
    quotes = [
        await counter.run("action_quote_cancel", order_number="SD1"),
        await other.run("action_quote_items", **POSSIBLE["action_change_items"]),
    ]
    outcomes = await asyncio.gather(
        counter.run("action_cancel_order", order_number="SD1", confirmed=True, quote=quotes[0].slots["quote"]),
        other.run("action_change_items", confirmed=True, quote=quotes[1].slots["quote"], **POSSIBLE["action_change_items"]),
    )
    order = await shop.order("SD1")
    assert order is not None
    assert len([outcome for outcome in outcomes if outcome.ok]) == order.version
    if order.status is OrderStatus.CANCELLED:
        assert outcomes[0].ok
    else:
        assert outcomes[1].ok and outcomes[0].refusal == "confirmation_stale"
    held = sum(p.amount.minor if p.kind == "payment" else -p.amount.minor for p in await shop.payments("SD1"))
    assert held == (0 if order.status is OrderStatus.CANCELLED else order.total.minor)


async def test_the_last_piece_goes_to_one_of_two(counter: Counter, shop: SqlShop) -> None:
    other = Counter(shop, verified=("customer:C3",), user="u3")
    arguments = {"items": "1", "quantity": 1, "replacements": ["P1-2-M"]}
    outcomes = await asyncio.gather(
        counter.do("action_exchange_items", order_number="SD4", **arguments),
        other.do("action_exchange_items", order_number="SD9", **arguments),
    )
    assert sorted(outcome.refusal for outcome in outcomes) == ["", "no_stock"]


async def test_arguments_that_do_not_fit_are_named(counter: Counter) -> None:
    with pytest.raises(BadInput, match="there is no action 'action_sing'"):
        await counter.run("action_sing")
    with pytest.raises(BadInput, match=r"action_quote_return\.quantity"):
        await counter.run("action_quote_return", order_number="SD4", quantity="many")
