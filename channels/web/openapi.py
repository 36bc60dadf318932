"""What the OpenAPI page says beyond the code: groups of routes, examples, the shape of problems."""

from __future__ import annotations

from typing import Any

from channels.common.reading import MAX_TEXT

TAGS = (
    {
        "name": "REST (Rasa's contract)",
        "description": "Messages in, replies out. Clients of Rasa's `rest` channel run unchanged.",
    },
    {"name": "Private chat", "description": "What the chat page uses: a WebSocket at `/chat/ws`, and photos."},
    {
        "name": "Checkout",
        "description": "Our own checkout: what it costs, paying, the provider's callback.",
    },
    {"name": "Sources", "description": "The shop's documents, opened at the place that an answer came from."},
)

_MESSAGE = {
    "type": "object",
    "required": ["sender", "message"],
    "additionalProperties": False,
    "properties": {
        "sender": {"type": "string", "description": "The conversation: one customer."},
        "message": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
        "input_channel": {"type": "string", "description": "Accepted for Rasa's clients; not used."},
        "metadata": {
            "type": "object",
            "properties": {
                "message_id": {"type": "string", "description": "The same id again returns the same replies."},
                "room": {"type": "string", "description": "Live room whose link numbers are meant."},
                "product_on_screen": {"type": "string"},
                "locale": {"type": "string", "examples": ["zh-CN", "en"]},
                "customer_token": {"type": "string", "description": "Signed token of the merchant's site."},
                "photo": {"type": "string", "description": "data:image/jpeg;base64,…"},
            },
        },
    },
}

_REPLY = {
    "type": "object",
    "required": ["recipient_id"],
    "properties": {
        "recipient_id": {"type": "string"},
        "text": {"type": "string"},
        "image": {"type": "string", "format": "uri"},
        "buttons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "payload"],
                "properties": {"title": {"type": "string"}, "payload": {"type": "string"}, "url": {"type": "string"}},
            },
        },
        "custom": {
            "type": "object",
            "description": "Where the answer comes from, and products to look at.",
            "properties": {
                "citations": {"type": "array", "items": {"type": "object"}},
                "cards": {"type": "array", "items": {"type": "object"}},
                "language": {"type": "string", "enum": ["zh", "zh-Hant", "en"]},
            },
        },
    },
}

REST_EXAMPLES: dict[str, Any] = {
    "parameters": [{"name": "stream", "in": "query", "schema": {"type": "boolean", "default": False}}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _MESSAGE,
                "examples": {
                    "zh": {"value": {"sender": "lin", "message": "3号链接多少钱", "metadata": {"room": "main"}}},
                    "en": {"value": {"sender": "ann", "message": "How do I return a dress that doesn't fit?"}},
                },
            }
        },
    },
    "responses": {
        "200": {
            "description": "The replies, in order.",
            "content": {"application/json": {"schema": {"type": "array", "items": _REPLY}}},
        }
    },
}

_INTENT = {
    "type": "object",
    "required": ["name", "confidence"],
    "properties": {"name": {"type": ["string", "null"]}, "confidence": {"type": "number", "minimum": 0, "maximum": 1}},
}

_ENTITY = {
    "type": "object",
    "required": ["entity", "value", "start", "end"],
    "properties": {
        "entity": {"type": "string"},
        "value": {},
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "confidence_entity": {"type": "number"},
        "extractor": {"type": "string"},
    },
}

PARSE_EXAMPLES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["text"],
                    "additionalProperties": False,
                    "properties": {
                        "text": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
                        "message_id": {"type": "string"},
                    },
                },
                "examples": {
                    "zh": {"value": {"text": "3号链接有L码吗"}},
                    "en": {"value": {"text": "where is my order?"}},
                },
            }
        },
    },
    "responses": {
        "200": {
            "description": "What it means.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["text", "intent", "entities", "intent_ranking"],
                        "properties": {
                            "text": {"type": "string"},
                            "intent": _INTENT,
                            "entities": {"type": "array", "items": _ENTITY},
                            "intent_ranking": {"type": "array", "items": _INTENT},
                            "language": {"type": "string", "enum": ["zh", "zh-Hant", "en"]},
                            "stage": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
}

PHOTO_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
