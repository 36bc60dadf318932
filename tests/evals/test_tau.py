"""The reference of tau-bench's tools, and that the comparison sees what differs."""

from __future__ import annotations

import copy

import pytest

from evals.data import NoData
from evals.tau import measure, reference
from tests.actions.test_importers import RETAIL


def _data() -> reference.type_data:
    data = copy.deepcopy(RETAIL)
    del data["users"]["nobody"]
    return data


def test_a_cancelled_order_gives_the_money_back_by_the_way_it_came() -> None:
    data = _data()
    data["orders"]["#W1"]["status"] = "pending"
    data["orders"]["#W1"]["payment_history"][0]["payment_method_id"] = "gift_card_1"
    assert reference.apply(data, "cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    found = reference.state(data)
    assert found["W1"]["status"] == "cancelled"
    assert found["W1"]["money"] == [("payment", 3010, "gift_card_1"), ("refund", 3010, "gift_card_1")]
    assert found["ann_example_1"]["balances"] == {"gift_card_1": 8010}


def test_other_items_settle_the_difference_and_close_the_order() -> None:
    data = _data()
    data["orders"]["#W1"]["status"] = "pending"
    arguments = {"order_id": "#W1", "item_ids": ["11"], "new_item_ids": ["12"], "payment_method_id": "gift_card_1"}
    reference.apply(data, "modify_pending_order_items", arguments)
    found = reference.state(data)
    assert (found["W1"]["status"], found["W1"]["items"]) == (reference.MODIFIED, [("12", 3100)])
    assert ("payment", 90, "gift_card_1") in found["W1"]["money"]
    assert found["ann_example_1"]["balances"] == {"gift_card_1": 4910}


def test_what_the_policy_forbids_changes_nothing() -> None:
    data = _data()
    assert not reference.apply(data, "cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    assert reference.state(data) == reference.state(_data())
    data["orders"]["#W1"]["status"] = "pending"
    data["users"]["ann_example_1"]["payment_methods"]["gift_card_1"]["balance"] = 30
    before = copy.deepcopy(reference.state(data))
    assert not reference.apply(data, "modify_pending_order_payment", {"order_id": "#W1", "payment_method_id": "gift_card_1"})
    assert reference.state(data) == before


def test_tools_that_read_change_nothing() -> None:
    data = _data()
    reference.apply(data, "get_order_details", {"order_id": "#W1"})
    assert reference.state(data) == reference.state(_data())


def test_a_difference_is_named() -> None:
    found, expected = reference.state(_data()), reference.state(_data())
    assert measure._difference("task", expected, found) == ""
    found["W1"]["status"] = "cancelled"
    assert measure._difference("task", expected, found) == "task: 1 entries differ: status is cancelled, not delivered"


@pytest.mark.parametrize("retail", [measure.tau_bench, measure.tau2_bench])
def test_at_least_forty_requests_are_forbidden(retail) -> None:  # type: ignore[no-untyped-def]
    try:
        data = retail().data
    except NoData as missing:
        pytest.skip(str(missing))
    asked = measure.requests(data)
    assert len(asked) >= 40
    assert len({request.kind for request in asked}) >= 25
