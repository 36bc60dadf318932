"""EfficientNet-Lite0 on onnxruntime: features of photos, by which they are told apart and found. Needs no torch."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import BadPhoto
from knowledge.encoders.e5 import open_session
from knowledge.encoders.efficientnet_build import SIDE

DIMENSION = 1280
MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
# As in training: the short side is scaled to 224 / 0.875, the centre is cut out, pixels become (x - 127) / 128.
CROP = 0.875
# A JPEG may be decoded at a half, a quarter or an eighth of its size as long as its sides stay above this.
DRAFT = 2 * SIDE


class EfficientNetEncoder:
    """`PhotoEncoder` with the model that `efficientnet_build.build` made."""

    name = "efficientnet-lite0-2"
    dimension = DIMENSION

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        """`threads` are onnxruntime's own for one run."""
        self._session = open_session(model, threads)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="photos")

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        """Features of unit length, shape (len(images), 1280). Raises BadPhoto."""
        loop = asyncio.get_running_loop()
        rows = [await loop.run_in_executor(self._executor, self._run, image) for image in images]
        return np.array(rows, np.float32).reshape(len(images), DIMENSION)

    def _run(self, image: bytes) -> NDArray[np.float32]:
        [features] = self._session.run(None, {"pixels": _pixels(image)})
        row: NDArray[np.float32] = features[0]
        return row


def open_photo(data: bytes) -> Image.Image:
    """The picture in `data`, upright, in RGB. Raises BadPhoto for what is no picture, too large, or cut short."""
    remedy = "Send a JPEG, PNG or WebP picture of up to 20 MB."
    if len(data) > MAX_BYTES:
        raise BadPhoto(f"the photo has {len(data):,} bytes.", remedy=remedy)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise BadPhoto(f"the photo has {image.width} x {image.height} pixels.", remedy=remedy)
                image.draft("RGB", (DRAFT, DRAFT))
                return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPhoto(f"this is no picture that can be read ({error}).", remedy=remedy) from error


def _pixels(data: bytes) -> NDArray[np.float32]:
    image = open_photo(data)
    scale = SIDE / CROP / min(image.size)
    width, height = (max(SIDE, round(length * scale)) for length in image.size)
    # Only the centre is scaled: all of a picture that is a hundred times as long as wide would be a hundred times the work.
    left, upper = (width - SIDE) // 2, (height - SIDE) // 2
    across, down = image.width / width, image.height / height
    centre = (left * across, upper * down, (left + SIDE) * across, (upper + SIDE) * down)
    array = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=centre), np.float32)
    return ((array - 127.0) / 128.0).transpose(2, 0, 1)[None]
