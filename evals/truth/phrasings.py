"""Says a question in one of the ways in which people say it.

Two hands have written them, so that what one is tuned on never is what it is tested on. A said question is a row of pieces:
those that make its meaning (`fixed`), and the words around them, which noise may change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.truth.cases import Utterance
from evals.truth.yaml import read

HANDS = ("tuning", "test")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ENDS = "？?。.！!，,"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message; `foreign` is what it is called in the other language."""

    text: str
    fixed: bool = False
    foreign: str = ""


def forms(key: str, language: str, hand: str) -> Sequence[str]:
    """The phrasings of a question in one hand."""
    found: Sequence[str] = read(f"phrasings/{hand}.yml")[key][language]
    return found


def say(utterances: Sequence[Utterance], language: str, hand: str, rng: random.Random) -> tuple[Piece, ...]:
    """A message of one utterance, or of two joined."""
    said = [_said(one, language, hand, rng) for one in utterances]
    if len(said) == 1:
        return said[0]
    form = rng.choice(forms("joined", language, hand))
    return _splice(form, {"first": said[0], "second": said[1]})


def text_of(pieces: Sequence[Piece]) -> str:
    """What is sent. An end before another sign is none."""
    whole = "".join(piece.text for piece in pieces).replace("s's ", "s' ")
    return re.sub(rf"([？?！!])[{_ENDS}]+", r"\1", re.sub(r" {2,}", " ", whole)).strip()


def _said(one: Utterance, language: str, hand: str, rng: random.Random) -> tuple[Piece, ...]:
    slots = one.slots.items()
    rows: dict[str, Sequence[Piece]] = {name: (Piece(slot.text, slot.fixed, slot.foreign),) for name, slot in slots}
    if one.items:
        rows["lines"] = _in_a_row([_said(item, language, hand, rng) for item in one.items], language)
    return _splice(rng.choice(forms(one.key, language, hand)), rows)


def _in_a_row(items: Sequence[Sequence[Piece]], language: str) -> tuple[Piece, ...]:
    """`2 A, 1 B and 3 C`."""
    between, last = ("、", "和") if language == "zh" else (", ", " and ")
    row = list(items[0])
    for n, item in enumerate(items[1:], 2):
        row += [Piece(last if n == len(items) else between, fixed=True), *item]
    return tuple(row)


def _splice(form: str, rows: Mapping[str, Sequence[Piece]]) -> tuple[Piece, ...]:
    """The words of a form with a row of pieces for each placeholder."""
    row: list[Piece] = []
    for n, part in enumerate(_PLACEHOLDER.split(form)):
        row += rows[part] if n % 2 else ([Piece(part)] if part else [])
    return tuple(row)
