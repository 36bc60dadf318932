"""What a text means, in the contract of Rasa's HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.fakes import EPOCH
from bot.text import clean
from bot.types import Entity, Language, Message, Parse, State
from tests.channels.web.conftest import Web

URL = "/model/parse"


@dataclass
class Said:
    """`Understanding` that always says the same, and keeps what it was asked."""

    parse_: Parse
    asked: list[Message]

    async def parse(self, message: Message, state: State) -> Parse:
        self.asked.append(message)
        assert state == State(message.key)
        return self.parse_


@pytest.fixture
def said() -> Said:
    order = Entity("order_number", "SD2610000006", "SD2610000006", 3, 15)
    ranking = (("track_order", 0.91), ("cancel_order", 0.04))
    return Said(Parse(Language.ZH, (), "track_order", 0.91, "linear", (order,), ranking), [])


@pytest.fixture
async def asking(said: Said) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Web(understanding=said).app)
    async with httpx.AsyncClient(transport=transport, base_url="http://streamdesk.test") as client:
        yield client


async def test_the_shape_of_rasas_answer(asking: httpx.AsyncClient, said: Said) -> None:
    response = await asking.post(URL, json={"text": " 查一下SD2610000006 ", "message_id": "m7"})
    assert response.status_code == 200
    body = response.json()
    assert body == {
        "text": "查一下SD2610000006",
        "intent": {"name": "track_order", "confidence": 0.91},
        "entities": [
            {
                "entity": "order_number",
                "value": "SD2610000006",
                "start": 3,
                "end": 15,
                "confidence_entity": 1.0,
                "extractor": "streamdesk",
            }
        ],
        "intent_ranking": [{"name": "track_order", "confidence": 0.91}, {"name": "cancel_order", "confidence": 0.04}],
        "language": "zh",
        "stage": "linear",
    }
    [entity] = body["entities"]
    assert body["text"][entity["start"] : entity["end"]] == "SD2610000006"
    [message] = said.asked
    assert (message.id, clean(message.text), message.sent_at) == ("m7", "查一下SD2610000006", EPOCH)


async def test_what_is_not_understood_has_no_name(asking: httpx.AsyncClient, said: Said) -> None:
    said.parse_ = Parse(Language.EN, (), stage="rules")
    body = (await asking.post(URL, json={"text": "…"})).json()
    assert body["intent"] == {"name": None, "confidence": 0.0}
    assert body["entities"] == body["intent_ranking"] == []


async def test_nothing_is_kept_and_nobody_is_answered(web: Web, client: httpx.AsyncClient) -> None:
    assert (await client.post(URL, json={"text": "hello"})).status_code == 200
    assert not web.receiver.messages


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"text": ""}, 422, "text"),
        ({}, 422, "text"),
        ({"text": 7}, 422, "text"),
        ({"text": "x" * 4001}, 422, "text"),
        ({"text": "hi", "lang": "en"}, 422, "lang"),
        ({"text": "hi", "message_id": ["m"]}, 422, "message_id"),
        (["hi"], 400, "object"),
    ],
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, body: Any, status: int, word: str) -> None:
    response = await client.post(URL, json=body)
    assert response.status_code == status
    assert word in response.text
