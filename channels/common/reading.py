"""Reading what clients send: bodies of bounded size, JSON objects with known keys, texts that can be stored.

Every refusal is a BadRequest that names key, value and remedy.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from starlette.requests import Request

from channels.common.problems import BadRequest

MAX_TEXT = 4_000
MAX_NAME = 200


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, or BadRequest (413) as soon as it is known to exceed `limit` bytes."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(int(declared), limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(size, limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(size: int, limit: int) -> BadRequest:
    return BadRequest(
        f"the body has {size} bytes or more; {limit} are allowed.",
        key="body",
        value=size,
        remedy="Send less: shorten the message or the photo.",
        status=413,
    )


def parse_object(body: bytes | str) -> dict[str, Any]:
    """The JSON object in `body`."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _no_json(body, error) from error
    if not isinstance(value, dict):
        raise BadRequest(
            f"expected a JSON object, found {_kind(value)}.", key="body", value=value, status=400, remedy='Send {"…": …}.'
        )
    return value


def refuse_unknown(value: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse the first key that is not in `known`."""
    for key in value:
        if key not in known:
            raise BadRequest(
                f"unknown field {key!r}.", key=key, value=value[key], remedy=f"Known fields: {', '.join(sorted(known))}."
            )


def _no_json(body: bytes | str, error: orjson.JSONDecodeError) -> BadRequest:
    if isinstance(body, bytes):
        try:
            body.decode()
        except UnicodeDecodeError as broken:
            return BadRequest(
                f"the body is not UTF-8: byte {broken.start} (0x{body[broken.start]:02x}) belongs to no character.",
                key="body",
                value=f"0x{body[broken.start : broken.start + 8].hex()}",
                status=400,
                remedy="Encode the JSON as UTF-8.",
            )
    return BadRequest(
        f"the body is no valid JSON: {error}.", key="body", value=body[:64], status=400, remedy="Send one JSON object."
    )


def message_text(value: Any, key: str, *, has_photo: bool = False, limit: int = MAX_TEXT) -> str:
    """A message of 1 to `limit` characters without null bytes; beside a photo it may be empty."""
    text = optional_text(value, key, limit)
    if not text.strip() and not has_photo:
        raise BadRequest("is empty.", key=key, value=text, remedy="Send at least one visible character.")
    return text


def optional_text(value: Any, key: str, limit: int = MAX_NAME) -> str:
    """A text of at most `limit` characters without null bytes; empty where it is missing or null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"must be a text, not {_kind(value)}.", key=key, value=value, remedy='Send it in quotes: "…".')
    if len(value) > limit:
        raise BadRequest(
            f"has {len(value):,} characters; {limit:,} are allowed.",
            key=key,
            value=value,
            remedy="Shorten it, or send it in parts.",
        )
    if "\0" in value:
        raise BadRequest(
            f"has a null byte at position {value.index(chr(0))}.",
            key=key,
            value=value,
            remedy="Remove the character U+0000.",
        )
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
