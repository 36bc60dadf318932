"""Words that are not fit to be said in public: found however they are written, allowed where a fact has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadContent
from bot.propriety import WORDED, WORDS, Kind, read_propriety
from channels.stage.templates import read_yaml

GUARD = read_propriety()
EVERY_PHRASE = [(kind, str(one)) for kind in WORDED for words in read_yaml(WORDS)[kind].values() for one in words]


@pytest.mark.parametrize(("kind", "phrase"), EVERY_PHRASE)
def test_every_phrase_of_the_list_is_found_wherever_it_stands(kind: Kind, phrase: str) -> None:
    for text in (phrase, f"这款杯子{phrase}哦", f"It is {phrase}, really.", phrase.upper()):
        if text.isascii() or not phrase.isascii():
            assert kind in {one.kind for one in GUARD.violations(text)}, text


@given(st.sampled_from([phrase for _, phrase in EVERY_PHRASE if not phrase.isascii()]), st.sampled_from(" ·.-_*|"))
def test_signs_within_a_chinese_phrase_hide_nothing(phrase: str, sign: str) -> None:
    assert GUARD.violations(sign.join(phrase))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("全網最低，錯過不再有", Kind.ABSOLUTE),
        ("This is the World's Best mug.", Kind.ABSOLUTE),
        ("喝了能根治失眠", Kind.HEALTH),
        ("保证三天到货", Kind.PROMISE),
        ("It definitely will fit, guaranteed.", Kind.PROMISE),
        ("加我 13800138000", Kind.PRIVATE),
        ("Write to ann@example.org", Kind.PRIVATE),
        ("the key is sk-0123456789abcdefABCDEF", Kind.SECRETS),
    ],
)
def test_what_is_wrong_is_named(text: str, kind: Kind) -> None:
    assert kind in {one.kind for one in GUARD.violations(text)}


@pytest.mark.parametrize(
    "text",
    [
        "最好提前一天下单。",
        "第一层是羽绒，第二层是抓绒。",
        "最便宜的是双人帐篷，¥599。",
        "It secures the tent best on soft ground.",
        "The lowest price of these is ¥599.",
        "Procures 3 kinds of wool.",
    ],
)
def test_plain_words_pass(text: str) -> None:
    assert GUARD.violations(text) == ()


def test_what_a_fact_has_may_be_said_but_never_a_secret() -> None:
    assert GUARD.violations("独一无二的花纹") and not GUARD.violations("独一无二的花纹", "每只杯子都有独一无二的花纹。")
    assert not GUARD.violations("我们保证正品", "本店保证正品。")
    secret = "sk-0123456789abcdefABCDEF"
    assert GUARD.violations(secret, secret)
    assert not GUARD.violations("我们保证正品", kinds={Kind.ABSOLUTE})


@pytest.mark.parametrize(
    "content",
    [
        "absolute: {zh: [a], en: [b]}",
        "version: '1'\nabsolute: {zh: [a]}\nhealth: {zh: [a], en: [b]}",
        "version: '1'\nabsolute: {zh: [a], en: [b]}",
        "[",
    ],
)
def test_a_broken_list_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "words.yml"
    file.write_text(content, "utf-8")
    with pytest.raises(BadContent):
        read_propriety(file)
