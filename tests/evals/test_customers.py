"""The simulated customers: what the oracle sees, what a customer says to what is asked, and that both hands are whole."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import create_engine

from actions.shop import tables
from bot.fakes import EPOCH
from bot.types import Ask, Button, ConversationKey, Do, Message, Outcome, Reply, Turn
from evals.customers.book import Book, Difference, differences, read_book
from evals.customers.customer import Customer, Heard
from evals.customers.goals import KINDS, SINGLE, Goal, Wish
from evals.customers.oracle import Expected, missing_and_unwanted
from evals.customers.personas import Persona, personas
from evals.customers.play import heard
from evals.customers.wordings import FOLDER, HANDS, Wordings

ORDER = {"id": "A1", "status": "pending", "version": 0}
WISH = Wish(
    "cancel",
    {"order_number": "SD2610000001", "phone_last4": "0042"},
    ("order_number", "phone_last4", "code", "confirmed"),
    summary={"order": "SD2610000001"},
)


def _customer(wish: Wish = WISH, **persona: Any) -> Customer:
    return Customer(Goal("cancel", (wish,)), Persona(**persona), Wordings("tuning", "en", "plain"), random.Random(1))


def _written(hand: str) -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = YAML(typ="safe").load((FOLDER / f"{hand}.yml").read_text("utf-8"))
    return data


# ---------------------------------------------------------------- the oracle


def test_exactly_what_is_expected_is_right() -> None:
    expected = Expected("orders", {"id": "A1"}, {"status": "cancelled", "version": 1})
    found = Difference("orders", ORDER, {**ORDER, "status": "cancelled", "version": 1})
    assert missing_and_unwanted([expected], [found]) == ([], [])


@pytest.mark.parametrize(
    "after",
    [{**ORDER, "id": "B2", "status": "cancelled", "version": 1}, {**ORDER, "status": "returned", "version": 1}, None],
    ids=["another order", "another state", "gone"],
)
def test_any_other_row_is_unwanted_and_the_wish_missing(after: dict[str, Any] | None) -> None:
    expected = Expected("orders", {"id": "A1"}, {"status": "cancelled", "version": 1})
    found = Difference("orders", ORDER, after)
    assert missing_and_unwanted([expected], [found]) == ([expected], [found])


def test_a_column_that_nobody_wanted_changed_is_unwanted() -> None:
    expected = Expected("orders", {"id": "A1"}, {"version": 1})
    found = Difference("orders", ORDER, {**ORDER, "status": "cancelled", "version": 1})
    assert missing_and_unwanted([expected], [found])[1] == [found]


def test_differences_are_seen_in_every_table() -> None:
    before = Book({"a": ({"k": 1, "v": 1}, {"k": 2, "v": 1}), "b": ()}, {"a": ("k",), "b": ("k",)})
    after = Book({"a": ({"k": 1, "v": 2},), "b": ({"k": 9, "v": 0},)}, {"a": ("k",), "b": ("k",)})
    assert [(one.table, one.changed()) for one in differences(before, after)] == [
        ("a", {"v": 2}),
        ("a", {}),
        ("b", {"k": 9, "v": 0}),
    ]


def test_all_tables_of_a_shop_are_read(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    tables.METADATA.create_all(engine)
    engine.dispose()
    assert set(read_book(tmp_path / "shop.db").keys) == set(tables.METADATA.tables)


# ---------------------------------------------------------------- the customer


def test_each_question_is_answered_with_its_fact_and_asking_again_is_noticed() -> None:
    customer = _customer()
    assert customer.first().needed
    first = customer.next(Heard(asked="phone_last4"), "123456")
    again = customer.next(Heard(asked="phone_last4"), "123456")
    code = customer.next(Heard(asked="code"), "123456")
    assert first and again and code
    assert "0042" in first.text and first.needed and not first.repeats
    assert not again.needed and again.repeats == "phone_last4"
    assert "123456" in code.text and code.needed


def test_no_yes_to_the_summary_of_another_order() -> None:
    customer = _customer(presses=1)
    customer.first()
    buttons = (Button("Yes", "/affirm"), Button("No", "/deny"))
    wrong = Heard("confirmed", buttons, quoted="action_cancel_order", summary={"order": "SD2610000002"})
    right = Heard("confirmed", buttons, quoted="action_cancel_order", summary={"order": "SD2610000001"})
    said, yes = customer.next(wrong, ""), customer.next(right, "")
    assert said and yes
    assert "SD2610000001" in said.text and not said.needed
    assert yes.text in ("/affirm", "Yes")


def test_what_is_told_wrong_is_told_right_afterwards() -> None:
    customer = _customer(wrong=1)
    customer.first()
    slots = ("order_number", "phone_last4", "code")
    first = [customer.next(Heard(asked=slot), "123456") for slot in slots]
    second = [customer.next(Heard(asked=slot), "123456") for slot in slots]
    facts = ("SD2610000001", "0042", "123456")
    assert sum(fact not in said.text for fact, said in zip(facts, first, strict=True) if said) == 1
    assert all(fact in said.text for fact, said in zip(facts, second, strict=True) if said)


def test_the_customer_leaves_once_the_wish_is_served_and_gives_up_on_an_endless_question() -> None:
    served, tired = _customer(), _customer()
    served.first()
    assert served.next(Heard(done=("action_cancel_order",)), "") is None and not served.gave_up
    tired.first()
    while tired.next(Heard(asked="phone_last4"), "") is not None:
        pass
    assert tired.gave_up == "asked for ever: phone_last4"


def test_what_was_asked_is_read_from_the_structure_of_a_turn() -> None:
    turn = Turn(
        Message("1", ConversationKey("web", "", "a"), "hi", EPOCH),
        None,
        (Do("action_quote_cancel"), Ask("confirmed", "utter_ask_confirmed")),
        outcomes=(Outcome("action_quote_cancel", ok=True, data={"order": "A1"}),),
        replies=(Reply("sure?", buttons=(Button("Yes", "/affirm"),)),),
    )
    found = heard(turn, ("cancel_order",))
    assert (found.asked, found.quoted, found.summary, found.done) == (
        "confirmed",
        "action_cancel_order",
        {"order": "A1"},
        (),
    )


# ---------------------------------------------------------------- the wordings


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("language", ["zh", "en", "mixed"])
def test_every_wish_is_worded_by_every_hand(hand: str, language: str) -> None:
    words = Wordings(hand, language, "plain")
    acts = [f"wish.{kind}" for kind in KINDS]
    acts += ["greet", "both", "joined", "yes", "no", "wrong", "stray", "tell", "beside", "else"]
    assert [act for act in acts if not words.knows(act)] == []
    for name in ("reason", "fault", "misfit", "defect", "damage", "complaint", "address", "invoice"):
        assert words.values(name)


def test_the_hands_share_no_wish() -> None:
    tuning, test = _written("tuning"), _written("test")
    for language in tuning:
        for act in (f"wish.{kind}" for kind in KINDS):
            one = {form for forms in tuning[language].get(act, {}).values() for form in forms}
            other = {form for forms in test[language].get(act, {}).values() for form in forms}
            assert not one & other, (language, act)


def test_every_persona_and_every_goal_has_its_words() -> None:
    assert set(SINGLE) == set(KINDS)
    assert {language for persona in personas().values() for language in persona.languages} == {"zh", "en", "mixed"}
