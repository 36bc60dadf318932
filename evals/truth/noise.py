"""Makes a question as dirty as people write and speak it, and keeps its meaning.

Every kind of noise takes a message as pieces and gives it back changed. Pieces that make the meaning stay as they are, but
for names in the other language and figures in another script. The same seed makes the same noise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pypinyin import Style, lazy_pinyin

from evals.truth.phrasings import Piece
from evals.truth.tables import has_han
from evals.truth.yaml import read

Pieces = tuple[Piece, ...]
Noise = Callable[[Pieces, str, random.Random], Pieces]

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PUNCTUATION = re.compile(r"[，。？！、；：,.?!;:]")
_WHOLE = re.compile(r"(?<![\w.,-])\d{1,4}(?![\w.,-])|(?<=[\u4e00-\u9fff])\d{1,4}(?=[\u4e00-\u9fff]|$)")


def typos(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """One letter of a longer word hit beside its key, or two letters changed over; Chinese has homophones instead."""
    if language == "zh":
        return homophones(pieces, language, rng)
    spots = [(n, found) for n, piece in _loose(pieces) for found in re.finditer(r"[a-z]{5,}", piece.text)]
    if not spots:
        return pieces
    n, found = rng.choice(spots)
    word = found[0]
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    beside = word[:at] + rng.choice(_beside(word[at])) + word[at + 1 :]
    return _put(pieces, n, found.start(), found.end(), rng.choice((swapped, beside)))


def homophones(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """One character for another of the same sound."""
    spots = [(n, at) for n, piece in _loose(pieces) for at, sign in enumerate(piece.text) if has_han(sign)]
    rng.shuffle(spots)
    for n, at in spots:
        others = same_sound(pieces[n].text[at])
        if others:
            return _put(pieces, n, at, at + 1, rng.choice(others))
    return pieces


def pinyin(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """Two characters written by their sound."""
    spots = [(n, found) for n, piece in _loose(pieces) for found in re.finditer(r"[\u4e00-\u9fff]{2}", piece.text)]
    if not spots:
        return pieces
    n, found = rng.choice(spots)
    return _put(pieces, n, found.start(), found.end(), "".join(lazy_pinyin(found[0])))


def bare(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """No punctuation, no capitals."""
    return tuple(replace(p, text=_PUNCTUATION.sub(" ", p.text).lower()) if not p.fixed else p for p in pieces)


def polite(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """A greeting before, a particle after, or both."""
    words = read("noise.yml")
    before, after = Piece(rng.choice(words["greetings"][language])), Piece(rng.choice(words["particles"][language]))
    return rng.choice(((before, *pieces), (*pieces, after), (before, *pieces, after)))


def switched(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """A product by its name in the other language, or a common word in it."""
    named = [n for n, piece in enumerate(pieces) if piece.foreign]
    if named:
        n = rng.choice(named)
        return (*pieces[:n], replace(pieces[n], text=f" {pieces[n].foreign} ", foreign=""), *pieces[n + 1 :])
    for n, piece in _loose(pieces):
        for word, other in read("noise.yml")["switched"][language].items():
            at = piece.text.find(word)
            if at >= 0:
                return _put(pieces, n, at, at + len(word), other)
    return pieces


def full_width(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """Letters and digits as a Chinese input method may write them."""
    return tuple(replace(p, text="".join(_wide(sign) for sign in p.text)) for p in pieces)


def spoken(pieces: Pieces, language: str, rng: random.Random) -> Pieces:
    """Voice input: numbers as words, no punctuation."""
    say = in_chinese if language == "zh" else in_english
    said = tuple(replace(p, text=_WHOLE.sub(lambda found: say(int(found[0])), p.text)) for p in pieces)
    return bare(said, language, rng)


NOISES: dict[str, Noise] = {
    "typos": typos,
    "homophones": homophones,
    "pinyin": pinyin,
    "bare": bare,
    "polite": polite,
    "switched": switched,
    "full_width": full_width,
    "spoken": spoken,
}


def dirty(pieces: Pieces, language: str, rng: random.Random) -> tuple[Pieces, str]:
    """One kind of noise, and which."""
    names = [name for name in NOISES if language == "zh" or name not in ("homophones", "pinyin")]
    name = rng.choice(names)
    return NOISES[name](pieces, language, rng), name


# ---------------------------------------------------------------- helpers


def same_sound(sign: str) -> list[str]:
    """Other common characters of the same sound, tones aside."""
    sound = lazy_pinyin(sign, style=Style.NORMAL)
    common = dict.fromkeys(read("noise.yml")["common"])
    return [other for other in common if other != sign and lazy_pinyin(other, style=Style.NORMAL) == sound]


_DIGITS = "零一二三四五六七八九"
_TEENS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_chinese(number: int) -> str:
    """0 to 9999 as they are said."""
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return "十" + (_DIGITS[number % 10] if number % 10 else "")
    scale, name = next((scale, name) for scale, name in ((1000, "千"), (100, "百"), (10, "十")) if number >= scale)
    rest = number % scale
    if not rest:
        return _DIGITS[number // scale] + name
    gap = ("零" if rest < scale // 10 else "") + ("一" if 10 <= rest < 20 else "")
    return _DIGITS[number // scale] + name + gap + in_chinese(rest)


def in_english(number: int) -> str:
    """0 to 9999 as they are said."""
    if number < 20:
        return _TEENS[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_TEENS[number % 10]}" if number % 10 else "")
    scale, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = f" {in_english(number % scale)}" if number % scale else ""
    return f"{in_english(number // scale)} {name}{rest}"


def _loose(pieces: Sequence[Piece]) -> list[tuple[int, Piece]]:
    return [(n, piece) for n, piece in enumerate(pieces) if not piece.fixed]


def _put(pieces: Pieces, n: int, start: int, end: int, text: str) -> Pieces:
    piece = pieces[n]
    changed = replace(piece, text=piece.text[:start] + text + piece.text[end:])
    return (*pieces[:n], changed, *pieces[n + 1 :])


def _beside(letter: str) -> str:
    row = next(row for row in _ROWS if letter in row)
    at = row.index(letter)
    return row[max(at - 1, 0) : at] + row[at + 1 : at + 2]


def _wide(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign
