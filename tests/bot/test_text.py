"""The language of a message, which is the language of its answer."""

from __future__ import annotations

import pytest

from bot.text import language_of
from bot.types import Language

ZH, HANT, EN = Language.ZH, Language.ZH_HANT, Language.EN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这件防水吗", ZH),
        ("里面有吗", ZH),
        ("這件防水嗎", HANT),
        ("請問可以退貨嗎", HANT),
        ("can you help", EN),
        ("thx", EN),
        ("wo yao tui huo", EN),  # pinyin is told from English by nobody here
        # mixed: Chinese with English words in it is Chinese
        ("帮我查order status", ZH),
        ("我想return这件dress谢谢", ZH),
        ("size M有货吗", ZH),
        ("hello 在吗", ZH),
        ("幫我查order status", HANT),
        ("Do you have 防晒衣 in the size that I bought last time?", EN),
    ],
)
@pytest.mark.parametrize("before", [ZH, EN])
def test_a_message_has_its_own_language(text: str, language: Language, before: Language) -> None:
    assert language_of(text, before) is language


@pytest.mark.parametrize(
    "text", ["SD2610000003", "123", "😊", "", "XL", "OK", "okay!", "ann@example.com", "https://a.example/b"]
)
@pytest.mark.parametrize("before", [ZH, HANT, EN])
def test_what_has_no_language_keeps_that_of_the_conversation(text: str, before: Language) -> None:
    assert language_of(text, before) is before
