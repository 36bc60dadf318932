"""Responses with what the service knows: links to where one is alone with the bot, carrying what was asked in public."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.responding.responder import START, Responder
from bot.types import ConversationKey, Language, Reply, Say, State

RESPONSES = Path("bot/data/responses")
ROOM = ConversationKey("live", "main", "ann")


def say(telegram: str, language: Language = Language.EN, **known: Any) -> Reply:
    responder = Responder(RESPONSES, link="https://shop.example/chat", telegram=telegram)
    state = State(ROOM, slots={"audience": "public", "language": language.value}, **known)
    return responder.say(Say("utter_public_privacy"), language, state)


@pytest.mark.parametrize("language", Language)
def test_a_room_shows_the_way_to_the_chat_with_what_was_asked(language: Language) -> None:
    (button,) = say("", language, finished=("track_shipment",), product_ids=("P 1&ask=x", "P2")).buttons
    url = urlsplit(button.url)
    assert (url.netloc, url.path) == ("shop.example", "/chat")
    assert parse_qs(url.query) == {"room": ["main"], "product": ["P 1&ask=x"], "ask": ["track_shipment"]}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("known", "start"),
    [
        ({}, ""),
        ({"product_ids": ("P1",)}, ""),
        ({"finished": ("track_shipment",)}, "ask-track_shipment"),
        ({"finished": ("order_status", "back_in_stock"), "product_ids": ("P1",)}, "ask-back_in_stock-P1"),
        ({"finished": ("order_status",), "product_ids": ("商品 1",)}, ""),
        ({"finished": ("order_status",), "product_ids": ("P" * 60,)}, ""),
    ],
)
def test_and_to_telegram_as_far_as_its_links_have_room(language: Language, known: dict[str, Any], start: str) -> None:
    url = urlsplit(say("shop_bot", language, **known).buttons[1].url)
    assert (url.netloc, url.path) == ("t.me", "/shop_bot")
    assert parse_qs(url.query).get("start", [""]) == [start]
    assert not start or START.fullmatch(start)


def test_nothing_personal_travels_in_a_link() -> None:
    state = State(
        ROOM,
        slots={"audience": "public", "order_number": "SD2610000003", "phone_last4": "0003"},
        finished=("order_status",),
        verified=("customer:C0001",),
    )
    reply = Responder(RESPONSES, telegram="shop_bot").say(Say("utter_public_privacy"), Language.EN, state)
    for button in reply.buttons:
        assert not {word for word in ("SD26", "0003", "C0001") if word in button.url}
