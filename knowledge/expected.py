"""What kind of thing a question asks for, and whether a text has one: an amount, a time, a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["money", "time", "place"]

_ASKED: Mapping[Kind, re.Pattern[str]] = {
    "money": re.compile(
        r"多少钱|几块|几元|钱|费|贵|价|折|收不收|补"
        r"|\b(?:how much|costs?|prices?|pay|paid|free|fees?|charged?|refund|money|cheap\w*|postage|amount|extra)\b"
    ),
    "time": re.compile(
        r"多久|几天|几点|什么时候|啥时候|几时|何时|多长时间|几月|还能|来得及|今天|明天|晚上"
        r"|\b(?:how (?:long|soon|late|often|many days)|when|until|what time|today|tomorrow|late|open|close)\b"
        r"|\b(?:hours|days?|weeks?|months?)\b"
    ),
    "place": re.compile(r"哪里|哪儿|哪条|地址|在哪|\bwhere\b"),
}
_HELD: Mapping[Kind, re.Pattern[str]] = {
    "money": re.compile(r"[¥￥%]|\d+(?:\.\d+)? ?(?:元|折|块)|免|退款|运费|\b(?:free|refund\w*|cost\w*|yuan|rmb|pay\w*)\b"),
    "time": re.compile(
        r"\d+ ?(?:天|小时|个月|分钟|年|点|周)|\d{1,2}:\d\d|次日|当天|[一二三四五六七八九十两]天"
        r"|\b\d+ (?:working )?(?:days?|hours?|months?|years?|minutes?|weeks?)\b|\b\d{1,2} ?[ap]m\b|\bdays?\b"
    ),
    "place": re.compile(r"路|街|号|页|店|“|”|\"|\b(?:road|street|shop|page|store|settings)\b"),
}
# What a question that asks for none of these kinds is given: neither for nor against a text.
_OPEN = 0.5


def kinds_asked(question: str) -> tuple[Kind, ...]:
    """The kinds that a question, in normal form, asks for."""
    return tuple(kind for kind, asked in _ASKED.items() if asked.search(question))


def holds(kinds: tuple[Kind, ...], text: str) -> float:
    """The part of the kinds that a text, in normal form, has something of; in the middle where none is asked for."""
    return sum(_HELD[kind].search(text) is not None for kind in kinds) / len(kinds) if kinds else _OPEN
