"""The REST door: Rasa's contract, what we add to it, and everything that is wrong with a request."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from bot.errors import StorageUnavailable
from bot.fakes import EPOCH
from bot.types import Button, Card, Citation, ConversationKey, Delivery, Language, Message, Reply, ToCustomer
from tests.channels.web.conftest import Web, jpeg, png

URL = "/webhooks/rest/webhook"


async def test_answers_in_rasas_shape(client: httpx.AsyncClient) -> None:
    response = await client.post(URL, json={"sender": "ann", "message": "多久发货？"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == [{"recipient_id": "ann", "text": "echo: 多久发货？"}]


async def test_takes_what_rasas_clients_send(client: httpx.AsyncClient) -> None:
    body = {"sender": 42, "message": "hi", "input_channel": "rest", "metadata": None}
    response = await client.post(URL, content=json.dumps(body), headers={"content-type": "text/plain"})
    assert response.json() == [{"recipient_id": "42", "text": "echo: hi"}]
    assert (await client.get("/webhooks/rest/")).json() == {"status": "ok"}


async def test_streams_a_line_a_reply(web: Web, client: httpx.AsyncClient) -> None:
    web.receiver.reply = lambda message: (Reply("one"), Reply("two"))
    response = await client.post(URL + "?stream=true", json={"sender": "ann", "message": "hi"})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [json.loads(line)["text"] for line in response.text.splitlines()] == ["one", "two"]


async def test_everything_a_reply_can_hold(web: Web, client: httpx.AsyncClient) -> None:
    reply = Reply(
        "Yes",
        citations=(
            Citation("Care", "Washing", "/sources/care.md?at=Washing", valid_until=EPOCH),
            Citation("Old care", superseded=True),
        ),
        cards=(Card("P1001", "Jacket", price="¥399", buttons=(Button("Buy", url="https://shop.example"),)),),
        buttons=(Button("More", "/more"), Button("Agent")),
        image="/pictures/P1001.webp",
        language=Language.EN,
    )
    web.receiver.reply = lambda message: (reply, Reply(""))
    first, second = (await client.post(URL, json={"sender": "ann", "message": "hi"})).json()
    assert first["buttons"] == [{"title": "More", "payload": "/more"}, {"title": "Agent", "payload": "Agent"}]
    assert first["image"] == "/pictures/P1001.webp"
    assert first["custom"]["language"] == "en"
    assert first["custom"]["citations"][0] == {
        "title": "Care",
        "location": "Washing",
        "url": "/sources/care.md?at=Washing",
        "valid_until": EPOCH.isoformat(),
    }
    assert first["custom"]["citations"][1] == {"title": "Old care", "superseded": True}
    assert first["custom"]["cards"][0]["buttons"][0]["url"] == "https://shop.example"
    assert second == {"recipient_id": "ann"}


async def test_the_same_message_id_is_one_message(web: Web, client: httpx.AsyncClient) -> None:
    body = {"sender": "ann", "message": "hi", "metadata": {"message_id": "m1"}}
    first = await client.post(URL, json=body)
    web.receiver.reply = lambda message: (Reply("changed"),)
    second = await client.post(URL, json=body)
    assert first.json() == second.json() == [{"recipient_id": "ann", "text": "echo: hi"}]


async def test_metadata_reaches_the_message(web: Web, client: httpx.AsyncClient) -> None:
    photo = "data:image/png;base64," + base64.b64encode(png()).decode()
    metadata = {
        "message_id": "m1",
        "room": "main",
        "product_on_screen": "P1001",
        "locale": "zh-CN",
        "customer_token": "t.o.ken",
        "photo": photo,
        "campaign": "spring",
    }
    assert (await client.post(URL, json={"sender": "ann", "message": "", "metadata": metadata})).status_code == 200
    message = web.receiver.messages["m1"]
    assert message.key == ConversationKey("web", "", ":ann")
    assert message.sent_at == EPOCH
    assert (message.context.on_screen, message.locale) == ("P1001", "zh-CN")
    assert message.context.customer_token == "t.o.ken"
    assert message.context.metadata == {"room": "main", "campaign": "spring"}
    assert message.photos[0].media_type == "image/png"
    assert await web.store.read(message.photos[0]) == png()


async def test_hands_over_what_waited_first(web: Web, client: httpx.AsyncClient) -> None:
    key = ConversationKey("web", "", ":ann")
    web.receiver.waiting = [Delivery("d1", key, ToCustomer(Reply("from the agent", agent="May")))]
    texts = [message["text"] for message in (await client.post(URL, json={"sender": "ann", "message": "hi"})).json()]
    assert texts == ["from the agent", "echo: hi"]
    assert web.receiver.waiting == []


async def test_what_waits_is_for_its_sender_only(web: Web, client: httpx.AsyncClient) -> None:
    key = ConversationKey("web", "", ":ann")
    web.receiver.waiting = [Delivery("d1", key, ToCustomer(Reply("for ann")))]
    response = await client.post(URL, json={"sender": "bob", "message": "hi"})
    assert response.json() == [{"recipient_id": "bob", "text": "echo: hi"}]
    assert len(web.receiver.waiting) == 1


def metadata(**fields: Any) -> dict[str, Any]:
    return {"sender": "ann", "message": "hi", "metadata": fields}


def data_url(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


BAD = {
    "empty body": (b"", 400, "body"),
    "no JSON": (b"{sender: ann}", 400, "body"),
    "broken UTF-8": (b'{"sender":"ann","message":"\xff\xfe"}', 400, "body"),
    "half a surrogate": (b'{"sender":"ann","message":"\\ud800"}', 400, "body"),
    "a list": ([], 400, "body"),
    "a number": (7, 400, "body"),
    "deep nesting": (b'{"metadata":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "body"),
    "no sender": ({"message": "hi"}, 422, "sender"),
    "empty sender": ({"sender": " ", "message": "hi"}, 422, "sender"),
    "sender true": ({"sender": True, "message": "hi"}, 422, "sender"),
    "long sender": ({"sender": "a" * 201, "message": "hi"}, 422, "sender"),
    "no message": ({"sender": "ann"}, 422, "message"),
    "empty message": ({"sender": "ann", "message": " \n"}, 422, "message"),
    "message null": ({"sender": "ann", "message": None}, 422, "message"),
    "message a number": ({"sender": "ann", "message": 3}, 422, "message"),
    "message an object": ({"sender": "ann", "message": {"text": "hi"}}, 422, "message"),
    "null byte": ({"sender": "ann", "message": "a\0b"}, 422, "message"),
    "1 MB of text": ({"sender": "ann", "message": "长" * 350_000}, 422, "message"),
    "unknown field": ({"sender": "ann", "message": "hi", "mesage_id": 1}, 422, "mesage_id"),
    "metadata a text": ({"sender": "ann", "message": "hi", "metadata": "x"}, 422, "metadata"),
    "message id a number": (metadata(message_id=7), 422, "metadata.message_id"),
    "room a list": (metadata(room=["main"]), 422, "metadata.room"),
    "much metadata": (metadata(notes="x" * 20_000), 422, "metadata"),
    "photo no data URL": (metadata(photo="https://example.com/a.jpg"), 422, "metadata.photo"),
    "photo a number": (metadata(photo=5), 422, "metadata.photo"),
    "photo no base64": (metadata(photo="data:image/png;base64,%%%"), 422, "metadata.photo"),
    "photo no photo": (metadata(photo=data_url(b"MZ this is a program")), 422, "metadata.photo"),
    "photo empty": (metadata(photo=data_url(b"")), 422, "metadata.photo"),
    "photo cut off": (metadata(photo=data_url(jpeg()[:900])), 422, "metadata.photo"),
    "photo too many pixels": (metadata(photo=data_url(png(40_000, 2_000))), 422, "metadata.photo"),
    "photo too large": (metadata(photo=data_url(b"\xff" * (8 * 1024 * 1024 + 1))), 413, "metadata.photo"),
    "body too large": (b'{"sender":"ann","message":"' + b"a" * 12_000_000 + b'"}', 413, "body"),
}


@pytest.mark.parametrize(("body", "status", "key"), BAD.values(), ids=BAD.keys())
async def test_bad_input_is_named(web: Web, client: httpx.AsyncClient, body: Any, status: int, key: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = await client.post(URL, content=content)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["key"] == key
    assert problem["detail"].startswith(key)
    assert problem["title"] and problem["type"] and problem["remedy"]
    assert len(response.content) < 1_000
    assert web.receiver.messages == {}


async def test_a_body_of_undeclared_size_is_cut_off(client: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(400):
            yield b" " * 64_000

    assert (await client.post(URL, content=endless())).status_code == 413


async def test_emoji_only_is_a_message(client: httpx.AsyncClient) -> None:
    assert (await client.post(URL, json={"sender": "ann", "message": "👍🏽"})).json()[0]["text"] == "echo: 👍🏽"


async def test_a_locked_database_is_503(web: Web, client: httpx.AsyncClient) -> None:
    web.receiver.error = StorageUnavailable("database is locked: /secret/path.db")
    response = await client.post(URL, json={"sender": "ann", "message": "hi"})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["title"]
    assert "secret" not in response.text


async def test_a_fault_of_ours_leaks_nothing(web: Web, client: httpx.AsyncClient) -> None:
    def fault(message: Message) -> tuple[Reply, ...]:
        raise ZeroDivisionError("secret detail")

    web.receiver.reply = fault
    response = await client.post(URL, json={"sender": "ann", "message": "hi"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text and "Traceback" not in response.text


async def test_unknown_paths_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["status"] == 404
    response = await client.get(URL)
    assert (response.status_code, response.headers["content-type"]) == (405, "application/problem+json")
    assert response.headers["allow"] == "POST"
