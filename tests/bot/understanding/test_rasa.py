"""A Rasa server in the place of our classifiers, and our classifiers in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain import Domain
from bot.errors import ModelUnavailable
from bot.ports import Encoder
from bot.understanding.cascade import Cascade, Trained
from bot.understanding.commands import Meaning
from bot.understanding.model import train
from bot.understanding.rasa import RasaServer
from bot.understanding.training_data import TrainingData, load_training_data
from knowledge.encoders.hashing import HashingEncoder

INTENTS = ("greet", "order_status")
EVERY = load_training_data(Path("bot/data/nlu"))
DATA = TrainingData(tuple(example for example in EVERY.examples if example.intent in INTENTS), {}, {})

Answer = Callable[[httpx.Request], httpx.Response]


def server(answer: Answer) -> RasaServer:
    client = httpx.AsyncClient(base_url="http://rasa.test", transport=httpx.MockTransport(answer))
    return RasaServer(client, INTENTS)


def saying(intent: Any, ranking: Sequence[Any] = ()) -> Answer:
    return lambda request: httpx.Response(200, json={"intent": intent, "intent_ranking": list(ranking), "entities": []})


class NoCatalogue:
    """A shop that sells nothing."""

    async def mentions(self, text: str) -> Sequence[Any]:
        return ()


async def cascade(rasa: RasaServer, encoder: Encoder | None = None) -> Cascade:
    encoder = encoder or HashingEncoder()
    trained = Trained(DATA, await train(DATA, HashingEncoder()))
    domain = Domain(INTENTS, (), {}, (), frozenset(), None, {})  # type: ignore[arg-type]
    return Cascade(trained, domain, {}, encoder, NoCatalogue(), timezone="UTC", rasa=rasa)  # type: ignore[arg-type]


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


async def test_without_it_we_say_and_ask_it_again() -> None:
    up = False

    def answer(request: httpx.Request) -> httpx.Response:
        return saying({"name": "order_status", "confidence": 0.9})(request) if up else refuses(request)

    understanding = await cascade(server(answer))
    instead = await understanding.meaning("hello")
    assert (instead.intent, instead.stage) == ("greet", "rules")
    up = True
    assert (await understanding.meaning("hello")).stage == "rasa"
    up = False
    assert (await understanding.meaning("hello")).stage == "rasa"  # what it has said is known


async def test_without_it_and_the_encoder_the_words_alone_say() -> None:
    class Broken(HashingEncoder):
        async def encode_queries(self, texts: Sequence[str]) -> Any:
            raise ModelUnavailable("the encoder is away")

    understanding = await cascade(server(refuses), Broken())
    said = await understanding.meaning("hey, the parcel of last week, where is it now")
    assert (said.intent, said.stage) == ("order_status", "linear")
