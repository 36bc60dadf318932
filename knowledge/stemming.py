"""English words without their endings (Porter's second algorithm, snowballstemmer), so that "swim" meets "swimming"."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Protocol, cast


class Stemmer(Protocol):
    """What is used of snowballstemmer."""

    def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
        """The stem of a word."""
        ...


@lru_cache(65_536)
def stem(word: str) -> str:
    """A lower-case Latin word without its endings; any other as it is."""
    return _english().stemWord(word) if word.isascii() else word


@cache
def _english() -> Stemmer:
    import snowballstemmer

    return cast("Stemmer", snowballstemmer.stemmer("english"))
