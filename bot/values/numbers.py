"""Small numbers as people say them."""

from __future__ import annotations

import re

from bot.text import number_of

ENGLISH = {
    name: n for n, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LARGER = {name: n for n, name in enumerate(_TEENS, 11)} | {name: n * 10 for n, name in enumerate(_TENS, 2)}
# Digits, a Chinese numeral, an English one.
SMALL = rf"\d{{1,3}}|[一二两三四五六七八九十]{{1,3}}|\b(?:{'|'.join(ENGLISH)})\b"


# Digits as they are read out one by one.
_SPOKEN = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "幺": "1",
    "两": "2",
    "洞": "0",
}
_READ_OUT = re.compile(rf"(?<![{''.join(_SPOKEN)}十百千])[{''.join(_SPOKEN)}]{{4,6}}(?![{''.join(_SPOKEN)}十百千])")


def read_out(text: str) -> str:
    """A text of the same length in which four to six digits that are read out stand as digits: "零一零四" as "0104"."""
    return _READ_OUT.sub(lambda match: "".join(_SPOKEN[char] for char in match.group()), text)


def number(word: str) -> int | None:
    """The value of digits, a Chinese numeral or an English one in a single word; None for what is neither."""
    return ENGLISH.get(word.lower()) or LARGER.get(word.lower()) or number_of(word)
