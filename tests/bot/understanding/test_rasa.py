"""What a Rasa server says of texts, and what it may not say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from bot.errors import ModelUnavailable
from bot.understanding.commands import Meaning
from bot.understanding.rasa import RasaServer

INTENTS = ("greet", "order_status")
Answer = Callable[[httpx.Request], httpx.Response]


def server(answer: Answer) -> RasaServer:
    client = httpx.AsyncClient(base_url="http://rasa.test", transport=httpx.MockTransport(answer))
    return RasaServer(client, INTENTS)


def saying(intent: Any, ranking: Sequence[Any] = ()) -> Answer:
    return lambda request: httpx.Response(200, json={"intent": intent, "intent_ranking": list(ranking), "entities": []})


async def test_what_it_says_and_the_runners_up() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path} {request.content.decode()}")
        ranking = [{"name": "greet", "confidence": 0.93}, {"name": "order_status", "confidence": 0.07}]
        return saying({"name": "greet", "confidence": 0.93}, ranking)(request)

    said = await server(answer).meaning("你好")
    assert said == Meaning("greet", 0.93, "rasa", (("greet", 0.93), ("order_status", 0.07)))
    assert asked == ['POST /model/parse {"text":"你好"}']


@pytest.mark.parametrize(
    "intent",
    [{"name": "nlu_fallback", "confidence": 0.7}, {"name": None, "confidence": 0.0}, {"name": "fly", "confidence": 1.0}],
)
async def test_not_sure_or_not_ours_is_no_intent(intent: Any) -> None:
    ranking = [intent, {"name": "greet", "confidence": 0.2}]
    if intent["name"] is None:
        ranking = ranking[1:]
    assert await server(saying(intent, ranking)).meaning("asdf") == Meaning("", 0.0, "rasa", (("greet", 0.2),))


def refuses(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (refuses, "connection refused"),
        (lambda request: httpx.Response(409, json={"reason": "no model"}), "409"),
        (lambda request: httpx.Response(200, text="<html>"), "shape"),
        (lambda request: httpx.Response(200, json={"text": "hi"}), "shape"),
        (saying({"name": "greet", "confidence": 3}), "shape"),
    ],
)
async def test_what_goes_wrong_is_named(answer: Answer, word: str) -> None:
    with pytest.raises(ModelUnavailable) as failed:
        await server(answer).meaning("hello")
    assert "http://rasa.test" in str(failed.value)
    assert word in str(failed.value)
