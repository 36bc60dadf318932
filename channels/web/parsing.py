"""What a text means, without an answer, in the contract of Rasa's HTTP API: for test pages, and for what asks a Rasa server.

    POST /model/parse   {text, message_id?}  ->  {text, intent: {name, confidence}, entities, intent_ranking, ...}

Source: `/model/parse` in Rasa Open Source 3.6's HTTP API. Beyond it: `language`, and `stage`, the part that was sure first.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.ports import Clock, Limits, Understanding
from bot.text import clean
from bot.types import ConversationKey, Entity, Message, Parse, State
from channels.common.keys import Keys
from channels.common.limiting import address_of, refuse_excess
from channels.common.problems import problem_responses
from channels.common.reading import message_text, optional_text, parse_object, read_body, refuse_unknown
from channels.web.openapi import PARSE_EXAMPLES

FIELDS = frozenset({"text", "message_id"})
MAX_BODY = 64 * 1024


def parsing_router(understanding: Understanding, clock: Clock, keys: Keys, limits: Limits) -> APIRouter:
    """The route /model/parse, for who has the scope `parse`. What is asked is of no conversation and is not kept."""
    router = APIRouter(tags=["REST (Rasa's contract)"])

    @router.post(
        "/model/parse",
        summary="What does a text mean?",
        response_class=Response,
        openapi_extra=PARSE_EXAMPLES,
        responses=problem_responses(400, 401, 403, 413, 422, 429, 503),
    )
    async def parse(request: Request) -> Response:
        """Intent, values and the runners-up. `start` and `end` count characters of the `text` that is returned."""
        name = keys.admit(request, "parse")
        await refuse_excess(limits, "rest", name or address_of(request))
        body = parse_object(await read_body(request, MAX_BODY))
        refuse_unknown(body, FIELDS)
        text = message_text(body.get("text"), "text")
        message_id = optional_text(body.get("message_id"), "message_id") or uuid4().hex
        key = ConversationKey("web", "", f"parse-{message_id}")
        parsed = await understanding.parse(Message(message_id, key, text, clock.now()), State(key))
        return Response(orjson.dumps(rasa_parse(clean(text), parsed)), media_type="application/json")

    return router


def rasa_parse(text: str, parse: Parse) -> dict[str, Any]:
    """A parse in Rasa's shape. `text` is the cleaned text that the entities point into."""
    return {
        "text": text,
        "intent": _intent(parse.intent or None, parse.confidence),
        "entities": [_entity(entity) for entity in parse.entities],
        "intent_ranking": [_intent(name, confidence) for name, confidence in parse.ranking],
        "language": parse.language.value,
        "stage": parse.stage,
    }


def _intent(name: str | None, confidence: float) -> dict[str, Any]:
    return {"name": name, "confidence": confidence}


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "entity": entity.kind,
        "value": entity.value,
        "start": entity.start,
        "end": entity.end,
        "confidence_entity": entity.confidence,
        "extractor": "streamdesk",
    }
