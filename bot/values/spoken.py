"""Digits that are said one by one: 零一零四, 幺三八, "oh one oh four", "double five two". Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator

HAN_DIGITS = {"〇": "0", "零": "0", "幺": "1"} | {char: str(n) for n, char in enumerate("一二三四五六七八九", 1)}
_WORDS = {"oh": "0", "o": "0", "nought": "0"} | {
    word: str(n) for n, word in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
_TIMES = {"double": 2, "triple": 3}
_HAN = "".join(HAN_DIGITS)
_SAID_ZH = re.compile(rf"[{_HAN}\d](?:[\s、，,]?[{_HAN}\d])+")
_WORD = rf"(?:(?:double|triple)[\s-]+)?(?:{'|'.join(_WORDS)}|\d)"
_SAID_EN = re.compile(rf"(?<![A-Za-z\d]){_WORD}(?:[\s,-]+{_WORD})+(?![A-Za-z\d])", re.IGNORECASE)
_ONE = re.compile(rf"(?:(double|triple)[\s-]+)?({'|'.join(sorted(_WORDS, key=len, reverse=True))}|\d)", re.IGNORECASE)


def spoken_digits(text: str) -> Iterator[tuple[int, int, str]]:
    """Where two digits or more are said one by one, and which. Digits that are written so are none."""
    for match in _SAID_ZH.finditer(text):
        if any(char in HAN_DIGITS for char in match.group()):
            digits = "".join(HAN_DIGITS.get(char, char) for char in match.group() if char in HAN_DIGITS or char.isdigit())
            yield match.start(), match.end(), digits
    for match in _SAID_EN.finditer(text):
        if any(char.isalpha() for char in match.group()):
            yield match.start(), match.end(), "".join(_digits(one) for one in _ONE.finditer(match.group()))


def _digits(one: re.Match[str]) -> str:
    digit = one.group(2).lower()
    return _WORDS.get(digit, digit) * _TIMES.get((one.group(1) or "").lower(), 1)
