"""What the OpenAPI page says of the host's control beyond the code."""

from __future__ import annotations

from typing import Any

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
