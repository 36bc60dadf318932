"""A message that takes a value back and gives another: "不对，是0003", "sorry, I meant SD2610000006". Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.text import simplified
from bot.types import CorrectSlot, SetSlot

_TAKES_BACK = re.compile(
    r"^\W*(?:哦|啊|哎呀|等等|等下|抱歉|不好意思)?[，,\s]*(?:我|(?:订单|单|手机|尾)号码?)?(?:不对|不是|错了|写错|说错|打错|搞错|弄错|输错|我是说|应该是|改成)"
    r"|^\W*(?:oh|oops|wait|no|nope)?[,.\s]*(?:(?:sorry|no|wrong|actually|oops)\b[,.\s]*)?"
    r"(?:i\s+(?:meant|mean)|it'?s\s+actually|actually|should\s+(?:be|have\s+been)|make\s+that|correction)\b",
    re.IGNORECASE,
)
_LONE_DIGITS = re.compile(r"(?<![\dA-Za-z])(\d{4})(?![\dA-Za-z])")


def corrected(text: str, slots: Sequence[SetSlot], known: Mapping[str, Any]) -> tuple[CorrectSlot, ...]:
    """The values that a message gives in place of those that are `known`; none where it takes nothing back.

    Four digits alone, in a message that takes something back, are those of the phone.
    """
    plain = simplified(text)
    if not _TAKES_BACK.search(plain):
        return ()
    given = tuple(CorrectSlot(slot.name, slot.value) for slot in slots if known.get(slot.name) not in (None, slot.value))
    digits = _LONE_DIGITS.search(plain)
    return given or ((CorrectSlot("phone_last4", digits.group(1)),) if digits else ())
