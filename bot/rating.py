"""How a customer rates what an agent did for them: five buttons, and a comment for who wants to add one. Pure.

`of` names the hand-off that is rated; the desk makes it up and the buttons carry it, so that a rating that comes late is
still one of that hand-off. A later rating of the same takes the place of the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.choices import is_payload
from bot.desk import RATES
from bot.types import Choice, Rating, Say, State

STARS = (1, 2, 3, 4, 5)
MAX_COMMENT = 1000
# The slot that says which rating the next message comments on.
COMMENTING = "rating_comment"
_CANCEL = "/cancel"
_PRESSED = re.compile(RATES + r"([0-9a-f]{16}) ([1-5]|comment)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rated:
    """What a message about a rating comes to: what the desk hears of it, what is said, and the slots from then on."""

    say: Say
    slots: Mapping[str, Any]
    rating: Rating | None = None


def asking(of: str) -> Say:
    """The question, with its five buttons."""
    return Say("utter_rate", choices=tuple(Choice(Say(f"utter_rate_{stars}"), f"{RATES}{of} {stars}") for stars in STARS))


def rated(text: str, state: State) -> Rated | None:
    """What `text` is as a rating or as a comment that was announced. None for everything else.

    `text` is what was typed or pressed, buttons by their payload (`bot.choices.chosen`).
    """
    pressed = _PRESSED.fullmatch(text.strip())
    if pressed is not None:
        return _pressed(pressed[1], pressed[2], state)
    of = state.slots.get(COMMENTING)
    if not of:
        return None
    if text == _CANCEL:
        return Rated(Say("utter_rate_enough"), _slots(state, None))
    if is_payload(text, state) or not text.strip():  # another button: they have gone on
        return None
    return Rated(Say("utter_rate_noted"), _slots(state, None), Rating(of, comment=text.strip()[:MAX_COMMENT]))


def gone_on(state: State) -> State:
    """The state when something else was said: no comment is waited for any more."""
    return replace(state, slots=_slots(state, None)) if state.slots.get(COMMENTING) else state


def _pressed(of: str, what: str, state: State) -> Rated:
    if what == "comment":
        return Rated(Say("utter_rate_comment"), _slots(state, of))
    add = (Choice(Say("utter_rate_add"), f"{RATES}{of} comment"),)
    return Rated(Say("utter_rated", {"stars": int(what)}, choices=add), _slots(state, None), Rating(of, stars=int(what)))


def _slots(state: State, commenting: str | None) -> Mapping[str, Any]:
    return {**state.slots, COMMENTING: commenting}
