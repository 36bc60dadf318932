"""How a gateway and the service prove to each other who they are: HMAC-SHA256 (RFC 2104) over time and body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from channels.common.problems import BadRequest

TIMESTAMP: Final = "x-streamdesk-timestamp"
SIGNATURE: Final = "x-streamdesk-signature"
# How far the clocks of both sides may be apart, and how old a request may be, in seconds.
WINDOW_S: Final = 300


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp` (whole seconds since 1970): `v1=` and 64 hexadecimal digits."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(secret: str, now_s: float, body: bytes) -> dict[str, str]:
    """The headers of a request with this body, sent now."""
    timestamp = str(int(now_s))
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body), "content-type": "application/json"}


def check(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> None:
    """Raises BadRequest (401) where the request is not from who has the secret, or not of now."""
    timestamp = headers.get(TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise _refused("must be whole seconds since 1970.", TIMESTAMP, "Send the time at which you sign.", timestamp)
    expected = signature(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode("utf-8", "replace")):
        remedy = "Sign the timestamp, a full stop and the body as it is sent: HMAC-SHA256, v1=HEX."
        raise _refused("does not fit the body.", SIGNATURE, remedy)
    if abs(now_s - int(timestamp)) > WINDOW_S:
        remedy = f"Set your clock, and sign again when you repeat a request: it holds for {WINDOW_S} s."
        raise _refused("is not of now.", TIMESTAMP, remedy, timestamp)


def _refused(what: str, key: str, remedy: str, value: str | None = None) -> BadRequest:
    return BadRequest(what, key=key, value=value, remedy=remedy, status=401)
