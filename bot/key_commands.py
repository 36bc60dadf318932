"""What `streamdesk keys` does: a new API key, and what the settings keep of it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from bot.channel import WebSettings
from bot.errors import BadInput


def made(name: str, scopes: Sequence[str]) -> tuple[str, str]:
    """A key, and its line under channels.web.integrations. Raises BadInput for a name or scope that there is not."""
    from channels.common.keys import digest, new_key

    key = new_key()
    try:
        given = {name: {"key_sha256": digest(key), "scopes": scopes}}
        integration = WebSettings.model_validate({"integrations": given}).integrations[name]
    except ValidationError as error:
        first = error.errors()[0]
        remedy = "A name has small letters, digits, _ and -; the scopes are messages, parse, metrics and docs."
        raise BadInput(f"{first['msg']}.", where=f"{name} {' '.join(scopes)}", remedy=remedy) from error
    return key, f"{name}: {{key_sha256: {integration.key_sha256}, scopes: [{', '.join(integration.scopes)}]}}"
