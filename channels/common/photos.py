"""Photos that clients send: proven to be pictures before they are kept."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.errors import BadPhoto
from bot.ports import Photos
from bot.types import Photo
from channels.common.pictures import REMEDY, drawn_anew
from channels.common.problems import BadRequest

MAX_PHOTO = 8 * 1024 * 1024
# How long a photo may wait for its turn and be drawn, in seconds.
DRAWING_S = 20.0
# Pictures drawn at once. A picture takes memory by its pixels: with each of them waiting their turn, it is bounded.
DRAWN_AT_ONCE = 2
_DATA_URL = re.compile(r"data:[\w/+.-]*(?:;[\w=.-]+)*;base64,", re.ASCII)
_drawing = ThreadPoolExecutor(DRAWN_AT_ONCE, thread_name_prefix="photos")


async def keep_photo(photos: Photos, data: bytes, key: str = "photo") -> Photo:
    """Keep the picture in `data`, upright and without its camera's notes.

    Every photo that customers send comes through here. Raises BadPhoto (no picture, or one that costs too much) or
    BadRequest (too large).
    """
    if len(data) > MAX_PHOTO:
        raise BadRequest(f"has {len(data):,} bytes.", key=key, value=len(data), remedy=REMEDY, status=413)
    try:
        async with asyncio.timeout(DRAWING_S):
            kept, media_type = await asyncio.get_running_loop().run_in_executor(_drawing, drawn_anew, data)
    except BadPhoto as error:
        raise BadPhoto(error.what, where=key, remedy=error.remedy) from error
    except TimeoutError as error:
        raise BadPhoto(f"took more than {DRAWING_S:g} s to read.", where=key, remedy=REMEDY) from error
    return await photos.save(kept, media_type)


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
