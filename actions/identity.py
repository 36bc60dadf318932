"""Signed tokens by which the merchant's site says who its logged-in customer is.

Two forms, both signed with the shop's link secret: a JWT (RFC 7519, HS256) with the customer's id in `sub` and its end in
`exp`; and, because a Telegram start link takes 64 letters, digits, `_` and `-` only, a short one: the customer's id and the
end in seconds since the epoch, joined by a dot, in base64url, followed by the first 16 bytes of their HMAC-SHA256 in
base64url (22 characters).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from bot.errors import BadInput

if TYPE_CHECKING:
    from jwt.types import Options

# A start link of Telegram: https://core.telegram.org/bots/features#deep-linking
MAX_SHORT = 64
_MAC_BYTES, _MAC_CHARACTERS = 16, 22
_PURPOSE = b"streamdesk customer link\n"
# How far ahead the clock of the shop's site may be, in seconds, where a token says from when on it holds.
_AHEAD_S = 60


def customer_of(token: str, secret: str, at: datetime) -> str | None:
    """The customer whom a token names; None where it is not signed with the secret, has ended, or there is no secret."""
    if not secret:
        return None
    return _of_jwt(token, secret, at) if "." in token else _of_short(token, secret, at)


def jwt_for(customer_id: str, secret: str, until: datetime) -> str:
    """A JWT for a customer, valid until then."""
    import jwt

    return jwt.encode({"sub": customer_id, "exp": int(until.timestamp())}, secret, algorithm="HS256")


def short_for(customer_id: str, secret: str, until: datetime) -> str:
    """A token for a start link of Telegram. Raises BadInput where the customer's id is too long for one."""
    payload = f"{customer_id}.{int(until.timestamp())}".encode()
    token = _base64(payload) + _mac(payload, secret)
    if len(token) > MAX_SHORT:
        remedy = "Give the customer a shorter id, or send them to the chat page with a JWT."
        raise BadInput(f"{customer_id!r} is too long for a start link of Telegram.", where="customer", remedy=remedy)
    return token


def _of_jwt(token: str, secret: str, at: datetime) -> str | None:
    import jwt

    try:
        # Times are compared with that of the call, below, rather than the machine's. `iat` is no bound (RFC 7519, 4.1.6): a
        # token that was signed a second ago by a clock that is ahead of ours is a good one.
        times: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        options: Options = {"require": ["sub", "exp"], "verify_aud": False, **times}
        claims = jwt.decode(token, secret, algorithms=["HS256"], options=options)
    except jwt.PyJWTError:
        return None
    start, end = claims.get("nbf", 0), claims["exp"]
    holds = _is_time(start) and _is_time(end) and start - _AHEAD_S <= at.timestamp() < end
    return str(claims["sub"]) if holds and claims["sub"] else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_short(token: str, secret: str, at: datetime) -> str | None:
    encoded, mac = token[:-_MAC_CHARACTERS], token[-_MAC_CHARACTERS:]
    try:
        payload = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        customer_id, _, end = payload.decode().rpartition(".")
    except ValueError:  # no base64, or no text in it
        return None
    if not hmac.compare_digest(mac.encode(), _mac(payload, secret).encode()):
        return None
    return customer_id or None if end.isdigit() and at.timestamp() < int(end) else None


def _mac(payload: bytes, secret: str) -> str:
    return _base64(hmac.new(secret.encode(), _PURPOSE + payload, hashlib.sha256).digest()[:_MAC_BYTES])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
