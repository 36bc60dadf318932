"""Replies as JSON: in the shape of Rasa's REST channel, and as the frames of our own WebSockets. Pure."""

from __future__ import annotations

from typing import Any

from bot.types import Button, Card, Citation, Reply


def picture_url(picture: str) -> str:
    """The address of a product's picture, given as the shop's folder names it; addresses stay as they are."""
    if not picture or picture.startswith(("http://", "https://", "/")):
        return picture
    return f"/pictures/{picture.removeprefix('pictures/')}"


def rasa_message(recipient: str, reply: Reply) -> dict[str, Any]:
    """One message of Rasa's REST contract; keys without content are left out.

    `custom` carries what Rasa has no field for: citations and cards, with the language that they are written in.
    """
    message: dict[str, Any] = {"recipient_id": recipient}
    if reply.text:
        message["text"] = reply.text
    if reply.image:
        message["image"] = picture_url(reply.image)
    if reply.buttons:
        message["buttons"] = [_button(button) for button in reply.buttons]
    if reply.citations or reply.cards:
        message["custom"] = {**_evidence(reply), "language": reply.language.value}
    return message


def reply_body(reply: Reply) -> dict[str, Any]:
    """A reply in our own frames: text, language, and whatever else it has."""
    body: dict[str, Any] = {"text": reply.text, "language": reply.language.value, **_evidence(reply)}
    if reply.image:
        body["image"] = picture_url(reply.image)
    if reply.buttons:
        body["buttons"] = [_button(button) for button in reply.buttons]
    if reply.agent:
        body["agent"] = reply.agent
    return body


def _evidence(reply: Reply) -> dict[str, Any]:
    evidence: dict[str, Any] = {}
    if reply.citations:
        evidence["citations"] = [_citation(citation) for citation in reply.citations]
    if reply.cards:
        evidence["cards"] = [_card(card) for card in reply.cards]
    return evidence


def _button(button: Button) -> dict[str, str]:
    plain = {"title": button.title, "payload": button.payload or button.title}
    return {**plain, "type": "web_url", "url": button.url} if button.url else plain


def _citation(citation: Citation) -> dict[str, Any]:
    valid_until = citation.valid_until.isoformat() if citation.valid_until else ""
    values = {
        "title": citation.title,
        "location": citation.location,
        "url": citation.url,
        "quote": citation.quote,
        "valid_until": valid_until,
        "superseded": citation.superseded,
    }
    return {name: value for name, value in values.items() if value}


def _card(card: Card) -> dict[str, Any]:
    values = {
        "product_id": card.product_id,
        "title": card.title,
        "subtitle": card.subtitle,
        "price": card.price,
        "image": picture_url(card.image),
        "url": card.url,
        "reason": card.reason,
    }
    body: dict[str, Any] = {name: value for name, value in values.items() if value}
    if card.buttons:
        body["buttons"] = [_button(button) for button in card.buttons]
    return body
