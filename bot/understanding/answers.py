"""Reading a message as the answer to the question that a flow has open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bot.domain import Slot
from bot.types import Entity
from bot.understanding.volunteered import EVERY, quantity_answer
from bot.values.numbers import read_out

# Slots whose answer has a shape: an attempt at it is told apart from a change of subject, and refused by the flow's rules.
_ATTEMPTS: Mapping[str, re.Pattern[str]] = {
    "order_number": re.compile(r"^#?[A-Za-z0-9][\w\s/.-]{3,39}$", re.ASCII),
    "phone_last4": re.compile(r"^\D{0,6}(\d[\d\s-]{1,15})\D{0,3}$"),
    "code": re.compile(r"^\D{0,12}(\d[\d\s-]{3,9})\D{0,3}$"),
    "contact": re.compile(r"^\S+@\S*$|^\+?\d[\d\s-]{4,17}$"),
}
# Where the answer stands among other words: a run of so many digits that is alone of its kind.
_AMONG: Mapping[str, re.Pattern[str]] = {
    "phone_last4": re.compile(r"(?<![\dA-Za-z])\d{4}(?![\dA-Za-z])"),
    "code": re.compile(r"(?<![\dA-Za-z])\d{6}(?![\dA-Za-z])"),
}
# No code came: another is wanted.
_RESEND = re.compile(
    r"(?:没|沒|未)(?:有)?(?:收|看)到|收不到|重(?:新)?(?:发|發)|再(?:发|發)|还没来"
    r"|\b(?:resend|send (?:it |me )?(?:again|another|a new)|another (?:code|one)|new code"
    r"|(?:did ?n.?t|have ?n.?t|never|not) (?:get|got|receive|received|arrived?|come))\b",
    re.IGNORECASE,
)
# The slot whose answer lets something be written: only what `assent` takes for a yes is one.
YES_SLOT = "confirmed"
# The slot whose answer is a photo.
PHOTO_SLOT = "evidence"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# In the place of an order number: a number was given, but it has none of the shop's forms.
UNLIKE = "unlike"
# What the verbs take for the whole order.
EVERY_ITEM = "全部"
# What has fewer digits is no attempt at an order number, and what has words in it neither.
_FEWEST_DIGITS = 4
_WORDS = re.compile(r"[A-Za-z]{6}|[A-Za-z]+\s+[A-Za-z]+\s")
_YES, _NO = "affirm", "deny"
# A free text of these slots is taken as it is.
_FREE = ("text", "any")


def answer_for(slot: Slot, text: str, entities: Sequence[Entity], intent: str) -> Any | None:
    """The value that `text` gives for the slot that was asked for, or None when it is no answer to that.

    `intent` is what the classifiers take the text for: a yes, a no, or anything else.
    """
    named = next((entity.value for entity in entities if entity.kind == slot.name), None)
    if named is not None:
        return named
    if slot.name in _SHAPED:
        return _SHAPED[slot.name](_without_order(text, entities) if slot.name == "phone_last4" else text)
    if slot.name == "items" and quantity_answer(text) == EVERY:
        return EVERY_ITEM
    match slot.type:
        case "bool":
            return {_YES: True, _NO: False}.get(intent)
        case "float":
            found = _NUMBER.search(text)
            return float(found.group()) if found else None
        case "categorical":
            return next((value for value in slot.values if value.lower() == text.strip().lower()), None)
    return text if slot.type in _FREE else None


def _without_order(text: str, entities: Sequence[Entity]) -> str:
    """A text without order numbers, whose last digits are nobody's phone."""
    for entity in entities:
        if entity.kind == "order_number" and entity.text:
            text = text.replace(entity.text, " ")
    return text


def wants_another_code(text: str) -> bool:
    """Whether a text says that no code came, or that another one is wanted."""
    return _RESEND.search(text) is not None


def has_shape(slot: Slot) -> bool:
    """Whether what answers for a slot can be told from other texts: it is no free text."""
    return slot.name in _SHAPED or slot.type not in _FREE


def _attempt(name: str, text: str) -> str | None:
    if name == "code" and wants_another_code(text):
        return "resend"
    text = read_out(text)
    among = _AMONG[name].findall(text) if name in _AMONG else []
    if len(among) == 1:
        return str(among[0])
    match = _ATTEMPTS[name].match(text.strip())
    if match is None:
        return None
    digits = "".join(char for char in text if char.isdigit())
    if name == "order_number":
        return UNLIKE if len(digits) >= _FEWEST_DIGITS and not _WORDS.search(text) else None
    if name == "contact":
        return text.strip()
    if name == "code":
        return digits
    return digits[-4:] if len(digits) >= 4 else digits


def _tax_id(text: str) -> str | None:
    """What stands for a tax number: the longest run of letters and digits with a digit in it."""
    if any(char.isdigit() for char in text) and text.strip().isascii() and text.strip().isalnum():
        return text.strip()
    runs = [run for run in re.findall(r"[A-Za-z0-9]{6,24}", text) if any(char.isdigit() for char in run)]
    return max(runs, key=len, default=None)


def _no_words(text: str) -> None:
    """Only a photo answers, and it is no text."""


# Slots whose answers have a shape of their own, and what reads them.
_SHAPED: Mapping[str, Callable[[str], Any]] = {
    PHOTO_SLOT: _no_words,
    "quantity": quantity_answer,
    "tax_id": _tax_id,
    **{name: partial(_attempt, name) for name in _ATTEMPTS},
}
