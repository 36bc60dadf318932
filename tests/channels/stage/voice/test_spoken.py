"""Texts as they are read aloud."""

import asyncio
import io
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from channels.stage.templates import read_yaml
from channels.stage.voice.spoken import spoken
from evals.stage import readings

SIGNS = "¥$%°+&#×~-–:/.,()（）【】「」🎉🔥①²½ "
TEXTS = st.text(alphabet=string.digits + string.ascii_letters + SIGNS + "满减折元件码号链接的，。", max_size=40)


def test_two_hundred_sentences_are_read_as_expected() -> None:
    found = asyncio.run(readings.measure(Console(file=io.StringIO())))
    assert len(found) == 4
    assert min(found.values()) >= 0.96, found


@given(TEXTS, st.sampled_from(["zh", "en"]))
def test_nothing_is_left_that_is_only_for_the_eye(text: str, language: str) -> None:
    heard = spoken(text, language)
    assert not re.search(r"[\d¥$%°+&#×~()（）【】「」🎉🔥]", heard), heard


def test_reading_a_reading_changes_nothing() -> None:
    for language, halves in read_yaml(readings.SENTENCES).items():
        for text in (text for half in halves.values() for text in half):
            heard = spoken(text, language)
            assert spoken(heard, language) == heard


@given(st.integers(0, 99_999_999))
def test_a_price_is_read_the_same_with_and_without_separators(amount: int) -> None:
    for language in ("zh", "en"):
        assert spoken(f"¥{amount:,}", language) == spoken(f"¥{amount}", language)


def test_the_ear_has_time_before_what_comes_off() -> None:
    assert spoken("满300减40", "zh") == "满三百元，减四十元"


@pytest.mark.parametrize(
    ("text", "language", "reading"),
    [
        ("the 保温杯500毫升 is ¥99", "en", "the 保温杯五百毫升 is ninety-nine yuan"),
        ("Nike 跑鞋 2双", "zh", "Nike 跑鞋两双"),
        ("看 https://shop.example/p/1?x=2 这里", "zh", "看这里"),
        ("透湿 8000 g/m²/24h", "zh", "透湿八千克每平方米每二十四小时"),
        ("8000 g/m²/24h", "en", "eight thousand grams per square metre every twenty-four hours"),
        ("高 10/12 cm", "zh", "高十或十二厘米"),
        ("a 3-in-1 jacket, PFOA-free", "en", "a three-in-one jacket, PFOA-free"),
        ("（限量）礼盒", "zh", "限量，礼盒"),
    ],
)
def test_what_stands_beside_each_other(text: str, language: str, reading: str) -> None:
    assert spoken(text, language) == reading
