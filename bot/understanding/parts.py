"""Several questions in one message, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.types import Entity

# Where one thing that is said ends and another begins.
_BOUNDARY = re.compile(
    r"[。！？!?；;\n]+|[，,]\s*(?=(?:还有|另外|顺便|然后|那|再问|而且|and also|also|plus|by the way|btw)\b"
    r"|(?:还有|另外|顺便|再问))"
    r"|\s+(?=(?:还有|另外|顺便)\S)|\.\s+(?=[A-Z])",
    re.IGNORECASE,
)
# Shorter pieces belong to their neighbour; Chinese characters, or Latin letters by three.
_SHORTEST = 2
MAX_PARTS = 3
_PROOFS = ("order_number", "phone_last4", "email")
# What people call such a value when they give it.
_LABEL = re.compile(
    r"订单编?号码?|訂單編?號碼?|单号|單號|(?:手机|手機|电话|電話)(?:号码?|號碼?)?|尾号|尾號|后四位|後四位|我的|是|为"
    r"|\b(?:my|the|it'?s|is|order|number|no|phone|mobile|digits?|last|four|ending|in|and)\b",
    re.IGNORECASE,
)


def parts_of(text: str) -> list[str]:
    """The parts of a message, at most MAX_PARTS; more than that is taken as one."""
    pieces = [piece.strip(" ，,") for piece in _BOUNDARY.split(text)]
    parts = [piece for piece in pieces if _weight(piece) >= _SHORTEST]
    return parts if 1 <= len(parts) <= MAX_PARTS else [text]


def without_values(part: str, entities: Iterable[Entity]) -> str:
    """A part without the numbers that prove an order to be someone's: they say nothing of what is wanted.

    A part that is nothing else is left as it is.
    """
    rest = _rest(part, entities)
    return rest if _weight(rest) >= _SHORTEST else part


def nothing_but_values(text: str, entities: Iterable[Entity]) -> bool:
    """Whether a message says only an order number or digits of a phone, perhaps with what they are."""
    proofs = [entity for entity in entities if entity.kind in _PROOFS and entity.text]
    return bool(proofs) and _weight(_LABEL.sub(" ", _rest(text, proofs))) < 1


def _rest(text: str, entities: Iterable[Entity]) -> str:
    for entity in entities:
        if entity.kind in _PROOFS and entity.text:
            text = text.replace(entity.text, " ")
    return " ".join(text.split()).strip(" ，,:：")


def _weight(piece: str) -> float:
    return sum(1 if ord(char) > 0x2E80 else 1 / 3 for char in piece if char.isalnum())
