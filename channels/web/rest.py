"""The REST door, in the contract of Rasa's `rest` channel, so that clients and load tests of Rasa run unchanged.

    POST /webhooks/rest/webhook   {sender, message, metadata?}  ->  [{recipient_id, text?, image?, buttons?, custom?}]

Beyond Rasa: `metadata.message_id` makes a request safe to repeat; `metadata.room`, `product_on_screen`, `locale`,
`customer_token` and `photo` (a base64 data URL) are understood; what is wrong is answered with a problem body. A `sender`
is required: Rasa puts everyone without one into one conversation, which would show people each other's orders.

A program shows an API key with the scope `messages`. A sender is a name of that integration's: what somebody has proven
under the same name with another key, without one, or in the chat page is somebody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.ports import Clock, Limits, Photos, Receiver
from bot.types import Context, ConversationKey, Message, Photo, ToCustomer
from channels.common.keys import Keys
from channels.common.limiting import address_of, refuse_excess
from channels.common.photos import MAX_PHOTO, decode_data_url, keep_photo
from channels.common.problems import BadRequest, problem_responses
from channels.common.reading import message_text, optional_text, parse_object, read_body, refuse_unknown
from channels.common.rendering import rasa_message
from channels.web.openapi import REST_EXAMPLES

FIELDS = frozenset({"sender", "message", "input_channel", "metadata"})
# A photo in base64 is a third larger than its bytes; the rest of the body is small.
MAX_BODY = MAX_PHOTO * 4 // 3 + 64 * 1024
# What a client may have us keep beside a message, in bytes of JSON.
MAX_METADATA = 16 * 1024
_OURS = frozenset({"message_id", "product_on_screen", "locale", "customer_token", "photo"})


@dataclass(frozen=True, slots=True)
class RestDoor:
    """What the door is served with."""

    receiver: Receiver
    photos: Photos
    clock: Clock
    keys: Keys
    limits: Limits

    async def let_in(self, request: Request) -> str:
        """The integration that makes a request, within its bound. Raises BadRequest (401, 403, 429)."""
        name = self.keys.admit(request, "messages")
        await refuse_excess(self.limits, "rest", name or address_of(request))
        return name


def rest_router(door: RestDoor) -> APIRouter:
    """Routes under /webhooks/rest."""
    router = APIRouter(prefix="/webhooks/rest", tags=["REST (Rasa's contract)"])

    @router.get("/", summary="Is this door open?")
    async def health() -> dict[str, str]:
        """Rasa's health check of the channel."""
        return {"status": "ok"}

    @router.post(
        "/webhook",
        summary="Send a message, get the replies",
        response_class=Response,
        openapi_extra=REST_EXAMPLES,
        responses=problem_responses(400, 401, 403, 413, 422, 429, 503),
    )
    async def webhook(request: Request) -> Response:
        """Answers with what waited for this sender (such as an agent's words), then with the replies to this message.

        `?stream=true` sends each reply as one line of JSON, as Rasa does.
        """
        message = await read_message(request, door, await door.let_in(request))
        receiver = door.receiver
        waiting = await receiver.collect(message.key)
        turn = await receiver.handle(message)
        sender = message.key.user.partition(":")[2]
        held_back = [delivery.body.reply for delivery in waiting if isinstance(delivery.body, ToCustomer)]
        messages = [rasa_message(sender, reply) for reply in (*held_back, *turn.replies)]
        after = BackgroundTask(receiver.delivered, waiting) if waiting else None
        return _answer(request, messages, after)

    return router


def _answer(request: Request, messages: Sequence[dict[str, Any]], after: BackgroundTask | None) -> Response:
    if request.query_params.get("stream", "").lower() == "true":
        lines = (orjson.dumps(message) + b"\n" for message in messages)
        return StreamingResponse(lines, media_type="text/event-stream", background=after)
    return Response(orjson.dumps(messages), media_type="application/json", background=after)


async def read_message(request: Request, door: RestDoor, integration: str) -> Message:
    """The message of a request that an integration makes. Raises BadRequest or BadPhoto."""
    body = parse_object(await read_body(request, MAX_BODY))
    refuse_unknown(body, FIELDS)
    sender = _sender(body.get("sender"))
    if integration:
        await refuse_excess(door.limits, "sender", f"{integration}:{sender}")
    metadata = _metadata(body.get("metadata"))
    photos_sent = await _photos(door.photos, metadata.get("photo"))
    message_id = optional_text(metadata.get("message_id"), "metadata.message_id") or uuid4().hex
    return Message(
        id=message_id,
        key=ConversationKey("web", "", f"{integration}:{sender}"),  # no token of a chat page has a colon
        text=message_text(body.get("message"), "message", has_photo=bool(photos_sent)),
        sent_at=door.clock.now(),
        photos=photos_sent,
        locale=optional_text(metadata.get("locale"), "metadata.locale") or None,
        context=Context(
            on_screen=optional_text(metadata.get("product_on_screen"), "metadata.product_on_screen") or None,
            customer_token=optional_text(metadata.get("customer_token"), "metadata.customer_token", 4_000) or None,
            origin="" if integration else address_of(request),  # an integration's own address is no customer's
            metadata=_kept(metadata),
        ),
    )


def _sender(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # Rasa takes numbers, too
    sender = optional_text(value, "sender")
    if not sender.strip():
        raise BadRequest(
            "is missing.", key="sender", value=value, remedy="Name the conversation: a text that is this customer's own."
        )
    return sender


def _metadata(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(
            "must be an object.", key="metadata", value=value, remedy='Send {"message_id": "…"} or leave it out.'
        )
    return value


async def _photos(photos: Photos, value: Any) -> tuple[Photo, ...]:
    if value is None:
        return ()
    key = "metadata.photo"
    return (await keep_photo(photos, decode_data_url(value, key), key),)


def _kept(metadata: dict[str, Any]) -> dict[str, Any]:
    """What stays with the message: the room and the client's own keys. Secrets and pictures do not."""
    kept = {key: value for key, value in metadata.items() if key not in _OURS}
    if not kept:
        return kept
    optional_text(kept.get("room"), "metadata.room")
    size = len(orjson.dumps(kept))
    if size > MAX_METADATA:
        raise BadRequest(
            f"has {size:,} bytes of JSON; {MAX_METADATA:,} are allowed.",
            key="metadata",
            value=size,
            remedy="Send only what the message needs.",
        )
    return kept
