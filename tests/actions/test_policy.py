"""Rules as data: what a wrong file says, that our rules agree with our documents, and that another shop's fit the schema."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from actions.policy import POLICY, Rule, load_policy
from actions.shop.sql import SqlShop
from bot.errors import BadContent
from tests.actions.counter import Counter

DOCUMENTS = Path("demo/shop/documents")

TAU = """
identity: {lookup_proves: true}
limits: {}
payments: {}
price_protection: null
warranty_claim: null
invoice: null
report_problem: null
cancel_order:
  statuses: [pending]
  reasons: [no longer needed, ordered by mistake]
  not_after: [change_items]
change_address: {statuses: [pending], not_after: [change_items]}
change_payment: {statuses: [pending], times: 1, not_after: [change_items]}
change_items: {statuses: [pending], times: 1}
return_items:
  statuses: [delivered]
  refund_to: [original, gift_card]
  reasons: {any: {name: {zh: 退货, en: return}, despite_final_sale: true}}
exchange_items: {statuses: [delivered], final_sale_times: 1}
"""


@pytest.fixture
def tau(tmp_path: Path, counter: Counter) -> Counter:
    """Our shop under the rules of tau-bench retail."""
    file = tmp_path / "policy.yml"
    file.write_text(TAU, "utf-8")
    counter.policy = load_policy(file)
    return counter


def test_every_rule_rests_on_a_document_that_is_there() -> None:
    policy = load_policy()
    for document in policy.documents.values():
        for file, title in ((document.file.zh, document.title.zh), (document.file.en, document.title.en)):
            assert f"# {title}\n" in (DOCUMENTS / file).read_text("utf-8")


def test_the_documents_say_what_the_rules_do() -> None:
    policy = load_policy()
    returns, exchanges, protection = policy.return_items, policy.exchange_items, policy.price_protection
    invoices, problems, warranty, address = (
        policy.invoice,
        policy.report_problem,
        policy.warranty_claim,
        policy.change_address,
    )
    assert returns and exchanges and protection and invoices and problems and warranty and address
    no_reason, fault, days = returns.reasons["no_reason"], returns.reasons["fault"], policy.payments.refund_days
    assert (address.times, warranty.replaced_within, no_reason.pays, fault.pays) == (1, 12, "customer", "shop")
    for file, sentence in (
        ("returns.en.md", f"within {no_reason.days} days after delivery, without giving a reason"),
        ("returns.zh.md", f"签收次日起 {no_reason.days} 天内"),
        ("returns.en.md", f"within {fault.days} days after delivery. Please send a photo"),
        ("returns.en.md", f"our pick-up costs ¥{returns.pickup_fee:.0f} per order"),
        ("returns.en.md", " and ".join(level.title() for level in returns.free_for) + " members return free of charge"),
        ("exchanges.en.md", f"Within {exchanges.days} days after delivery"),
        ("exchanges.en.md", f"a second one costs ¥{exchanges.fees[1]:.0f}"),
        ("price-protection.en.md", f"Within {protection.days} days after payment"),
        ("refunds.en.md", f"A refund above ¥{policy.limits.review_above:.0f} is checked by a person"),
        ("refunds.en.md", "Alipay and WeChat take {} to {} working days".format(*days["alipay"])),
        ("refunds.en.md", "bank cards {} to {} working days".format(*days["card"])),
        ("invoices.en.md", f"Within {invoices.days} days after the order is completed"),
        ("shipping.en.md", f"within {problems.hours['not_received']} hours of the delivery scan"),
        ("shipping.en.md", "Yes, once and free of charge"),
        ("warranty.en.md", "In the first year we replace"),
    ):
        assert sentence in (DOCUMENTS / file).read_text("utf-8"), sentence


def test_what_the_catalogue_excludes_agrees_with_the_rules() -> None:
    """Every product that the demo shop does not take back without a reason is one that the documents name."""
    with Path("demo/shop/products.csv").open(encoding="utf-8-sig", newline="") as file:
        kept = {row["category"] for row in csv.DictReader(file) if row["returnable"] == "no"}
    assert {category.partition("/")[0] for category in kept} == {"apparel", "beauty", "food"}


def test_every_wording_has_the_values_that_it_needs() -> None:
    """Wordings name only placeholders that one of the refusals fills, the same ones in both languages."""
    for work, rule in load_policy():
        for code, reason in rule.refusals.items() if isinstance(rule, Rule) else ():
            fields = [set(re.findall(r"\{(\w+)\}", text)) for text in (reason.zh, reason.en)]
            assert fields[0] == fields[1], (work, code)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cancel_ordr: {statuses: [pending]}", "cancel_ordr: this key is not known. Did you mean cancel_order?"),
        ("cancel_order: {statuses: [pending], time: 1}", "cancel_order.time: this key is not known. Did you mean times?"),
        ("cancel_order: {statuses: [gone]}", "cancel_order.statuses.0"),
        (
            "exchange_items: {statuses: [delivered], days: -1}",
            "exchange_items.days: Input should be greater than or equal to 1",
        ),
        ("return_items: {statuses: [], reasons: {}}", "return_items.reasons needs exactly one reason without words"),
        (
            "invoice: {statuses: [], refusals: {window: {zh: 一, en: x, document: no}}}",
            "invoice.refusals.window.document is 'no'",
        ),
        ("limits: {review_above: much}", "limits.review_above"),
        (
            "cancel_order: {statuses: [], refusals: {status: {zh: 不行, en: 'no {state}'}}}",
            "{state} in refusals.status is not known; known: order_number, status",
        ),
        ("a: [", "no valid YAML"),
    ],
)
def test_a_wrong_policy_says_where_and_what(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadContent) as error:
        load_policy(file)
    assert message in str(error.value)
    assert str(file) in str(error.value)


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadContent, match="there is no such file"):
        load_policy(tmp_path / "none.yml")
    assert POLICY.exists()


async def test_what_a_policy_leaves_out_is_not_offered(tau: Counter) -> None:
    assert (await tau.run("action_quote_price_protection", order_number="SD4")).refusal == "not_offered"
    assert (
        await tau.run("action_quote_invoice", order_number="SD5", invoice_title="A", email="a@b.c")
    ).refusal == "not_offered"


async def test_another_shop_cancels_for_two_reasons_only(tau: Counter) -> None:
    assert (await tau.do("action_cancel_order", order_number="SD1", cancel_reason="too slow")).refusal == "reason"
    assert (await tau.do("action_cancel_order", order_number="SD2", cancel_reason="no longer needed")).refusal == "status"
    assert (await tau.do("action_cancel_order", order_number="SD1", cancel_reason="Ordered by mistake")).ok


async def test_another_shop_closes_an_order_after_its_items_were_changed(tau: Counter) -> None:
    change = {"order_number": "SD1", "items": ["P1-1-M"], "replacements": ["P1-1-L"], "payment_method": "card-C1"}
    assert (await tau.do("action_change_items", **change)).ok
    assert (
        await tau.do("action_cancel_order", order_number="SD1", cancel_reason="no longer needed")
    ).refusal == "changed_before"
    assert (await tau.do("action_change_address", order_number="SD1", line="Elsewhere 1")).refusal == "changed_before"


async def test_another_shop_refunds_to_a_gift_card_without_a_window(tau: Counter, shop: SqlShop) -> None:
    done = await tau.do("action_return_items", order_number="SD4", items=["P1-1-M", "P2-1"], refund_method="gift-C1")
    assert done.ok
    assert done.data["refund"] == 59900 - 3333 + 19900 - 2000
    assert {item.refund_method for item in await shop.returns("SD4")} == {"gift-C1"}
    assert (await tau.do("action_return_items", order_number="SD4", items=["P3-1"])).refusal == "status"
    assert (await tau.run("action_quote_return", order_number="SD8", refund_method="card-C1")).refusal == "method"
