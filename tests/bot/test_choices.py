"""A typed button: by title or number, where there is something to choose from, and never else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.choices import chosen
from bot.types import Button, Card, ConversationKey, Reply, State

KEY = ConversationKey("chat", "main", "viewer")
BUTTONS = (Button("Large", "/size L"), Button("Small", "/size S"))


def _after(reply: Reply) -> State:
    return State(KEY, last_replies=(reply,))


@given(st.one_of(st.sampled_from(["1", "扣1", "2", "第一个", "the second one", "no. 3", "#1"]), st.text(max_size=12)))
def test_with_nothing_said_before_a_message_is_itself(text: str) -> None:
    assert chosen(text, State(KEY)) == text


def test_a_number_presses_its_button() -> None:
    assert chosen("2", _after(Reply("Which?", buttons=BUTTONS))) == "/size S"
    assert chosen("第一个", _after(Reply("Which?", buttons=BUTTONS))) == "/size L"
    assert chosen("3", _after(Reply("Which?", buttons=BUTTONS))) == "3"


def test_a_number_beside_products_or_a_lone_button_presses_none() -> None:
    card = Card("Mug", "", "")
    assert chosen("1", _after(Reply("These:", buttons=BUTTONS, cards=(card,)))) == "1"
    assert chosen("1", _after(Reply("This?", buttons=BUTTONS[:1]))) == "1"


def test_a_title_presses_its_button_and_a_question_about_it_does_not() -> None:
    state = _after(Reply("Which?", buttons=BUTTONS))
    assert chosen("large", state) == "/size L"
    assert chosen("large?", state) == "large?"
