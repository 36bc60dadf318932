"""The show plan: who is due round the clock, around what is sold out and over a reload."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commerce import ShelfLink
from bot.errors import BadInput
from channels.stage.plan import ShowPlan, Slot, slots_of
from tests.channels.stage.shop import NOW

A, B, C, PAUSE = Slot("a", 3, 1), Slot("b", 2, 2), Slot("c", 5, 3), Slot("", 1)
PLAN = ShowPlan((A, B, PAUSE, C), NOW)


def on(plan: ShowPlan, minutes: float, gone: str = "") -> str:
    return plan.due(NOW + timedelta(minutes=minutes), lambda product: product not in gone).product_id


def test_slots_follow_each_other_round_the_clock() -> None:
    round_of_it = [on(PLAN, minute) for minute in range(11)]
    assert round_of_it == ["a"] * 3 + ["b"] * 2 + [""] + ["c"] * 5
    for days in (1, 400):
        start = days * 24 * 60 // 11 * 11
        assert [on(PLAN, start + minute) for minute in range(11)] == round_of_it
    assert on(PLAN, -1) == "c"


def test_what_is_sold_out_gives_its_time_to_the_next_and_nothing_else_moves() -> None:
    assert [on(PLAN, minute, gone="b") for minute in range(11)] == ["a"] * 3 + ["c"] * 2 + [""] + ["c"] * 5
    assert on(PLAN, 7, gone="c") == "a"
    assert on(PLAN, 0, gone="abc") == ""


@given(st.floats(-5000, 50_000), st.sets(st.sampled_from("abc")))
def test_what_is_due_lasts_over_now_and_can_be_sold(minutes: float, gone: set[str]) -> None:
    at = NOW + timedelta(minutes=minutes)
    due = PLAN.due(at, lambda product: product not in gone)
    assert due.since <= at < due.until
    assert due.product_id not in gone
    assert PLAN.due(due.since, lambda product: product not in gone) == due
    assert PLAN.due(due.until, lambda product: product not in gone).since == due.until


@given(st.floats(0, 500), st.permutations([A, B, C, PAUSE, Slot("d", 4, 4)]), st.sets(st.sampled_from("abc"), max_size=3))
def test_a_reload_leaves_who_is_on_where_they_were(minutes: float, slots: list[Slot], gone: set[str]) -> None:
    at = NOW + timedelta(minutes=minutes)
    before = PLAN.due(at, lambda product: True)
    kept = [slot for slot in slots if slot.product_id not in gone]
    after = PLAN.reloaded(kept, at).due(at, lambda product: True)
    if before.product_id and before.product_id not in gone:
        assert (after.product_id, after.since, after.until) == (before.product_id, before.since, before.until)
    else:
        assert after.since == at
        assert after.product_id == kept[0].product_id or after.product_id


def test_after_who_is_gone_comes_who_followed() -> None:
    assert on(PLAN.reloaded([C, A, PAUSE], NOW + timedelta(minutes=4)), 4) == "c"
    assert on(PLAN.reloaded([Slot("x", 1)], NOW), 0) == "x"


def test_a_shelf_becomes_slots_with_breaks() -> None:
    links = [ShelfLink("main", number, product) for number, product in ((3, "b"), (1, "a"), (2, "a"), (4, "c"))]
    slots = slots_of(links, 4, {"b": 9}, break_after=2, break_minutes=1)
    assert slots == [Slot("a", 4, 1), Slot("b", 9, 3), Slot("", 1), Slot("c", 4, 4)]


def test_a_plan_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="no slots"):
        ShowPlan((), NOW)
    with pytest.raises(BadInput, match="0 minutes"):
        ShowPlan((Slot("a", 0),), NOW)
