"""From what a text means to what is wanted: what is sure, what is one of two, and what the documents may answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import Domain, Slot
from bot.types import (
    AskKnowledge,
    Button,
    Clarify,
    Command,
    ConversationKey,
    Entity,
    Frame,
    Reply,
    SetSlot,
    SkipStep,
    StartFlow,
    State,
)
from bot.understanding.combination import Thresholds
from bot.understanding.commands import Meaning, Reading, Situation, Vocabulary, commands_for

TRIGGERS = {"return_item": "return_items", "exchange_item": "exchange_items", "send_back": "return_items"}
DOMAIN = Domain(
    (*TRIGGERS, "ask_price", "recommend"),
    (),
    {"code": Slot("code", "text")},
    (),
    frozenset(),
    timedelta(hours=1),
    {"recommend": "action_recommend"},
)
VOCABULARY = Vocabulary(DOMAIN, TRIGGERS, Thresholds(linear=0.99, answer=0.6, flow=0.7, out_of_scope=0.8))
QUIET = State(ConversationKey("web", "", "ann"))
BUSY = State(QUIET.key, stack=(Frame("return_items", "items"),))
ASKED_FOR_CODE = State(QUIET.key, stack=(Frame("return_items", "ask", collecting="code"),))


def said(
    text: str, *ranking: tuple[str, float], state: State = QUIET, entities: tuple[Entity, ...] = ()
) -> tuple[Command, ...]:
    meaning = Meaning(*ranking[0], "semantic", ranking)
    return commands_for(Reading(text, entities, ((text, meaning),), ()), Situation(state, None, VOCABULARY))


def test_a_sure_flow_is_started() -> None:
    assert said("send it back", ("return_item", 0.8), ("exchange_item", 0.2)) == (StartFlow("return_items"),)


@pytest.mark.parametrize("likely", [0.5, 0.65])
def test_one_of_two_flows_is_asked_for(likely: float) -> None:
    ranking = ("return_item", likely), ("exchange_item", 0.95 - likely)
    assert said("退换一下", *ranking) == (Clarify(("return_item", "exchange_item")),)


@pytest.mark.parametrize(
    ("text", "ranking", "state"),
    [
        ("can I send it back", (("return_item", 0.5), ("exchange_item", 0.45)), QUIET),  # the documents say it
        ("能退换吗", (("return_item", 0.5), ("exchange_item", 0.45)), QUIET),
        ("back with it", (("return_item", 0.5), ("send_back", 0.45)), QUIET),  # one flow by two names
        ("back with it", (("return_item", 0.65), ("exchange_item", 0.1)), QUIET),  # far apart
        ("back with it", (("return_item", 0.3), ("exchange_item", 0.3)), QUIET),  # neither is likely
        ("back with it", (("return_item", 0.5), ("ask_price", 0.45)), QUIET),  # one is no business
        ("back with it", (("return_item", 0.5), ("exchange_item", 0.45)), BUSY),  # in the middle of something
        ("back with it", (("return_item", 0.65),), QUIET),
    ],
)
def test_in_all_other_cases_nothing_is_offered(text: str, ranking: tuple[tuple[str, float], ...], state: State) -> None:
    (command,) = said(text, *ranking, state=state)
    assert isinstance(command, AskKnowledge) and command.text == text and command.unsure


def test_a_likely_wish_is_enough_for_a_recommendation() -> None:
    wish = said("something for hiking", ("recommend", 0.45), ("ask_price", 0.4))
    assert wish == (AskKnowledge("something for hiking", "recommend"),)


def test_a_wish_for_products_is_looked_up_like_any_question() -> None:
    jacket = Entity("product", "P1", "冲锋衣", 0, 3)
    wish = said("冲锋衣还有推荐吗？", ("recommend", 0.65), entities=(jacket,))
    assert wish == (AskKnowledge("冲锋衣还有推荐吗？", "recommend", ("P1",)),)


def test_there_is_something_to_skip_only_in_the_middle_of_something() -> None:
    assert said("idk the number", ("skip", 0.9), state=BUSY) == (SkipStep(),)
    assert said("idk the number", ("skip", 0.9)) == (AskKnowledge("idk the number", "skip"),)


def test_an_order_number_alone_takes_the_first_flow_that_was_offered() -> None:
    number = (Entity("order_number", "SD1", "SD1", 0, 3),)
    asked = Reply("Which one?", buttons=(Button("Exchange", "/exchange_item"), Button("Return", "/return_item")))
    offered = State(QUIET.key, last_replies=(asked,))
    assert said("SD1", ("", 0.0), state=offered, entities=number) == (
        SetSlot("order_number", "SD1"),
        StartFlow("exchange_items"),
    )
    assert StartFlow("exchange_items") not in said("SD1", ("", 0.0), entities=number)


@pytest.mark.parametrize("text", ["冲锋衣", "那个冲锋衣呢？", "冲锋衣的", "the 冲锋衣 please"])
def test_a_name_alone_is_asked_about_whatever_it_is_taken_for(text: str) -> None:
    jacket = Entity("product", "P1", "冲锋衣", 0, 3)
    assert said(text, ("recommend", 0.9), entities=(jacket,)) == (AskKnowledge(text, "", ("P1",)),)
    unsure = said(text, ("recommend", 0.9), entities=(replace(jacket, confidence=0.5),))
    assert unsure == (AskKnowledge(text, "recommend"),)


@pytest.mark.parametrize("code", ["868771", "112 211"])
def test_digits_are_the_code_that_was_asked_for_whatever_they_are_taken_for(code: str) -> None:
    assert said(code, ("request_human", 0.9), state=ASKED_FOR_CODE) == (SetSlot("code", code.replace(" ", "")),)


def test_what_says_one_thing_over_and_over_is_not_answered_beside_a_question() -> None:
    jacket = (Entity("product", "P1", "冲锋衣", 3, 6),)
    parts = tuple((part, Meaning("", 0.0, "semantic", (("affirm", 0.3),))) for part in ("急急急", "冲锋衣还有货吗"))
    reading = Reading("急急急！冲锋衣还有货吗", jacket, parts, ())
    assert commands_for(reading, Situation(QUIET, None, VOCABULARY)) == (AskKnowledge("冲锋衣还有货吗", "", ("P1",)),)


def test_what_no_shop_is_asked_is_looked_up_before_it_is_turned_away() -> None:
    asked = said("when do you close", ("out_of_scope", 0.9))
    assert asked == (AskKnowledge("when do you close", "out_of_scope"),)
    assert said("when do you close", ("out_of_scope", 0.65)) == (AskKnowledge("when do you close"),)


HAT = Entity("product", "P7", "hat", 0, 3, 1.0)


def parts(*read: tuple[str, str, float], entities: tuple[Entity, ...] = ()) -> tuple[Command, ...]:
    meanings = [(text, Meaning(intent, sure, "semantic", ((intent, sure),))) for text, intent, sure in read]
    whole = ". ".join(text for text, _, _ in read)
    return commands_for(Reading(whole, entities, tuple(meanings), ()), Situation(QUIET, None, VOCABULARY))


def test_a_wish_put_as_a_question_asks_for_the_rules_of_all_business_that_it_may_be() -> None:
    ranking = ("return_item", 0.8), ("exchange_item", 0.15), ("ask_price", 0.01)
    commands = said("it is torn, can i send it back", *ranking)
    (told,) = (command for command in commands if isinstance(command, AskKnowledge))
    assert told.besides and told.intents == ("return_item", "exchange_item") and StartFlow("return_items") in commands


def test_who_asks_something_of_a_product_is_not_taken_into_business_that_is_not_sure() -> None:
    first, *others = said("can the hat be folded back", ("return_item", 0.75), entities=(HAT,))
    assert isinstance(first, AskKnowledge) and first.intents == ("return_item",) and others == [Clarify(("return_item",))]


def test_business_that_is_only_guessed_belongs_to_the_question_about_goods() -> None:
    (asked,) = parts(("a storm on sunday", "return_item", 0.75), ("how much is the hat", "ask_price", 0.9), entities=(HAT,))
    assert isinstance(asked, AskKnowledge) and asked.text == "a storm on sunday. how much is the hat"


def test_what_somebody_has_is_told_beside_the_question() -> None:
    (asked,) = parts(("i have a big head", "", 0.0), ("how much is the hat", "ask_price", 0.9), entities=(HAT,))
    assert isinstance(asked, AskKnowledge) and asked.text == "i have a big head. how much is the hat"
