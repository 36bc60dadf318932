"""The private chat: who one is, that nothing is lost or shown to others, and what a page may not send."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.errors import ChannelUnavailable, StorageUnavailable, Undeliverable
from bot.types import ConversationKey, Delivery, Forward, Reply, ToCustomer, ToDesk
from channels.web.chat import ChatSender
from tests.channels.asgi import AsgiSocket, Closed
from tests.channels.web.conftest import Web, jpeg, png


async def enter(socket: AsgiSocket, **hello: Any) -> str:
    await socket.send(type="hello", **hello)
    user: str = (await socket.receive("welcome"))["user"]
    return user


def delivery(user: str, text: str = "hello", name: str = "d1", **fields: Any) -> Delivery:
    return Delivery(name, ConversationKey("web", "", user), ToCustomer(Reply(text, **fields)))


async def test_the_server_makes_the_token_and_knows_it_again(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket)
    assert len(token) == 32
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        assert await enter(socket, user=token) == token
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        assert await enter(socket, user="bob") != "bob"


async def test_a_page_that_lost_what_was_said_is_told_its_own(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket)
        await socket.send(type="message", id="m1", text="hello")
        await socket.receive("accepted")
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket, user=token, history=True)
        mine, reply = (await socket.receive("history"))["items"]
    assert mine == {"id": "m1", "mine": True, "text": "hello", "photos": [], "sent": True}
    assert (reply["id"], reply["text"]) == (f"{ConversationKey('web', '', token)}/m1/0", "to hello")
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket, history=True)
        assert (await socket.receive("history"))["items"] == []


async def test_a_message_is_acknowledged_once_it_is_kept(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket, locale="zh-CN", room="main", product="P1001")
        await socket.send(type="message", id="m1", text="这件防水吗？")
        assert await socket.receive() == {"type": "accepted", "id": "m1", "repeat": False}
        await socket.send(type="message", id="m1", text="这件防水吗？")
        assert (await socket.receive())["repeat"] is True
    message = web.receiver.messages["m1"]
    assert message.key == ConversationKey("web", "", token)
    assert (message.text, message.locale, message.context.on_screen) == ("这件防水吗？", "zh-CN", "P1001")
    assert message.context.metadata == {"room": "main"}


async def test_a_reply_is_sent_when_the_page_confirms(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket)
        sending = asyncio.ensure_future(ChatSender(web.hub).send(delivery(token, "I am May", agent="May")))
        reply = await socket.receive("reply")
        assert (reply["id"], reply["text"], reply["agent"]) == ("d1", "I am May", "May")
        assert not sending.done()
        await socket.send(type="received", id="d1")
        await sending


async def test_who_is_away_finds_it_on_coming_back(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket)
    with pytest.raises(ChannelUnavailable) as raised:
        await ChatSender(web.hub).send(delivery(token))
    assert raised.value.retry_after
    web.receiver.waiting = [delivery(token), delivery(token, "second", "d2"), delivery("someone-else", "secret", "d3")]
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket, user=token)
        for name, text in (("d1", "hello"), ("d2", "second")):
            reply = await socket.receive("reply")
            assert (reply["id"], reply["text"]) == (name, text)
            await socket.send(type="received", id=name)
        for _ in range(20):
            await asyncio.sleep(0)
        assert await socket.nothing_more()
    assert [waiting.id for waiting in web.receiver.waiting] == ["d3"]


async def test_a_page_that_never_confirms_is_cut_off_and_nothing_is_lost(web: Web) -> None:
    web.hub.confirm_s = 0.01
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        token = await enter(socket)
        with pytest.raises(ChannelUnavailable):
            await ChatSender(web.hub).send(delivery(token))
        await socket.receive("reply")
        with pytest.raises(Closed) as closed:
            await socket.receive()
    assert closed.value.code == 1013
    assert web.hub.count() == 0


async def test_two_pages_of_one_person_both_show_it(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as phone, AsgiSocket(web.app, "/chat/ws") as laptop:
        token = await enter(phone)
        await enter(laptop, user=token)
        sending = asyncio.ensure_future(ChatSender(web.hub).send(delivery(token)))
        assert (await phone.receive("reply"))["id"] == (await laptop.receive("reply"))["id"]
        await laptop.send(type="received", id="d1")
        await sending
        assert web.hub.count() == 1


async def test_nobody_gets_another_persons_replies(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as ann, AsgiSocket(web.app, "/chat/ws") as bob:
        token = await enter(ann)
        await enter(bob)
        sending = asyncio.ensure_future(ChatSender(web.hub).send(delivery(token, "order SD1")))
        await ann.receive("reply")
        await bob.send(type="received", id="d1")  # someone else's word does not count
        assert await bob.nothing_more()
        assert not sending.done()
        await ann.send(type="received", id="d1")
        await sending


async def test_the_web_does_not_deliver_to_the_desk(web: Web) -> None:
    key = ConversationKey("web", "", "ann")
    with pytest.raises(Undeliverable):
        await ChatSender(web.hub).send(Delivery("d", key, ToDesk(forward=Forward("hi"))))


async def test_a_locked_database_is_said_and_the_page_stays(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket)
        web.receiver.error = StorageUnavailable("locked")
        await socket.send(type="message", id="m1", text="hi")
        refused = await socket.receive("refused")
        assert (refused["id"], refused["problem"]["status"]) == ("m1", 503)
        web.receiver.error = None
        await socket.send(type="message", id="m1", text="hi")
        assert (await socket.receive())["type"] == "accepted"


async def test_a_flood_is_held_back(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket)
        for number in range(12):
            await socket.send(type="message", id=f"m{number}", text="hi")
        kinds = [(await socket.receive())["type"] for _ in range(12)]
    assert kinds[:8] == ["accepted"] * 8
    assert "refused" in kinds[8:]


async def test_a_photo_is_uploaded_and_then_named(web: Web, client: httpx.AsyncClient) -> None:
    uploaded = (await client.post("/chat/photos", files={"photo": ("a.jpg", jpeg(), "image/jpeg")})).json()
    assert uploaded["media_type"] == "image/jpeg"
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket)
        await socket.send(type="message", id="m1", text="", photos=[uploaded])
        assert (await socket.receive())["type"] == "accepted"
    assert web.receiver.messages["m1"].photos[0].digest == uploaded["digest"]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"photo": ("a.jpg", b"%PDF-1.7 no picture", "image/jpeg")}, 422),
        ({"photo": ("a.png", b"", "image/png")}, 422),
        ({"picture": ("a.png", png(), "image/png")}, 422),
        ({"photo": ("a.png", b"\0" * 9_000_000, "image/png")}, 413),
    ],
    ids=["no picture", "empty", "another field", "too large"],
)
async def test_bad_uploads_are_named(client: httpx.AsyncClient, files: Any, status: int) -> None:
    response = await client.post("/chat/photos", files=files)
    assert response.status_code == status
    assert response.json()["key"] == "photo"
    assert response.json()["remedy"]


async def test_an_upload_that_is_no_form(client: httpx.AsyncClient) -> None:
    for headers in ({"content-type": "multipart/form-data"}, {"content-type": "application/json"}, {}):
        response = await client.post("/chat/photos", content=b"{}", headers=headers)
        assert (response.status_code, response.json()["key"]) == (422, "photo")


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("{", "body"),
        ("[]", "body"),
        (b"\x00", "frame"),
        ('"' + "x" * 70_000 + '"', "frame"),
        ({"type": "shout"}, "type"),
        ({"id": "m1"}, "type"),
        ({"type": "message", "text": "hi"}, "id"),
        ({"type": "message", "id": 5, "text": "hi"}, "id"),
        ({"type": "message", "id": "m1"}, "text"),
        ({"type": "message", "id": "m1", "text": "a\0"}, "text"),
        ({"type": "message", "id": "m1", "text": "x" * 4001}, "text"),
        ({"type": "message", "id": "m1", "text": "hi", "user": "bob"}, "user"),
        ({"type": "message", "id": "m1", "text": "hi", "photos": "x"}, "photos"),
        ({"type": "message", "id": "m1", "text": "hi", "photos": [{"digest": "0"}]}, "photos"),
        ({"type": "message", "id": "m1", "photos": [{"digest": "0", "media_type": "image/png"}]}, "photos"),
    ],
)
async def test_bad_frames_are_named_and_the_page_stays(web: Web, sent: Any, key: str) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await enter(socket)
        if isinstance(sent, str | bytes):
            socket.send_raw(sent)
        else:
            await socket.send(sent)
        problem = (await socket.receive("refused"))["problem"]
        assert problem["key"] == key
        assert problem["remedy"] and problem["status"] >= 400
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    assert web.receiver.messages == {}


async def test_hello_comes_first(web: Web) -> None:
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await socket.send(type="message", id="m1", text="hi")
        with pytest.raises(Closed) as closed:
            while True:
                await socket.receive()
    assert closed.value.code == 1008


async def test_a_page_is_about_products_of_the_shop_and_nothing_else(web: Web) -> None:
    """The attack: a link to the official chat that shows any words, such as another shop's address."""
    about = {}
    for product in ("P1001", "Refunds only at evil.example", "", None):
        async with AsgiSocket(web.app, "/chat/ws") as socket:
            await socket.send(type="hello", product=product)
            about[product] = (await socket.receive("welcome"))["about"]
            await socket.send(type="message", id=f"m-{product}", text="hi")
            await socket.receive("accepted")
    name = {"zh": "云岭三合一冲锋衣", "en": "Cloudridge 3-in-1 shell jacket"}
    assert about.pop("P1001") == {"product_id": "P1001", "name": name, "picture": "/pictures/P1001.png"}
    assert set(about.values()) == {None}
    said = [message.context.on_screen for message in web.receiver.messages.values()]
    assert said == ["P1001", None, None, None]


def test_the_page_takes_no_words_from_its_address() -> None:
    page = (Path("channels/web/pages/chat.js")).read_text("utf-8")
    assert set(re.findall(r'query\.get\("(\w+)"\)', page)) <= {"room", "product", "ask"}


async def test_a_shop_that_is_away_keeps_nobody_out_of_the_chat(web: Web) -> None:
    web.broken = True
    async with AsgiSocket(web.app, "/chat/ws") as socket:
        await socket.send(type="hello", product="P1001")
        assert (await socket.receive("welcome"))["about"] is None
