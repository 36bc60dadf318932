"""What every room needs to know about text: cleaning, language, words. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.types import Language

if TYPE_CHECKING:
    from jieba import Tokenizer
    from opencc import OpenCC

_HAN = re.compile(r"[㐀-䶿一-鿿]")
# Letters beside digits are a number of something, in no language; sizes and an "OK" are of all.
_NO_WORDS = re.compile(r"[^\s@]{1,64}@\S+|https?://\S+|www\.\S+|\b(?:x{0,3}[sml]|[2-5]xl|ok(?:ay)?)\b", re.IGNORECASE)
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?:['’][A-Za-z]+)*(?![A-Za-z0-9])")
_WORD = re.compile(r"[㐀-䶿一-鿿]+|[a-z0-9]+(?:[.'’-][a-z0-9]+)*")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
# Characters of the longest message that is read: a longer one is no chat, is refused, and takes no time from others.
MAX_READ = 1000
# Texts whose cleaned and simplified form is kept: names of products and attributes come by with every question.
_KEPT = 65_536
# Each language's part of a text that says all in both.
_SHARED = 0.3
_PARTICLES = re.compile(r"[的那这个款件双呢吧啊呀哦亲]|\b(?:the|an?|this|that|please|pls)\b")
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_QUOTED = re.compile(r"[《“\"]([^《》“”\"\n]{2,60})[》”\"]")
_FINAL_PARTICLE = re.compile(r"(?<=[㐀-鿿]{2})[吧呢啊呀哦噢啦嘛哟哈]+[\s。.!！~～]*$")
_SPACES = re.compile(r"\s+")
_URL_PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]+(?=@)")


@lru_cache(_KEPT)
def clean(text: str) -> str:
    """One line of NFKC text without control characters, spaces folded. Emoji stay, but digits on keys are digits."""
    return printable(unicodedata.normalize("NFKC", _KEYCAP.sub(r"\1", text)))


def printable(text: str) -> str:
    """A text as it was written, on one line, without control characters."""
    return _SPACES.sub(" ", "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in text)).strip()


def normal(text: str) -> str:
    """Lower-case simplified text, for comparing."""
    return simplified(clean(text)).lower()


def without_particles(text: str) -> str:
    """A lower-case text without the small words that stand around a name: "那个…呢", "the … please"."""
    return _PARTICLES.sub(" ", text)


def titles_in(text: str) -> tuple[str, ...]:
    """What a text quotes by its title, as 《…》 or in quotation marks, normalised, in its order."""
    return tuple(normal(match.group(1)) for match in _QUOTED.finditer(text))


def without_final_particle(text: str) -> str:
    """A text without the particles that end a Chinese utterance: "欧阳倩吧" is somebody called 欧阳倩, said in doubt."""
    return _FINAL_PARTICLE.sub("", text)


def singular(word: str) -> str:
    """A lower-case English word without its plural ending, where that is an "s"."""
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


@lru_cache(_KEPT)
def is_bilingual(text: str) -> bool:
    """Whether a text says what it says in Chinese and in English, as the cells of many tables do.

    A Chinese character weighs as much as three Latin letters; a name of the other language is no translation.
    """
    latin, han = sum(map(len, _LATIN_WORD.findall(text))), 3 * len(_HAN.findall(text))
    return han > 0 and _SHARED <= latin / (latin + han) <= 1 - _SHARED


def language_of(text: str, default: Language) -> Language:
    """The language to answer `text` in.

    A Chinese sentence with English product words is Chinese, so one Han character weighs as much as one Latin word. Text
    without either (digits, emoji) has no language: `default`. Traditional script is told by characters that simplification
    would change. An e-mail address, a link, a size or an "OK" is no word.
    """
    text = _NO_WORDS.sub(" ", text)
    han = len(_HAN.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    if not han and not latin:
        return default
    if han < latin:
        return Language.EN
    return Language.ZH_HANT if _is_traditional(text) else Language.ZH


def words(text: str) -> list[str]:
    """Lower-case search words: jieba's words for Chinese (simplified), runs of letters and digits for the rest."""
    found: list[str] = []
    for run in _WORD.findall(normal(text)):
        found.extend(tokenizer().cut_for_search(run) if _HAN.match(run) else [run])
    return found


@lru_cache(_KEPT)
def simplified(text: str) -> str:
    """Traditional characters as simplified ones; everything else unchanged."""
    return str(_to_simplified().convert(text)) if _HAN.search(text) else text


def traditional(text: str) -> str:
    """Simplified characters as traditional ones; everything else unchanged."""
    return str(_to_traditional().convert(text)) if _HAN.search(text) else text


def number_of(numeral: str) -> int | None:
    """The value of digits or of a Chinese numeral below 10,000; None for what is neither."""
    if numeral.isdigit():
        return int(numeral)
    total = digit = 0
    for char in numeral:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            return None
    return total + digit or None


def _is_traditional(text: str) -> bool:
    changed = sum(1 for a, b in zip(text, simplified(text), strict=False) if a != b)
    unchanged_simplified = sum(1 for a, b in zip(text, _to_traditional().convert(text), strict=False) if a != b)
    return changed > unchanged_simplified


@cache
def tokenizer() -> Tokenizer:
    """jieba's words of Chinese, of which a process needs one set."""
    import logging

    import jieba  # its dictionary takes a second to build

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


@cache
def _to_simplified() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _to_traditional() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("s2t")


def without_password(url: str) -> str:
    """A URL that may be shown: the password in it, if any, as stars."""
    return _URL_PASSWORD.sub(r"\1:***", url)
