"""Small numbers as people say them."""

from __future__ import annotations

from bot.text import number_of

ENGLISH = {
    name: n for n, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LARGER = {name: n for n, name in enumerate(_TEENS, 11)} | {name: n * 10 for n, name in enumerate(_TENS, 2)}
# Digits, a Chinese numeral, an English one.
SMALL = rf"\d{{1,3}}|[一二两三四五六七八九十]{{1,3}}|\b(?:{'|'.join(ENGLISH)})\b"


def number(word: str) -> int | None:
    """The value of digits, a Chinese numeral or an English one in a single word; None for what is neither."""
    return ENGLISH.get(word.lower()) or LARGER.get(word.lower()) or number_of(word)
