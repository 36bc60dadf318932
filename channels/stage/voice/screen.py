"""What the readers of both languages share: the words of `words.yml`, and a text without what is only for the eye. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from channels.stage.templates import read_yaml
from channels.stage.voice.numerals import NUMBER

WORDS = Path(__file__).with_name("words.yml")

HAN = "㐀-䶿一-鿿"
DASH = r"\s*[-–—~]\s*"
# Neither a letter nor a digit goes on to the left or to the right.
LEFT, RIGHT = r"(?<![A-Za-z\d.])", r"(?![A-Za-z\d])"
DATE = re.compile(rf"{LEFT}((?:19|20)\d\d)[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01]){RIGHT}")
FRACTION = re.compile(r"(?<![\w/.])([1-9])/([2-9])(?![\d/.])")
# One or the other: "10/12 cm".
EITHER = re.compile(r"(?<=\d)(?<![A-Za-z]\d)/(?=\d)")
PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[ -]?)?"
    r"(?:1\d{2}[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]\d{3,4}[ -]?\d{4}|[48]00[ -]\d{3}[ -]?\d{4})(?![\w])"
)
# Letters with four digits or more, or more digits than anything is counted in.
CODE = re.compile(rf"{LEFT}(?:[A-Z]{{1,6}}-?\d{{4,}}[A-Z\d-]*|\d{{9,}}){RIGHT}")
CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]+(?![a-z])")
# The hyphen of "Type-C", once its letter stands alone.
LETTER_HYPHEN = re.compile(r"(?<=[A-Za-z])\s?-\s?(?=[A-Z]\b)|(?<=\b[A-Z])\s?-\s?(?=[A-Za-z])")

_URL = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+")
_BRACKETS = re.compile(r"[()\[\]{}<>（）【】〔〕《》「」『』〖〗]")
_QUOTES = re.compile('["“”„«»*_`|^\\\\]')
_PAUSE = r"[\s,，、;；]"
_PAUSES = re.compile(rf"{_PAUSE}+(?=[.。!！?？:：])|(?<=[.。!！?？:：])\s*[,，、;；]+|^{_PAUSE}+|{_PAUSE}+$")
_TWICE = re.compile(r"([,，、;；])(?:\s*[,，、;；])+")
_SPACED = re.compile(r"\s+(?=[,，、;；.。!！?？:：])|(?<=[，、；。！？：])\s+|(?<=\w-) | (?=-\w)")
# What no rule has put into words says nothing.
_SILENT = re.compile(r"[<=>|~¥$€£%&#+≥≤×°*]")
_KEPT_SIGNS = frozenset("°+<=>|~¥$€£×&#%≥≤^`")


@dataclass(frozen=True, slots=True)
class Words:
    """The content of `words.yml`: units and money by how they are written, and the rest as it stands there."""

    units: Mapping[str, tuple[str, ...]]
    money: Mapping[str, tuple[str, ...]]
    spelt: frozenset[str]
    numbered: tuple[str, ...]
    day_sales: tuple[str, ...]
    day_sale_words: tuple[str, ...]
    counted: tuple[str, ...]


@cache
def words() -> Words:
    """The words, read once. Raises BadContent where the file cannot be read."""
    raw: Mapping[str, Any] = read_yaml(WORDS)
    return Words(
        units={unit: tuple(names) for unit, names in raw["units"].items()},
        money={sign: tuple(names) for sign, names in raw["money"].items()},
        spelt=frozenset(raw["spelt"]),
        numbered=tuple(raw["numbered"]),
        day_sales=tuple(raw["day_sales"]),
        day_sale_words=tuple(raw["day_sale_words"]),
        counted=(*raw["counted_longer"], *raw["counted"]),
    )


def one_of(texts: Iterable[str]) -> str:
    """A pattern for any of these texts, the longest first."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


@cache
def unit_pattern() -> str:
    """A unit after a number, what it is "per" (see `pers`), and no letter after them."""
    unit = one_of(words().units)
    return rf"\s*({unit})((?:/\d*\s?(?:{unit}))*)(?![A-Za-z\d/])"


def pers(written: str) -> list[tuple[str, str]]:
    """`/m2/24h` as pairs of number, which may be empty, and unit."""
    return re.findall(rf"/(\d*?)\s?({one_of(words().units)})", written)


@cache
def sizes_pattern() -> re.Pattern[str]:
    """Two or three sides, and perhaps their unit: see `sides`; the unit is group 4."""
    return re.compile(rf"{LEFT}({NUMBER})\s*[x×*]\s*({NUMBER})(?:\s*[x×*]\s*({NUMBER}))?(?!\d)(?:{unit_pattern()})?")


def sides(found: re.Match[str]) -> list[str]:
    """The numbers that `sizes_pattern` found."""
    return [side for side in found.group(1, 2, 3) if side]


@cache
def money_pattern() -> re.Pattern[str]:
    """A sign of money, an amount and perhaps a second one, to which it goes up."""
    sign = one_of(words().money)
    return re.compile(rf"({sign})\s*({NUMBER})(?:{DASH}(?:{sign})?({NUMBER})(?![\d%]))?")


@cache
def numbered_pattern() -> re.Pattern[str]:
    """What stands after a word that says that it is a code, with that word."""
    return re.compile(
        rf"((?:{one_of(words().numbered)})(?:是|为|\s+is|\s+number)?\s*[:：#]?\s*)(?=[A-Z-]*\d)([A-Z\d][A-Z\d-]{{2,}}){RIGHT}",
        re.IGNORECASE,
    )


def for_the_ear(text: str) -> str:
    """Without addresses, brackets, quotes and emoji; wide letters and digits as plain ones. Brackets leave a pause."""
    text = _URL.sub(" ", text)
    text = "".join(_plain(char) for char in text).replace("⁄", "/")
    return _QUOTES.sub("", _BRACKETS.sub(",", text))


def _plain(char: str) -> str:
    kind = unicodedata.category(char)
    if kind[0] in "LN" or char in "％＃＆～￥＋－℃×㎡㎝㎏＄":
        return unicodedata.normalize("NFKC", char)
    silent = kind in {"So", "Sk", "Cf", "Co", "Cs", "Cn", "Mn", "Me", "Sm"} and char not in _KEPT_SIGNS
    return "" if silent else char


def spelt_letters(letters: str) -> str:
    """Capitals with spaces between them where they are read letter by letter, otherwise as they are."""
    known = words().spelt
    vowels = any(vowel in letters for vowel in "AEIOU")
    return " ".join(letters) if letters in known or len(letters) == 1 or not vowels else letters


def tidy(text: str) -> str:
    """Spaces folded; of several pauses in a row, one."""
    text = _TWICE.sub(r"\1", " ".join(_SILENT.sub(" ", text).split()))
    return " ".join(_SPACED.sub("", _PAUSES.sub("", text)).split())


Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def apply(text: str, rules: Iterable[Rule]) -> str:
    """The text with what each rule finds put into words, one rule after the other."""
    for pattern, reading in rules:
        text = pattern.sub(reading, text)
    return text
