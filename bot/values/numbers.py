"""Small numbers as people say them."""

from __future__ import annotations

from bot.text import number_of

ENGLISH = {
    name: n for n, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
# Digits, a Chinese numeral, an English one.
SMALL = rf"\d{{1,3}}|[一二两三四五六七八九十]{{1,3}}|\b(?:{'|'.join(ENGLISH)})\b"


def number(word: str) -> int | None:
    """The value of digits, a Chinese numeral or an English one up to ten; None for what is neither."""
    return ENGLISH.get(word.lower()) or number_of(word)
