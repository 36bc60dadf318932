"""Stems of English words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from knowledge.stemming import stem


def test_endings_are_left_out() -> None:
    assert stem("swimming") == stem("swims") == stem("swim")


@given(st.text(alphabet="伞袋游泳", min_size=1))
def test_what_is_not_latin_stays(word: str) -> None:
    assert stem(word) == word


def test_threads_do_not_disturb_each_other() -> None:
    words = [
        f"{letter}{ending}" for letter in "abcdefghijklmnopqrstuvwxyz" for ending in ("unning", "ations", "iveness", "y")
    ]
    expected = [stem.__wrapped__(word) for word in words]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(40):
            assert list(pool.map(stem.__wrapped__, words)) == expected
