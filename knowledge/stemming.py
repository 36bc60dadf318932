"""English words without their endings (Porter's second algorithm, snowballstemmer), so that "swim" meets "swimming"."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Protocol, cast

# The library's stemmer keeps the word that it works on: one thread at a time. Searches run in threads of their own.
_ONE_AT_A_TIME = threading.Lock()


class Stemmer(Protocol):
    """What is used of snowballstemmer."""

    def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
        """The stem of a word."""
        ...


@lru_cache(65_536)
def stem(word: str) -> str:
    """A lower-case Latin word without its endings; any other as it is."""
    if not word.isascii():
        return word
    with _ONE_AT_A_TIME:
        return _english().stemWord(word)


@cache
def _english() -> Stemmer:
    import snowballstemmer

    return cast("Stemmer", snowballstemmer.stemmer("english"))
