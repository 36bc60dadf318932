"""Photos that clients send: proven to be pictures before they are kept."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import re
import warnings
from typing import Any

from bot.errors import BadPhoto
from bot.ports import Photos
from bot.types import Photo
from channels.web.problems import BadRequest

MAX_PHOTO = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_DATA_URL = re.compile(r"data:[\w/+.-]*(?:;[\w=.-]+)*;base64,", re.ASCII)
_REMEDY = "Send a JPEG, PNG, WebP or GIF picture of at most 8 MB and 50 megapixels."


async def keep_photo(photos: Photos, data: bytes, key: str = "photo") -> Photo:
    """Check that `data` is a picture and keep it. Raises BadPhoto (no picture) or BadRequest (too large)."""
    if len(data) > MAX_PHOTO:
        raise BadRequest(f"has {len(data):,} bytes.", key=key, value=len(data), remedy=_REMEDY, status=413)
    return await photos.save(data, await asyncio.to_thread(_media_type, data, key))


def decode_data_url(value: Any, key: str) -> bytes:
    """The bytes of a base64 data URL. Raises BadRequest."""
    remedy = "Send a data URL: data:image/jpeg;base64,…"
    if not isinstance(value, str):
        raise BadRequest("must be a data URL.", key=key, value=value, remedy=remedy)
    head = _DATA_URL.match(value)
    if head is None:
        raise BadRequest("is no base64 data URL.", key=key, value=value, remedy=remedy)
    try:
        return base64.b64decode(value[head.end() :], validate=True)
    except binascii.Error as error:
        raise BadRequest(f"is no valid base64: {error}.", key=key, value=value, remedy=remedy) from error


def _media_type(data: bytes, key: str) -> str:
    from PIL import Image  # takes a tenth of a second; only those who send photos wait for it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(MEDIA_TYPES)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise BadPhoto(f"has {picture.width}x{picture.height} pixels.", where=key, remedy=_REMEDY)
                picture.draft("RGB", (64, 64))  # a JPEG is decoded small: enough to know that it is whole
                picture.load()
                return MEDIA_TYPES[str(picture.format)]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        start = data[:16].hex(" ") or "no bytes"
        raise BadPhoto(f"cannot be read as a picture (it begins with {start}).", where=key, remedy=_REMEDY) from error
