"""What goes out to Telegram, over the wire: its refusals in our errors, and as little said twice as can be."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from bot.errors import BadSettings, ChannelUnavailable, Undeliverable
from bot.fakes import FakeClock, FakeReceiver, MemoryStore
from bot.types import Button, Card, ConversationKey, Delivery, Forward, Language, Reply, ToCustomer, ToDesk
from channels.telegram.door import TelegramDoor
from tests.channels.telegram.bot_api import TOKEN
from tests.channels.telegram.conftest import PICTURES, Telegram

KEY = ConversationKey("telegram", "", "77")
CARD = Card("P1001", "Ridge <Shell>", price="¥899", image="pictures/P1001.png", url="/p/1", reason="Waterproof")
BLOCKED = "Forbidden: bot was blocked by the user"


def delivery(reply: Reply, name: str = "d1", attempt: int = 1) -> Delivery:
    return Delivery(name, KEY, ToCustomer(reply), attempt)


async def test_a_reply_with_buttons(telegram: Telegram) -> None:
    buttons = (Button("Yes, go ahead", "/affirm"), Button("Terms", url="/terms"))
    await telegram.door().send(delivery(Reply("Cancel <SD1> & refund?", buttons=buttons)))
    (call,) = telegram.api.calls
    assert (call.method, call.values["chat_id"], call.values["parse_mode"]) == ("sendMessage", "77", "HTML")
    assert call.values["text"] == "Cancel &lt;SD1&gt; &amp; refund?"
    assert call.keyboard == [
        [{"text": "Yes, go ahead", "callback_data": "/affirm"}],
        [{"text": "Terms", "url": "https://shop.example/terms"}],
    ]


async def test_a_card_is_uploaded_as_a_picture(telegram: Telegram) -> None:
    await telegram.door().send(delivery(Reply("These fit:", cards=(CARD,), language=Language.EN)))
    text, card = telegram.api.calls
    assert (text.method, card.method) == ("sendMessage", "sendPhoto")
    assert card.values["caption"] == "<b>Ridge &lt;Shell&gt;</b>\n¥899\nWaterproof"
    assert list(card.files.values()) == list(PICTURES.values())
    assert card.keyboard == [[{"text": "View product", "url": "https://shop.example/p/1"}]]


async def test_a_picture_of_the_web_is_fetched_by_telegram(telegram: Telegram) -> None:
    await telegram.door().send(delivery(Reply("Look", image="https://cdn.example/a.jpg")))
    (call,) = telegram.api.calls
    assert (call.values["photo"], call.values["caption"], call.files) == ("https://cdn.example/a.jpg", "Look", {})


async def test_a_card_without_its_picture_is_said_in_words(telegram: Telegram) -> None:
    card = Card("P1", "Mug", image="pictures/gone.png", buttons=(Button("Buy", "/buy"),))
    await telegram.door().send(delivery(Reply(cards=(card,))))
    (call,) = telegram.api.calls
    assert (call.method, call.values["text"]) == ("sendMessage", "<b>Mug</b>")
    assert call.keyboard[0][0]["callback_data"] == "/buy"


async def test_a_picture_that_telegram_refuses_is_said_in_words(telegram: Telegram) -> None:
    telegram.api.refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    await telegram.door().send(delivery(Reply(cards=(CARD,))))
    assert [call.method for call in telegram.api.calls] == ["sendMessage"]


async def test_a_request_to_wait_says_for_how_long(telegram: Telegram) -> None:
    telegram.api.refuse(429, "Too Many Requests: retry after 7", retry_after=7)
    with pytest.raises(ChannelUnavailable) as raised:
        await telegram.door().send(delivery(Reply("hello")))
    assert raised.value.retry_after == 7


@pytest.mark.parametrize(
    ("status", "description"),
    [(403, BLOCKED), (403, "Forbidden: user is deactivated"), (400, "Bad Request: chat not found")],
)
@pytest.mark.parametrize("reply", [Reply("hello"), Reply(cards=(CARD,)), Reply(image="pictures/P1001.png")])
async def test_a_customer_who_is_gone_is_undeliverable(
    telegram: Telegram, status: int, description: str, reply: Reply
) -> None:
    for _ in range(2):
        telegram.api.refuse(status, description)
    with pytest.raises(Undeliverable, match=description):
        await telegram.door().send(delivery(reply))
    assert telegram.api.calls == []


@pytest.mark.parametrize(("status", "description"), [(500, "Internal"), (502, "Bad Gateway"), (401, "Unauthorized")])
async def test_an_ill_server_is_tried_again_later(telegram: Telegram, status: int, description: str) -> None:
    telegram.api.refuse(status, description)
    with pytest.raises(ChannelUnavailable) as raised:
        await telegram.door().send(delivery(Reply("hello")))
    assert raised.value.retry_after is None


async def test_a_proxys_page_is_no_answer(telegram: Telegram) -> None:
    telegram.api.refusals.append(web.Response(text="<html>maintenance</html>", status=503))
    with pytest.raises(ChannelUnavailable):
        await telegram.door().send(delivery(Reply("hello")))


@pytest.mark.parametrize(
    "body",
    [
        {"ok": True, "result": {"message_id": 1, "text": "hello", "chat": {"id": 77}}},
        {"ok": True, "result": {"message_id": 1}},
        {"ok": True, "result": {"update_id": 1, "message": {"text": "hello"}}},
        {"ok": True, "result": "sent"},
        {"ok": True, "result": None},
        {"ok": True},
    ],
)
@pytest.mark.parametrize("reply", [Reply("hello"), Reply(image="pictures/P1001.png")])
async def test_what_was_accepted_is_said_once_whatever_the_answer_lacks(
    telegram: Telegram, body: dict[str, Any], reply: Reply
) -> None:
    telegram.api.answers.append(web.json_response(body))
    door = telegram.door()
    for attempt in (1, 2):
        await door.send(delivery(reply, attempt=attempt))
    assert len(telegram.api.calls) == 1


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ('{"ok": false, "error_code": 400, "description": "Bad Request: chat not found"}', 400, Undeliverable),
        ('{"ok": false, "error_code": 500, "description": "Internal"}', 500, ChannelUnavailable),
        ('{"ok": false, "result": {"message_id": 1}}', 500, ChannelUnavailable),
        ('{"ok": false}', 502, ChannelUnavailable),
        ('{"ok": true, "result": {"message_id":', 200, ChannelUnavailable),
        ("[]", 200, ChannelUnavailable),
        ("", 200, ChannelUnavailable),
    ],
)
async def test_what_was_not_accepted_is_no_success(
    telegram: Telegram, body: str, status: int, error: type[Exception]
) -> None:
    telegram.api.refusals.append(web.Response(text=body, status=status, content_type="application/json"))
    with pytest.raises(error):
        await telegram.door().send(delivery(Reply("hello")))


async def test_a_server_that_is_not_there_is_tried_again_later(telegram: Telegram) -> None:
    telegram.api.url = "http://127.0.0.1:9"
    with pytest.raises(ChannelUnavailable):
        await telegram.door().send(delivery(Reply("hello")))


async def test_a_reply_of_several_calls_goes_on_where_it_stopped(telegram: Telegram) -> None:
    cards = (CARD, Card("P2", "Mug"), Card("P3", "Cup"))
    door = telegram.door()
    telegram.api.refusals.extend([None, None])
    telegram.api.refuse(429, "Too Many Requests: retry after 1", retry_after=1)
    with pytest.raises(ChannelUnavailable):
        await door.send(delivery(Reply("These fit:", cards=cards)))
    await door.send(delivery(Reply("These fit:", cards=cards), attempt=2))
    said = [call.values.get("text") or call.values["caption"].partition("\n")[0] for call in telegram.api.calls]
    assert said == ["These fit:", "<b>Ridge &lt;Shell&gt;</b>", "<b>Mug</b>", "<b>Cup</b>"]


async def test_a_delivery_that_was_completed_is_not_said_again(telegram: Telegram) -> None:
    door = telegram.door()
    for name in ("d1", "d1", "d2"):
        await door.send(delivery(Reply("hello"), name))
    assert len(telegram.api.calls) == 2


async def test_the_desk_is_no_business_of_telegram(telegram: Telegram) -> None:
    with pytest.raises(Undeliverable):
        await telegram.door().send(Delivery("d", KEY, ToDesk(forward=Forward("hi"))))


@pytest.mark.parametrize("token", ["", "no token", "abc:def", "123456:"])
def test_a_token_that_cannot_be_one_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(BadSettings, match="STREAMDESK_TELEGRAM_TOKEN: this is no bot token"):
        TelegramDoor(token, FakeReceiver(), MemoryStore(), FakeClock())


async def test_no_error_has_the_token(telegram: Telegram) -> None:
    telegram.api.refuse(400, f"Bad Request: no route for bot{TOKEN}")
    with pytest.raises(Undeliverable) as raised:
        await telegram.door().send(delivery(Reply("hello")))
    assert TOKEN not in str(raised.value)
    assert raised.value.__suppress_context__
