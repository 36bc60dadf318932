"""A button that is typed instead of pressed: by its title, or by its number where there is something to choose from."""

from __future__ import annotations

import re

from bot.text import MAX_READ, normal
from bot.types import Button, Reply, State

_NUMBER = re.compile(
    r"(?:选|就)?(?:第)?\s*([1-9一二三四五六七八九])\s*(?:个|项|号|条)?(?:吧|的)?"
    r"|(?:the\s+)?(?:no\.?|number|option|#)?\s*(first|second|third|[1-9])(?:st|nd|rd|th)?(?:\s+(?:one|option))?(?:\s+please)?"
)
_NUMBERS = {word: n for n, word in enumerate("一二三四五六七八九", 1)} | {"first": 1, "second": 2, "third": 3}
_AROUND = " ，。,.!！?？~～"
_ASKED = ("?", "？")


def chosen(text: str, state: State) -> str:
    """The payload of the button of the last replies that `text` names; `text` itself where it names none.

    A number names one only where there are several, in the very last reply, and no question is open that the number could
    be the answer to.
    """
    if len(text) > MAX_READ:
        return text
    plain = _plain(text)
    asks = text.rstrip().endswith(_ASKED)  # "确认？" is a question about the button "确认", and does not press it
    titles = ((button, button.title.rstrip().endswith(_ASKED)) for button in offered(state))
    named = next((button.payload for button, asking in titles if _plain(button.title) == plain and asks <= asking), None)
    return named or _numbered(plain, state) or text


def is_payload(text: str, state: State) -> bool:
    """Whether a text is what a button of the last replies sends: it has no language of its own."""
    return any(button.payload == text for button in offered(state))


def offered(state: State) -> list[Button]:
    """The buttons of the last replies that send something."""
    return [button for reply in state.last_replies for button in reply.buttons if button.payload]


def _numbered(plain: str, state: State) -> str | None:
    match = _NUMBER.fullmatch(plain)
    if match is None or not state.last_replies or not _may_be_chosen_from(state.last_replies[-1], state):
        return None
    word = match.group(1) or match.group(2)
    number = _NUMBERS.get(word) or int(word)
    buttons = state.last_replies[-1].buttons
    return buttons[number - 1].payload if number <= len(buttons) else None


def _may_be_chosen_from(last: Reply, state: State) -> bool:
    """Where several buttons stand alone: a number beside products means one of these."""
    buttons = last.buttons
    return len(buttons) > 1 and not last.cards and all(button.payload for button in buttons) and state.open_slot is None


def _plain(text: str) -> str:
    return normal(text).strip(_AROUND)
