"""Order numbers of the shop's own form in what is said: an example where one is asked for, and none in public."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.fakes import FakeOrderNumbers
from bot.responding.guards import MASK
from bot.responding.responder import Responder
from bot.types import Audience, ConversationKey, Findings, Language, Passage, Reply, Say, State
from bot.values.identifiers import OrderForms, order_forms

STATE = State(ConversationKey("web", "", "u"))
FORMS = order_forms([f"2026M-{n:02}K9A" for n in range(40)] + [f"DD26-{n:05}" for n in range(40)])


def responder(forms: OrderForms) -> Responder:
    return Responder([Path("bot")], numbers=FakeOrderNumbers(forms))


@pytest.mark.parametrize(("language", "example"), [(Language.ZH, "DD26-12345）"), (Language.EN, "DD26-12345)")])
def test_a_number_is_asked_for_with_an_example(language: Language, example: str) -> None:
    asked = responder(FORMS).say(Say("utter_ask_order_number"), language, STATE).text
    assert example in asked and "SD" not in asked
    without = responder(order_forms([])).say(Say("utter_ask_order_number"), language, STATE).text
    assert "DD26" not in without and "{" not in without


def test_none_is_said_in_public() -> None:
    said = Reply("您的订单 dd26-00007 和 DD2600008 已发货，共 26 件", audience=Audience.PUBLIC, speak="DD26-00009")
    guarded = responder(FORMS).guard(said, Findings(), STATE)
    assert (guarded.text, guarded.speak) == (f"您的订单 {MASK} 和 {MASK} 已发货，共 26 件", MASK)
    private = Reply("您的订单 DD26-00007 已发货")
    assert responder(FORMS).guard(private, Findings(), STATE) == private
    published = Findings((Passage("例如 DD26-00007", "help.md", "Help"),), confidence=1.0)
    assert (
        responder(FORMS).guard(Reply("例如 DD26-00007", audience=Audience.PUBLIC), published, STATE).text
        == "例如 DD26-00007"
    )
