"""Texts as sequences of grams with places: pairs of Chinese characters, Latin words in the singular, numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.text import normal, singular

_UNIT = re.compile(r"[㐀-䶿一-鿿]|[a-z]+(?:['’][a-z]+)?|\d+(?:\.\d+)?")
# The ending of a Latin word's plural, behind it, as part of a pattern: "kites", "boxes", but no "makes" of "mak".
PLURAL = r"(?:s|(?<=[sxzo])es|(?<=[cs]h)es)?"
# Words that join others and name nothing: they tell no product from another.
FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "to",
        "in",
        "on",
        "with",
        "and",
        "or",
        "by",
        "at",
        "from",
        "as",
        "is",
        "are",
        "be",
        "was",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "i",
        "my",
        "me",
        "we",
        "our",
        "you",
        "your",
        "he",
        "she",
        "they",
        "them",
        "his",
        "her",
        "their",
        "what",
        "which",
        "who",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "much",
        "many",
        "any",
        "some",
        "no",
        "not",
        "have",
        "has",
        "had",
        "got",
        "get",
        "go",
        "if",
        "so",
        "than",
        "then",
        "too",
        "also",
        "just",
        "only",
        "very",
        "really",
        "please",
        "pls",
        "hi",
        "hey",
        "hello",
        "ok",
        "want",
        "need",
        "like",
        "looking",
        "show",
        "tell",
        "give",
        "me",
        "us",
        "im",
        "i'm",
        "it's",
        "what's",
        "whats",
        "u",
        "ur",
        "one",
        "ones",
        "set",
        "s",
        "t",
    ]
)
_FUNCTION_ZH = frozenset(
    "的了吗呢吧啊呀哦么嘛是有在和与跟或我你您他她它们这那哪个款件只双套条把台瓶盒包支就都也还很太请问想要给"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One Chinese character, Latin word (in the singular) or number, and where it stands in the normalised text."""

    text: str
    start: int
    end: int

    @property
    def is_han(self) -> bool:
        """Whether it is a Chinese character."""
        return not self.text.isascii()


@lru_cache(65_536)
def units(plain: str) -> tuple[Unit, ...]:
    """The units of a text that `bot.text.normal` has been over."""
    return tuple(Unit(_root(m.group()), m.start(), m.end()) for m in _UNIT.finditer(plain))


def _root(word: str) -> str:
    """A word without the endings of plural and possession."""
    word = word.removesuffix("'s").removesuffix("’s")
    if word in FUNCTION_WORDS:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return singular(word)


@dataclass(frozen=True, slots=True)
class Gram:
    """What texts are compared by: two neighbouring Chinese characters, or one Latin word or number."""

    text: str
    start: int
    end: int


@lru_cache(65_536)
def grams(plain: str) -> tuple[Gram, ...]:
    """The grams of a normalised text, in order. A Chinese character without a neighbour gives none."""
    found: list[Gram] = []
    sequence = units(plain)
    for n, unit in enumerate(sequence):
        if not unit.is_han:
            found.append(Gram(unit.text, unit.start, unit.end))
        elif n + 1 < len(sequence) and sequence[n + 1].is_han and sequence[n + 1].start == unit.end:
            found.append(Gram(unit.text + sequence[n + 1].text, unit.start, sequence[n + 1].end))
    return tuple(found)


@lru_cache(65_536)
def gram_set(text: str) -> frozenset[str]:
    """The different grams of a text as it was written."""
    return frozenset(gram.text for gram in grams(normal(text)))


def is_content(gram: str) -> bool:
    """Whether a gram says something: no function word, no pair of Chinese particles."""
    return gram not in FUNCTION_WORDS and not all(char in _FUNCTION_ZH for char in gram)


def without_spans(plain: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with the characters of the spans as blanks, so that places stay what they are."""
    chars = list(plain)
    for start, end in spans:
        chars[start:end] = " " * (end - start)
    return "".join(chars)


def overlapping(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a stretch of text touches one of the spans."""
    return any(start < other_end and other_start < end for other_start, other_end in spans)
