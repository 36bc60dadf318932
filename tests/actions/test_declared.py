"""Verbs that a shop declares as data: the same proof, quote, yes and write as ours, and nothing that they do not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from actions.backoffice import Entry
from actions.declaration import load_declarations
from actions.declared import declared_verbs
from actions.registry import VERBS
from actions.shop.sql import SqlShop
from bot.commerce import Money, OrderStatus
from bot.errors import BadContent, BadInput
from bot.types import Audience, Language
from tests.actions.counter import Counter, everything, stock, with_policy

DECLARED = """
verbs:
  engrave:
    about: order
    does: {zh: 刻字。, en: Engrave the goods of an order.}
    arguments:
      side:
        type: choice
        choices: {front: {zh: 正面, en: front}, back: {zh: 背面, en: back}}
      text: {default: "{customer.name}"}
    entries: {engraving: "{order.id}"}
    checks:
      - value: "{order.status}"
        among: [pending]
        code: status
        words: {zh: "订单{order.id}是“{order.status}”。", en: "order {order.id} is {order.status}."}
      - value: "{entry.engraving.text}"
        known: false
        code: times
        words: {zh: 刻过了。, en: it is engraved already.}
    save:
      engraving: {text: "{given.text}", side: "{given.side}", pieces: 1}
    open: {kind: engraving, text: "{given.text} ({given.side})"}
    summary: {zh: "在{given.side}刻“{given.text}”。", en: "Engrave “{given.text}” on the {given.side}."}
    done: {zh: 会刻好。, en: It will be engraved.}
  buy:
    about: customer
    does: {zh: 下单。, en: Place an order.}
    arguments: {goods: {type: items}, pay_by: {}}
    place: {items: goods, payment: "{given.pay_by}", prefix: SDX}
    summary: {zh: "买{given.goods}，共{placed.total}。", en: "Buy {given.goods} for {placed.total}."}
    done: {zh: "订单号{placed.id}。", en: "Your order is {placed.id}."}
  engraved:
    about: order
    does: {zh: 查刻字。, en: What is engraved.}
    entries: {engraving: "{order.id}"}
    checks:
      - {value: "{entry.engraving.text}", known: true, code: none, words: {zh: 没有刻字。, en: nothing is engraved.}}
    done: {zh: "刻的是“{entry.engraving.text}”。", en: "It says “{entry.engraving.text}”."}
  maker:
    about: product
    does: {zh: 查品牌。, en: Who makes a product.}
    arguments: {product: {}}
    done: {zh: "{product.name}是{product.brand}的。", en: "{product.name} is made by {product.brand}."}
