"""How long a text takes to be spoken, roughly: enough to plan a script, to show a caption and to tell a stuck engine."""

from __future__ import annotations

import re

# Measures of unhurried speech; a sentence has a breath after it.
HAN_A_SECOND = 4.5
WORDS_A_SECOND = 2.5
DIGITS_A_SECOND = 3.5
BREATH_S = 0.4

_HAN = re.compile(r"[㐀-䶿一-鿿]")
_WORD = re.compile(r"[A-Za-z]+")
_DIGIT = re.compile(r"\d")


def expected_s(text: str) -> float:
    """Seconds that `text` takes to be spoken, with the breath after it."""
    han, words, digits = (len(pattern.findall(text)) for pattern in (_HAN, _WORD, _DIGIT))
    return BREATH_S + han / HAN_A_SECOND + words / WORDS_A_SECOND + digits / DIGITS_A_SECOND
