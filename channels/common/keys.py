"""Who may use what machines use: an API key for each integration, with scopes. The keys themselves are kept nowhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from bot.channel import Integration, Scope
from channels.common.problems import BadRequest

# Who comes without a key where none is needed.
NOBODY = ""


class Keys:
    """Knows integrations by their keys. `is_open`: without a key everything is allowed (the demo on its own machine)."""

    def __init__(self, integrations: Mapping[str, Integration], *, is_open: bool = False) -> None:
        self._integrations = integrations
        self._is_open = is_open

    def admit(self, request: Request, scope: Scope) -> str:
        """The name of the integration that makes a request; NOBODY where the door is open and no key is given.

        Raises BadRequest: 401 without a key or with an unknown one, 403 where the key's scopes do not hold `scope`.
        """
        key = _given(request)
        if not key and self._is_open:
            return NOBODY
        name = self._name_of(key)
        if name is None:
            remedy = "Send an API key as `Authorization: Bearer KEY`; `streamdesk keys new` makes one."
            raise BadRequest(
                "there is no such API key." if key else "an API key is needed.",
                key="authorization",
                remedy=remedy,
                status=401,
            )
        if scope not in self._integrations[name].scopes:
            remedy = f"Add the scope to channels.web.integrations.{name}.scopes."
            raise BadRequest(f"this key is not for {scope}.", key="authorization", remedy=remedy, status=403)
        return name

    def _name_of(self, key: str) -> str | None:
        """Every hash is compared, each in constant time: how long it takes tells nothing."""
        given, found = digest(key), None
        for name, integration in self._integrations.items():
            if hmac.compare_digest(given, integration.key_sha256):
                found = name
        return found


def new_key() -> str:
    """A key that nobody guesses: 256 random bits."""
    return f"sd_{secrets.token_urlsafe(32)}"


def digest(key: str) -> str:
    """What is kept of a key. It is random, so that a plain hash is as good as a slow one."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _given(request: Request) -> str:
    """The key of a bearer token, or the password of basic authentication, which browsers ask for (RFC 7617)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
