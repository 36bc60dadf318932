"""The stages together: who is asked first, and who speaks in whose place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from bot.domain import Domain
from bot.errors import ModelUnavailable
from bot.fakes import FakeOrderNumbers, ScriptedModel
from bot.ports import Encoder
from bot.types import ConversationKey, Message, Reply, State
from bot.understanding.cascade import Cascade, Trained
from bot.understanding.combination import Combination, Thresholds
from bot.understanding.model import train
from bot.understanding.rasa import RasaServer
from bot.understanding.training_data import TrainingData, load_training_data
from knowledge.encoders.hashing import HashingEncoder
from tests.bot.understanding.test_rasa import INTENTS, refuses, saying, server

UNREACHED = 1.0
EVERY = load_training_data(Path("bot/data/nlu"))
DATA = TrainingData(tuple(example for example in EVERY.examples if example.intent in INTENTS), {}, {})
DOMAIN = Domain(INTENTS, (), {}, (), frozenset(), timedelta(hours=1), {})


class NoCatalogue:
    """A shop that sells nothing."""

    async def asks(self, text: str, last: Sequence[str] = ()) -> bool:
        return False

    async def mentions(self, text: str) -> Sequence[Any]:
        return ()

    async def completes(self, asked: str, named: str) -> bool:
        return False

    async def has_value(self, text: str, product_ids: Sequence[str]) -> bool:
        return False

    async def criticises(self, text: str, shown: Sequence[str]) -> bool:
        return False


async def cascade(
    rasa: RasaServer | None = None, encoder: Encoder | None = None, model: ScriptedModel | None = None
) -> Cascade:
    """Classifiers that are never sure enough."""
    fitted = await train(DATA, HashingEncoder())
    combination = replace(fitted.combination, thresholds=Thresholds(*[UNREACHED] * 4))
    trained = Trained(DATA, replace(fitted, combination=combination))
    catalogue: Any = NoCatalogue()
    options: dict[str, Any] = {"numbers": FakeOrderNumbers(), "timezone": "UTC", "rasa": rasa, "model": model}
    return Cascade(trained, DOMAIN, {}, encoder or HashingEncoder(), catalogue, **options)


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


async def test_a_language_model_is_asked_only_where_the_classifiers_are_not_sure() -> None:
    model = ScriptedModel.of('{"intent": "order_status"}', ModelUnavailable("it is away"), '{"intent": "greet"}')
    understanding = await cascade(model=model)
    assert (await understanding.meaning("hello")).stage == "rules"
    assert (await understanding.meaning("868771")).intent == ""  # a number says nothing, to nobody
    assert not model.prompts
    said = await understanding.meaning("zzz")
    assert (said.intent, said.stage) == ("order_status", "llm")
    assert await understanding.meaning("zzz") == said  # known by now
    assert (await understanding.meaning("qqq")).stage == "semantic"  # away: the classifiers' guess, and it is asked again
    assert (await understanding.meaning("qqq")).intent == "greet"
    assert len(model.prompts) == 3


class Corrects:
    """Classifiers that take everything for a correction, and less surely for a question about an order."""

    intents = ("correct", "order_status", "greet")
    combination = Combination(1, 1, 0.5, 1, Thresholds(*[UNREACHED] * 4))

    async def probabilities(self, text: str, encoder: Encoder) -> tuple[NDArray[np.float32], str]:
        return np.array([0.7, 0.2, 0.1], dtype=np.float32), "semantic"


@pytest.mark.parametrize(("said", "intent", "sure"), [((), "order_status", 0.2 / 0.3), ((Reply("hello"),), "correct", 0.7)])
async def test_nobody_begins_with_what_is_said_of_an_answer(said: tuple[Reply, ...], intent: str, sure: float) -> None:
    classifiers, catalogue, key = Corrects(), NoCatalogue(), ConversationKey("web", "", "ann")
    options: dict[str, Any] = {"numbers": FakeOrderNumbers(), "timezone": "UTC"}
    understanding = Cascade(Trained(DATA, classifiers), DOMAIN, {}, HashingEncoder(), catalogue, **options)  # type: ignore[arg-type]
    message = Message("m", key, "not a refund, the parcel", datetime(2026, 5, 1, tzinfo=UTC))
    parsed = await understanding.parse(message, State(key, last_replies=said))
    assert (parsed.intent, parsed.confidence) == (intent, pytest.approx(sure, abs=1e-3))
