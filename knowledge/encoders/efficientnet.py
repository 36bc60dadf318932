"""EfficientNet-Lite0 on onnxruntime: features of photos, by which they are told apart and found. Needs no torch."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
# A JPEG may be decoded at a half, a quarter or an eighth of its size as long as its sides stay above this.
DRAFT = 2 * SIDE


@dataclass(frozen=True, slots=True)
class Framing:
    """The square in the middle that is shown of a photo: `part` of the short side, scaled to `side` pixels."""

    side: int
    part: float


class EfficientNetEncoder:
    """`PhotoEncoder` with the model that `efficientnet_build.build` made."""

    name = "efficientnet-lite0-2"
    dimension = DIMENSION
    framing = Framing(SIDE, 0.875)

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
        [features] = self._session.run(None, {"pixels": _pixels(open_photo(image), self.framing)})
        row: NDArray[np.float32] = features[0]
        return row


class TunedEncoder(EfficientNetEncoder):
    """`PhotoEncoder` with a network that went on learning from a shop's photos (`knowledge.photos.tuning`)."""

    framing = Framing(192, 1.0)

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        super().__init__(model, threads=threads)
        self.name = model.stem


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


def normalised(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels as the network takes them, from -1 to 1, shape (pictures, 3, rows, columns), of bytes with the colours last."""
    return ((pictures.astype(np.float32) - 127.0) / 128.0).transpose(0, 3, 1, 2)


def _pixels(image: Image.Image, framing: Framing) -> NDArray[np.float32]:
    scale = framing.side / framing.part / min(image.size)
    width, height = (max(framing.side, round(length * scale)) for length in image.size)
    # Only the centre is scaled: all of a picture that is a hundred times as long as wide would be a hundred times the work.
    left, upper = (width - framing.side) // 2, (height - framing.side) // 2
    across, down = image.width / width, image.height / height
    centre = (left * across, upper * down, (left + framing.side) * across, (upper + framing.side) * down)
    return normalised(np.asarray(image.resize((framing.side, framing.side), Image.Resampling.BICUBIC, box=centre))[None])
