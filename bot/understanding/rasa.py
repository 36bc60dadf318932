"""A Rasa server in the place of our own classifiers: what `POST /model/parse` of its HTTP API says is the intent.

Source: Rasa Open Source 3.6's HTTP API; the server runs with `rasa run --enable-api` on the same `bot/` content.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import httpx
import structlog
from pydantic import BaseModel, Field

from bot.errors import ModelUnavailable
from bot.understanding.commands import Meaning

log = structlog.get_logger(__name__)

# A parse takes Rasa tens of milliseconds; somebody waits, and our own classifiers can answer instead.
TIMEOUT_S = 3.0
# What Rasa's FallbackClassifier says of a text that it is not sure of.
NOT_SURE = "nlu_fallback"


class _Intent(BaseModel):
    name: str | None = None
    confidence: float = Field(0.0, ge=0, le=1)


class _Parsed(BaseModel):
    intent: _Intent
    intent_ranking: list[_Intent] = []


class RasaServer:
    """The intents of texts, asked of a Rasa server."""

    def __init__(self, client: httpx.AsyncClient, intents: Collection[str]) -> None:
        """`client` has the server's address, and is closed by whoever made it; `intents` are those that the bot knows."""
        self._client = client
        self._intents = intents

    async def meaning(self, text: str) -> Meaning:
        """The intent of one cleaned text; none, with confidence 0, where Rasa falls back or names one that the bot has not.

        Raises ModelUnavailable where the server does not answer in time, refuses, or answers in another shape.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                response = await self._client.post("/model/parse", json={"text": text})
            response.raise_for_status()
            return self._meaning(_Parsed.model_validate(response.json()))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise ModelUnavailable(_why(self._client.base_url, error)) from error

    def _meaning(self, parsed: _Parsed) -> Meaning:
        ranking = tuple(
            (i.name, round(i.confidence, 4)) for i in parsed.intent_ranking if i.name and i.name in self._intents
        )
        name = parsed.intent.name or NOT_SURE
        if name in self._intents:
            return Meaning(name, round(parsed.intent.confidence, 4), "rasa", ranking)
        if name != NOT_SURE:
            log.warning("understanding.unknown_intent", intent=name)
        return Meaning("", 0.0, "rasa", ranking)


def _why(url: Any, error: Exception) -> str:
    what = "it answers in another shape" if isinstance(error, ValueError) else str(error) or type(error).__name__
    return f"the Rasa server at {url} does not say what a text means: {what}"
