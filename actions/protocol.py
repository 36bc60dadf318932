"""Rasa's action-server protocol on the wire: what a Rasa server sends, and the events and utterances that it takes back.

The fields are those of rasa-sdk (`rasa_sdk.types`, `rasa_sdk.events.SlotSet`, `CollectingDispatcher.utter_message`). A Rasa
server sends more of them than are read here: the domain and the whole conversation.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from bot.errors import BadInput
from bot.text import language_of
from bot.types import Audience, Button, Card, ConversationKey, Language, Reply

# The most that a call may hold, in bytes before and after unpacking; a tracker carries its whole conversation.
MAX_BODY = 32 * 1024 * 1024
# Conversations that a Rasa server keeps. It tells them apart by `sender_id` alone.
CHANNEL = "rasa"


class Intent(BaseModel):
    """What Rasa took the message for."""

    name: str | None = None


class LatestMessage(BaseModel):
    """The customer's last message. `message_id` is Rasa's own and the same when the call is repeated."""

    text: str | None = None
    message_id: str | None = None
    intent: Intent = Intent()


class Tracker(BaseModel):
    """The state of a conversation. Slots are Rasa's: whoever may call this server may say what they hold."""

    sender_id: str = Field(min_length=1)
    slots: dict[str, Any] = {}
    latest_message: LatestMessage | None = None

    @property
    def key(self) -> ConversationKey:
        """The conversation."""
        return ConversationKey(CHANNEL, "", self.sender_id)

    @property
    def language(self) -> Language:
        """The language to answer in: the last message's; the slot's where that has none, as a pressed button."""
        slot = self.slots.get("language")
        known = Language(slot) if slot in tuple(Language) else Language.ZH
        text = (self.latest_message.text if self.latest_message else None) or ""
        return known if text.startswith("/") else language_of(text, known)

    @property
    def audience(self) -> Audience:
        """Who reads along."""
        return Audience.PUBLIC if self.slots.get("audience") == Audience.PUBLIC else Audience.PRIVATE

    @property
    def verified(self) -> tuple[str, ...]:
        """What the person has proven to own, as earlier answers of this server set it."""
        proofs = self.slots.get("verified")
        return tuple(proof for proof in proofs if isinstance(proof, str)) if isinstance(proofs, list) else ()


class ActionCall(BaseModel):
    """One call. Without `next_action` there is nothing to do."""

    next_action: str | None = None
    tracker: Tracker


def read_call(body: bytes, encoding: str = "") -> ActionCall:
    """The call in a request's body; `encoding` is its Content-Encoding. Raises BadInput, which names the field."""
    try:
        content = orjson.loads(_inflated(body) if encoding == "deflate" else body)
    except (orjson.JSONDecodeError, zlib.error) as error:
        raise BadInput("Invalid body request", where="body", remedy=f"Send one JSON object: {error}.") from error
    try:
        return ActionCall.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(f"{first['msg']}.", where=where, remedy="Send what rasa-sdk's protocol asks for.") from error


def slot_event(name: str, value: Any) -> dict[str, Any]:
    """The event that sets a slot."""
    return {"event": "slot", "timestamp": None, "name": name, "value": value}


def utterance(reply: Reply) -> dict[str, Any]:
    """A reply as Rasa says it: product cards are `elements`, citations lines under the text."""
    return {
        "text": _with_citations(reply) or None,
        "buttons": [_button(button) for button in reply.buttons],
        "elements": [_element(card) for card in reply.cards],
        "custom": {},
        "template": None,
        "response": None,
        "image": reply.image or None,
        "attachment": None,
    }


def answer(slots: Mapping[str, Any], replies: tuple[Reply, ...]) -> dict[str, Any]:
    """The body of an answer: slots to be set, then what to say."""
    events = [slot_event(name, value) for name, value in slots.items()]
    return {"events": events, "responses": [utterance(reply) for reply in replies]}


def _with_citations(reply: Reply) -> str:
    sources = [f"[{' · '.join(filter(None, (citation.title, citation.location)))}]" for citation in reply.citations]
    return "\n".join([reply.text, *sources])


def _button(button: Button) -> dict[str, Any]:
    if button.url:
        return {"title": button.title, "type": "web_url", "url": button.url, "payload": button.url}
    return {"title": button.title, "payload": button.payload}


def _element(card: Card) -> dict[str, Any]:
    subtitle = " · ".join(filter(None, (card.price, card.subtitle, card.reason)))
    return {
        "title": card.title,
        "subtitle": subtitle,
        "image_url": card.image,
        "buttons": [_button(button) for button in card.buttons],
    }


def _inflated(body: bytes) -> bytes:
    """Raises BadInput where it unpacks to more than is allowed, and zlib.error."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(body, MAX_BODY)
    if unpacking.unconsumed_tail:
        raise BadInput("it unpacks to too much.", where="body", remedy=f"Send at most {MAX_BODY:,} bytes.")
    return content
