"""Spoken text, Chinese with English in it, as phonemes of Kokoro's alphabet.

The tables are of the package `misaki` (Apache-2.0): its Mandarin transcription, and its American dictionary. Its own readers
of mixed text are not used: one passes Latin letters on as if they were phonemes, the other needs a GPL synthesiser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from channels.stage.voice.screen import HAN

if TYPE_CHECKING:
    from jieba import Tokenizer

# Wide pauses as the alphabet has them.
_PAUSES = str.maketrans({"，": ",", "、": ",", "。": ".", "！": "!", "？": "?", "：": ":", "；": ";"})
_PIECES = re.compile(rf"[{HAN}]+|[A-Za-z]+(?:['’][A-Za-z]+)*|[,.!?;:…—]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Endings that dictionaries leave out, with their sound after other sounds, after voiceless ones and after hissing ones.
_ENDINGS = {
    "'s": ("z", "s", "ᵻz"),
    "es": ("ᵻz", "ᵻz", "ᵻz"),
    "s": ("z", "s", "ᵻz"),
    "ed": ("d", "t", "d"),
    "ing": ("ɪŋ", "ɪŋ", "ɪŋ"),
}
_VOICELESS, _HISSING = "ptkfθ", "szʃʒʧʤ"

Mandarin = Callable[[str], str]
Dictionary = Mapping[str, str]


class Phonemes:
    """Transcribes. `mandarin` turns Han characters into phonemes, `dictionary` has English words and letters."""

    def __init__(self, mandarin: Mandarin, dictionary: Dictionary) -> None:
        self._mandarin, self._dictionary = mandarin, dictionary

    def of(self, text: str) -> str:
        """The phonemes of spoken text, words divided by spaces; pauses stay as they are."""
        pieces = (self._piece(piece) for piece in _PIECES.findall(text.translate(_PAUSES)))
        return re.sub(r" (?=[,.!?;:…—])", "", " ".join(filter(None, pieces)))

    def _piece(self, piece: str) -> str:
        if not piece[0].isalpha():
            return piece
        return self._word(piece.replace("’", "'")) if piece.isascii() or "’" in piece else self._mandarin(piece)

    def _word(self, word: str) -> str:
        """A word by the dictionary, by its parts, or by its letters."""
        found = self._known(word) or self._with_ending(word.lower())
        if found:
            return found
        parts = _HUMP.split(word)
        if len(parts) > 1:
            return " ".join(self._word(part) for part in parts)
        return self._compound(word.lower()) or self._letters(word)

    def _known(self, word: str) -> str:
        return next(
            (self._dictionary[form] for form in (word, word.lower(), word.capitalize()) if form in self._dictionary), ""
        )

    def _with_ending(self, word: str) -> str:
        for ending, (after_others, after_voiceless, after_hissing) in _ENDINGS.items():
            stem = self._known(word.removesuffix(ending)) if word.endswith(ending) and len(word) > len(ending) + 2 else ""
            if stem:
                last = stem[-1]
                return stem + (
                    after_hissing if last in _HISSING else after_voiceless if last in _VOICELESS else after_others
                )
        return ""

    def _compound(self, word: str) -> str:
        """Two words of the dictionary in one, as names of products often are: the longest first part wins."""
        cuts = range(len(word) - 3, 2, -1)
        pairs = ((self._known(word[:cut]), self._known(word[cut:])) for cut in cuts)
        return next((first + last for first, last in pairs if first and last), "")

    def _letters(self, word: str) -> str:
        return " ".join(self._dictionary[letter] for letter in word.upper() if letter in self._dictionary)


def read_dictionary(folder: Path) -> dict[str, str]:
    """The American dictionary in the folder of misaki's data: words as they stand there, the checked ones first."""
    words: dict[str, str] = {}
    for name in ("us_silver.json", "us_gold.json"):
        for word, phonemes in json.loads((folder / name).read_text("utf-8")).items():
            words[word] = phonemes if isinstance(phonemes, str) else phonemes["DEFAULT"]
    return words


def mandarin(han: str) -> str:
    """The phonemes of Han characters with their tones, words divided by spaces."""
    from misaki.zh import ZHG2P

    words = " ".join(ZHG2P.word2ipa(word) for word in _cutter().lcut(han))
    return words.replace("̯", "")  # which the alphabet does not have


@cache
def _cutter() -> Tokenizer:
    import logging

    import jieba  # its dictionary takes a second to build

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
