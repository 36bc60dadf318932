"""What the OpenAPI page says of the live rooms beyond the code."""

from __future__ import annotations

from typing import Any

TAGS = (
    {
        "name": "Live room",
        "description": "What the room page uses: a WebSocket at `/live/{room}/ws`, and the host's control.",
    },
)

SCREEN_EXAMPLES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"product_id": {"type": ["string", "null"]}}},
                "examples": {"show": {"value": {"product_id": "P1001"}}, "clear": {"value": {"product_id": None}}},
            }
        },
    },
}
