"""What is said to a question that a business has open: an answer, that it is not there, why, never mind, you choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import Domain, Slot
from bot.types import (
    ASK_BACK,
    AskKnowledge,
    CancelFlow,
    Command,
    ConversationKey,
    Entity,
    Frame,
    RepeatReplies,
    SetSlot,
    SkipStep,
    State,
)
from bot.understanding.answers import PHOTO_SLOT, YES_SLOT
from bot.understanding.combination import Thresholds
from bot.understanding.commands import Meaning, Reading, Situation, Vocabulary, commands_for

SLOTS = (Slot(YES_SLOT, "bool"), *(Slot(name, "text") for name in ("reason", "items", "invoice_title", "code", PHOTO_SLOT)))
DOMAIN = Domain(
    ("cancel", "return_item", "ask_care"), (), {slot.name: slot for slot in SLOTS}, (), frozenset(), timedelta(hours=1), {}
)
VOCABULARY = Vocabulary(
    DOMAIN, {"return_item": "return_items"}, Thresholds(linear=0.99, answer=0.6, flow=0.7, out_of_scope=0.8)
)
LAMP = Entity("product", "P1", "lamp", 0, 4)


def replied(
    slot: str,
    text: str,
    replies: Mapping[str, float],
    intent: str = "",
    sure: float = 0.0,
    entities: tuple[Entity, ...] = (),
) -> tuple[Command, ...]:
    state = State(ConversationKey("web", "", "ann"), stack=(Frame("return_items", "ask", collecting=slot),))
    meaning = Meaning(intent, sure, "semantic", ((intent, sure),))
    reading = Reading(text, entities, ((text, meaning),), (), text, replies)
    return commands_for(reading, Situation(state, None, VOCABULARY))


def test_what_is_not_there_is_skipped_where_a_photo_is_asked_for_and_explained_elsewhere() -> None:
    assert replied(PHOTO_SLOT, "my camera is broken", {"cannot": 0.9}) == (SkipStep(),)
    assert replied("invoice_title", "I haven't got one", {"cannot": 0.9})[0] == AskKnowledge(
        "I haven't got one", ASK_BACK, ()
    )


def test_who_asks_why_hears_why_whatever_the_words_begin_elsewhere() -> None:
    said = replied("code", "what is the code for", {"why": 0.8, "question": 0.2}, "ask_care", 0.9)
    assert said == (AskKnowledge("what is the code for", ASK_BACK, ()),)


def test_what_is_left_to_the_shop_is_skipped_unless_it_asks() -> None:
    assert replied("reason", "you choose", {"indifferent": 0.9}) == (SkipStep(),)
    assert replied("reason", "can you just choose?", {"indifferent": 0.9})[0] == AskKnowledge(
        "can you just choose?", ASK_BACK, ()
    )


def test_who_gives_it_all_up_ends_it() -> None:
    assert replied("invoice_title", "leave it as it was", {"stop": 0.9}) == (CancelFlow(),)


def test_what_hardly_gives_anything_up_ends_nothing() -> None:
    said = replied("items", "lamp, keep the rest", {"answer": 0.8, "stop": 0.1}, "cancel", 0.95, (LAMP,))
    assert CancelFlow() not in said and SetSlot("items", "lamp") in said
    assert CancelFlow() in replied("items", "lamp, no, drop it", {"stop": 0.5, "answer": 0.4}, "cancel", 0.95, (LAMP,))


@pytest.mark.parametrize("kind", ["answer", "cannot", "chat"])
def test_what_is_told_when_asked_to_tell_is_the_answer(kind: str) -> None:
    text = "it can't be switched on, now what"
    assert SetSlot("reason", text) in replied("reason", text, {kind: 0.7, "why": 0.3}, "ask_care", 0.9)


def test_a_summary_is_heard_again_by_who_hurries_and_ended_by_a_no() -> None:
    assert replied(YES_SLOT, "right, hurry it along", {"yes": 0.5, "no": 0.1}, "cancel", 0.8) == (RepeatReplies(),)
    assert replied(YES_SLOT, "rather not after all", {"no": 0.8, "yes": 0.1}) == (SetSlot(YES_SLOT, False),)


def test_a_confirmed_summary_names_nothing_new_and_begins_nothing() -> None:
    carried = replace(LAMP, text="carry on", start=0)
    assert replied(YES_SLOT, "yes, go ahead", {"yes": 0.99}, "return_item", 0.99, (carried,)) == (SetSlot(YES_SLOT, True),)