"""
POSSIBLE: Mapping[str, dict[str, Any]] = {
    "action_engrave": {"order_number": "SD1", "side": "正面"},
    "action_buy": {"goods": [{"product": "P3-1", "quantity": 2}], "pay_by": "gift card"},
}


def declared(tmp_path: Path, text: str = DECLARED) -> Mapping[str, Any]:
    file = tmp_path / "verbs.yml"
    file.write_text(text, "utf-8")
    return declared_verbs(load_declarations(file))


@pytest.fixture
def engraver(shop: SqlShop, tmp_path: Path) -> Counter:
    """Somebody who has proven to be customer C1, in a shop with these verbs."""
    return Counter(shop, verbs={**VERBS, **declared(tmp_path)})


@pytest.mark.parametrize("action", sorted(POSSIBLE))
async def test_nothing_is_written_without_a_yes_to_this_very_plan(engraver: Counter, action: str) -> None:
    before = await everything(engraver.shop)
    arguments = POSSIBLE[action]
    quoted = await engraver.run(engraver.verbs[action].quote, **arguments)
    assert quoted.ok and quoted.slots["quote"]
    assert (await engraver.run(action, **arguments)).refusal == "not_confirmed"
    other = {**arguments, "side": "back", "goods": "P3-1"}
    stale = await engraver.run(action, confirmed=True, quote=quoted.slots["quote"], **other)
    assert stale.refusal == "confirmation_stale"
    assert await everything(engraver.shop) == before


@pytest.mark.parametrize("action", sorted(POSSIBLE))
async def test_the_same_call_writes_once(engraver: Counter, action: str) -> None:
    first = await engraver.do(action, key="k", **POSSIBLE[action])
    assert first.ok
    after = await everything(engraver.shop)
    quoted = {"confirmed": True, "quote": "whatever", **POSSIBLE[action]}
    assert await engraver.run(action, key="k", **quoted) == first
    assert await everything(engraver.shop) == after


@pytest.mark.parametrize("action", sorted(POSSIBLE))
@pytest.mark.parametrize("way", ["stranger", "public"])
async def test_only_the_owner_may_and_only_where_nobody_reads_along(engraver: Counter, action: str, way: str) -> None:
    if way == "public":
        engraver.audience = Audience.PUBLIC
    else:
        engraver.verified = ("customer:C2",) if action == "action_engrave" else ()
    before = await everything(engraver.shop)
    for name in (engraver.verbs[action].quote, action):
        outcome = await engraver.run(name, **POSSIBLE[action])
        assert outcome.refusal == ("public_room" if way == "public" else "not_verified")
    assert await everything(engraver.shop) == before


async def test_what_is_saved_is_what_was_said(engraver: Counter) -> None:
    quoted = await engraver.run("action_quote_engrave", order_number="SD1", side="front")
    assert quoted.say[0].args["text"] == "在正面刻“王小明”。"
    version = (await engraver.shop.order("SD1")).version  # type: ignore[union-attr]
    assert (await engraver.do("action_engrave", order_number="SD1", side="FRONT")).ok
    entry = await engraver.shop.entry("engraving", "SD1")
    assert entry == Entry("engraving", "SD1", {"text": "王小明", "side": "front", "pieces": 1}, 1)
    assert (await engraver.shop.order("SD1")).version == version + 1  # type: ignore[union-attr]
    case = (await engraver.shop.cases("SD1"))[0]
    assert (case.kind, case.text, case.customer_id) == ("engraving", "王小明 (front)", "C1")
    assert (await engraver.run("action_engraved", order_number="SD1")).say[0].args["text"] == "刻的是“王小明”。"


@pytest.mark.parametrize(("said", "side"), [("刻在背面吧", "back"), ("on the FRONT please", "front"), ("back", "back")])
async def test_a_choice_is_found_in_what_was_said(engraver: Counter, said: str, side: str) -> None:
    quoted = await engraver.run("action_quote_engrave", order_number="SD1", side=said)
    assert quoted.data["given"]["side"] == side
    with pytest.raises(BadInput, match="or several"):
        await engraver.run("action_quote_engrave", order_number="SD1", side="正面和背面")


async def test_checks_refuse_in_both_languages(engraver: Counter) -> None:
    for language, said in ((Language.ZH, "订单SD3是“已发货，运输中”。"), (Language.EN, "order SD3 is on its way.")):
        engraver.language = language
        refused = await engraver.run("action_quote_engrave", order_number="SD3", side="front")
        assert (refused.refusal, refused.say[0].args["reason"]) == ("status", said)
    assert (await engraver.do("action_engrave", order_number="SD1", side="back")).ok
    assert (await engraver.do("action_engrave", order_number="SD1", side="back")).refusal == "times"
    assert (await engraver.run("action_engraved", order_number="SD7")).refusal == "none"


async def test_a_gift_card_pays_at_once_and_pieces_leave_the_shelf(engraver: Counter) -> None:
    before = (await stock(engraver.shop))["P3-1"]
    assert (await engraver.do("action_buy", goods=[{"product": "P3-1", "quantity": 2}], pay_by="礼品卡")).ok
    order = (await engraver.shop.orders_of("C1", limit=1))[0]
    assert (order.status, order.total, order.payment_method) == (OrderStatus.PENDING, Money.of("118"), "gift-C1")
    assert order.id.startswith("SDX")
    assert (await stock(engraver.shop))["P3-1"] == before - 2
    balances = {card.id: card.balance for card in await engraver.shop.payment_methods("C1")}
    assert balances["gift-C1"] == Money.of("882")


async def test_any_other_way_leaves_the_order_unpaid(engraver: Counter) -> None:
    assert (await engraver.do("action_buy", goods="P3-1", pay_by="支付宝")).ok
    order = (await engraver.shop.orders_of("C1", limit=1))[0]
    assert (order.status, order.paid_at, order.payment_method) == (OrderStatus.PENDING_PAYMENT, None, "alipay")
    assert await engraver.shop.payments(order.id) == []


@pytest.mark.parametrize(
    ("goods", "pay_by", "refusal"),
    [
        ("P4-1-S", "gift card", "balance"),
        ("P1-1-XL", "alipay", "no_stock"),
        ([{"product": "P1-2-M"}, {"product": "P1-2-M"}], "alipay", "no_stock"),
        ("a piano", "alipay", "no_product"),
        ("P1", "alipay", "no_variant"),
        ("P3-1", "seashells", "method"),
    ],
)
async def test_what_cannot_be_bought_is_refused(engraver: Counter, goods: Any, pay_by: str, refusal: str) -> None:
    before = await everything(engraver.shop)
    assert (await engraver.do("action_buy", goods=goods, pay_by=pay_by)).refusal == refusal
    assert await everything(engraver.shop) == before


async def test_a_verb_about_a_product_is_for_everybody(engraver: Counter) -> None:
    engraver.audience, engraver.verified = Audience.PUBLIC, ()
    outcome = await engraver.run("action_maker", product="渔夫帽")
    assert outcome.say[0].args["text"] == "渔夫帽是栖木的。"
    assert (await engraver.run("action_maker", product="a piano")).refusal == "no_product"


async def test_arguments_of_another_type_are_bad_input(engraver: Counter) -> None:
    with pytest.raises(BadInput, match=r"action_quote_engrave\.side"):
        await engraver.run("action_quote_engrave", order_number="SD1", side="inside")
    with pytest.raises(BadInput, match="action_quote_buy"):
        await engraver.run("action_quote_buy", goods=[{"product": "P3-1", "quantity": 0}], pay_by="alipay")


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("{given.colour}", "{given.text}", "known: card, customer, order, given."),
        ("save:\n      carving", "save:\n      engraving", "save.carving is not among its entries"),
        ("about: table", "about: order", "about"),
        ("knwon: false", "known: false", "Did you mean 'known'?"),
        ("does: {zh: 刻字。}", "does: {zh: 刻字。, en: Engrave the goods of an order.}", "verbs.engrave.does.en"),
        ("place: {items: pay_by", "place: {items: goods", "no argument of the type items"),
        ("type: text", "type: choice", "choices belong to the type choice"),
        ("verbs: [", "verbs:", "no valid YAML"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_named(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    assert right in DECLARED
    with pytest.raises(BadContent) as caught:
        declared(tmp_path, DECLARED.replace(right, wrong, 1))
    assert said in str(caught.value)


async def test_by_an_even_rule_an_item_costs_what_it_did(counter: Counter) -> None:
    rule = counter.policy.change_items.model_copy(update={"even": True})  # type: ignore[union-attr]
    counter.policy = with_policy(change_items=rule)
    before = await counter.shop.order("SD1")
    done = await counter.do("action_change_items", order_number="SD1", items=["P1-1-M"], replacements=["P1-2-M"])
    assert done.ok and done.data["difference"] == 0
    after = await counter.shop.order("SD1")
    assert before is not None and after is not None
    assert (after.total, after.lines[0].sku, after.lines[0].unit_price) == (before.total, "P1-2-M", Money.of("599"))


async def test_a_return_is_refunded_at_once_where_the_policy_says_so(counter: Counter) -> None:
    rule = counter.policy.return_items.model_copy(update={"refunded": "requested"})  # type: ignore[union-attr]
    counter.policy = with_policy(return_items=rule)
    done = await counter.do("action_return_items", order_number="SD4", items="P3-1", reason="不喜欢")
    assert done.ok, done
    assert [say.response for say in done.say] == ["utter_return_created_refunded"]
    paid = await counter.shop.payments("SD4")
    returned = (await counter.shop.returns("SD4"))[0]
    assert (paid[-1].kind, paid[-1].amount) == ("refund", returned.refund)
    assert returned.refunded_at is not None
