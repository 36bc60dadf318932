"""Replies as calls of the Bot API: wording in each language, what is escaped, and Telegram's limits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.types import Button, Card, Citation, Language, Reply
from channels.telegram.pictures import folder_pictures
from channels.telegram.rendering import (
    MAX_CAPTION,
    MAX_DATA_BYTES,
    MAX_TEXT,
    Key,
    SendPhoto,
    SendText,
    pieces,
    render,
    visible_length,
)

SHOP = "https://shop.example"
RETURNS = Citation("Returns <policy>", "2. Time & place", "/sources/returns.md?at=2&x=1#2")


def test_a_plain_reply() -> None:
    assert render(Reply("1 < 2 & 'fine'")) == (SendText("1 &lt; 2 &amp; 'fine'"),)
    assert render(Reply()) == ()


@pytest.mark.parametrize(
    ("language", "word"), [(Language.ZH, "来源："), (Language.ZH_HANT, "來源："), (Language.EN, "Source: ")]
)
def test_sources_are_named_and_linked(language: Language, word: str) -> None:
    (call,) = render(Reply("Within 7 days.", citations=(RETURNS, RETURNS), language=language), SHOP)
    link = (
        '<a href="https://shop.example/sources/returns.md?at=2&amp;x=1#2">Returns &lt;policy&gt; › 2. Time &amp; place</a>'
    )
    assert call == SendText(f"Within 7 days.\n\n<i>{word}{link}</i>")


@pytest.mark.parametrize(
    ("language", "word"),
    [(Language.ZH, "旧规定，已被取代："), (Language.ZH_HANT, "舊規定，已被取代："), (Language.EN, "Superseded: ")],
)
def test_what_a_newer_document_replaces_is_said_to_be_older(language: Language, word: str) -> None:
    old = Citation("Returns of 2025", superseded=True)
    (call,) = render(Reply("Within 7 days.", citations=(Citation("Returns"), old), language=language))
    assert isinstance(call, SendText) and call.text.endswith(f"Returns</i>\n<i>{word}Returns of 2025</i>")


@pytest.mark.parametrize("public_url", ["", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_pages_that_nobody_reaches_are_not_linked(public_url: str) -> None:
    reply = Reply("Within 7 days.", citations=(RETURNS,), buttons=(Button("Terms", url="/terms"),), language=Language.EN)
    (call,) = render(reply, public_url)
    assert call == SendText("Within 7 days.\n\n<i>Source: Returns &lt;policy&gt; › 2. Time &amp; place</i>")


def test_links_that_are_none_are_left_out() -> None:
    for url in ("javascript:alert(1)", "http://[", "ftp://files.example/x"):
        assert render(Reply("a", buttons=(Button("b", url=url),)), SHOP) == (SendText("a"),)


@pytest.mark.parametrize(("language", "prefix"), [(Language.ZH, "（人工客服）"), (Language.EN, " (support)")])
def test_an_agents_words_carry_the_name(language: Language, prefix: str) -> None:
    (call,) = render(Reply("I'll look into it", agent="May <3", language=language))
    assert call == SendText(f"<b>May &lt;3</b>{prefix}\nI'll look into it")


@pytest.mark.parametrize(
    ("language", "title", "view"), [(Language.ZH, "冲锋衣", "查看商品"), (Language.EN, "Shell", "View product")]
)
def test_a_card(language: Language, title: str, view: str) -> None:
    buttons = (Button("A", "/a"),)
    card = Card("P1", title, "red, blue", "¥899", "pictures/P1.png", "https://shop.example/p/1", "R&D", buttons)
    text, shown = render(Reply("Look:", cards=(card,), language=language))
    assert text == SendText("Look:")
    keys = (Key("A", "/a"), Key(view, url="https://shop.example/p/1"))
    assert shown == SendPhoto("pictures/P1.png", f"<b>{title}</b>\nred, blue\n¥899\nR&amp;D", keys)


def test_a_card_without_a_picture_is_a_text() -> None:
    assert render(Reply(cards=(Card("P1", "Mug"),))) == (SendText("<b>Mug</b>"),)


def test_an_image_carries_a_short_text_and_the_buttons() -> None:
    key = Key("Yes", "/affirm")
    buttons = (Button("Yes", "/affirm"),)
    assert render(Reply("Look", image="a.png", buttons=buttons)) == (SendPhoto("a.png", "Look", (key,)),)
    assert render(Reply(image="a.png", buttons=buttons)) == (SendPhoto("a.png", "请选择：", (key,)),)
    long = "x" * (MAX_CAPTION + 1)
    assert render(Reply(long, image="a.png", buttons=buttons)) == (SendPhoto("a.png"), SendText(long, (key,)))


def test_buttons_without_words_get_some() -> None:
    reply = Reply(buttons=(Button("Yes", "/affirm"), Button("", "")), language=Language.EN)
    assert render(reply) == (SendText("Please choose:", (Key("Yes", "/affirm"),)),)


def test_a_payload_without_room_is_replaced_by_the_title() -> None:
    payload = '/order_status{"order_number": "' + "9" * 60 + '"}'
    fits = "é" * (MAX_DATA_BYTES // 2)
    buttons = (Button("Check it", payload), Button("b", fits), Button("c", fits + "x"), Button("看" * 40, payload))
    (call,) = render(Reply("a", buttons=buttons))
    assert [key.data for key in call.keys] == ["Check it", fits, "c", "看" * 21]


def test_a_button_without_a_payload_sends_its_title() -> None:
    assert render(Reply("a", buttons=(Button("Blue"),)))[0].keys == (Key("Blue", "Blue"),)


def test_a_long_text_is_broken_between_paragraphs_and_keeps_the_buttons_last() -> None:
    paragraphs = ["甲" * 1500, "乙" * 1500, "<" * 1500]
    calls = render(Reply("\n\n".join(paragraphs), citations=(RETURNS,), buttons=(Button("Yes", "/affirm"),)), SHOP)
    assert [visible_length(call.text) <= MAX_TEXT for call in calls if isinstance(call, SendText)] == [True, True]
    assert isinstance(calls[0], SendText)
    assert calls[0] == SendText("\n\n".join(paragraphs[:2]))
    assert (calls[0].keys, len(calls[1].keys)) == ((), 1)


def test_sources_that_do_not_fit_are_a_message_of_their_own() -> None:
    text, sources = render(Reply("x" * MAX_TEXT, citations=(RETURNS,)), SHOP)
    assert isinstance(text, SendText) and isinstance(sources, SendText)
    assert visible_length(text.text) == MAX_TEXT
    assert sources.text.startswith("<i>来源：")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6000)


@given(
    text=st.lists(st.sampled_from(["ab", " ", "\n\n", "。", "😀", "甲"]), max_size=400).map("".join),
    limit=st.integers(2, 50),
)
def test_pieces_fit_and_lose_nothing_but_space(text: str, limit: int) -> None:
    cut = pieces(text, limit)
    assert all(piece and len(piece.encode("utf-16-le")) // 2 <= limit for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


@given(words=WORDS, agent=WORDS, language=st.sampled_from(Language))
def test_no_call_exceeds_the_limits(words: str, agent: str, language: Language) -> None:
    card = Card("P", words, words, words, "a.png", reason=words)
    citations = tuple(Citation(f"{number}{words}", words) for number in range(8))
    for call in render(Reply(words, citations, (card,), agent=agent, image="b.png", language=language)):
        if isinstance(call, SendPhoto):
            assert visible_length(call.caption) <= MAX_CAPTION
        else:
            assert 0 < visible_length(call.text) <= MAX_TEXT


def test_pictures_come_from_their_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "P1.png").write_bytes(b"picture")
    (tmp_path / "secret").write_bytes(b"secret")
    load = folder_pictures(folder)
    assert load("pictures/P1.png") == load("P1.png") == load("/P1.png") == b"picture"
    assert [load(path) for path in ("../secret", "pictures/../../secret", str(tmp_path / "secret"), "", "gone.png")] == [
        None
    ] * 5


def test_only_the_client_loads_aiogram() -> None:
    code = (
        "import sys, channels.telegram, channels.telegram.reading, channels.telegram.rendering, channels.telegram.pictures;"
        "sys.exit('aiogram' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
