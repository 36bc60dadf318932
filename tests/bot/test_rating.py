"""Ratings in the words that customers read, in every language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.choices import chosen
from bot.rating import COMMENTING, STARS, asking, gone_on, rated
from bot.responding.responder import Responder
from bot.types import ConversationKey, Language, Rating, State

OF = "0123456789abcdef"
RESPONDER = Responder([Path("bot")])


@pytest.mark.parametrize("language", Language)
def test_buttons_are_named_and_lead_to_a_rating_and_a_comment(language: Language) -> None:
    state = State(ConversationKey("web", "", "ann"), slots={"language": language.value}, language=language)
    question = RESPONDER.say(asking(OF), language, state)
    titles = [button.title for button in question.buttons]
    assert question.text and len(set(titles)) == len(STARS)
    asked = replace(state, last_replies=(question,))
    for stars, title in zip(STARS, titles, strict=True):
        for said in (str(stars), title, question.buttons[stars - 1].payload):
            found = rated(chosen(said, asked), asked)
            assert found is not None and found.rating == Rating(OF, stars=stars)
    thanks = RESPONDER.say(found.say, language, state)
    (add,) = thanks.buttons
    assert "5" in thanks.text and (language is Language.EN) == add.title.isascii()
    told = replace(asked, last_replies=(thanks,))
    announced = rated(chosen(add.title, told), told)
    assert announced is not None and announced.rating is None
    waiting = replace(told, slots=announced.slots, last_replies=(RESPONDER.say(announced.say, language, state),))
    noted = rated(" very kind ", waiting)
    assert noted is not None and noted.rating == Rating(OF, comment="very kind")
    stopped = rated(chosen(waiting.last_replies[0].buttons[0].title, waiting), waiting)
    assert stopped is not None and stopped.rating is None and not stopped.slots[COMMENTING]
    assert not gone_on(waiting).slots[COMMENTING] and gone_on(state) is state


@pytest.mark.parametrize("text", ["/rate", "/rate 0123456789abcdef 6", "/rate 0123 5", "rate 5", "5", ""])
def test_what_is_no_rating_is_none(text: str) -> None:
    assert rated(text, State(ConversationKey("web", "", "ann"))) is None
