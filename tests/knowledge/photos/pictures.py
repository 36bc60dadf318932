"""Pictures and an encoder for tests: it sees a picture's coarse layout of colours, and nothing has to be built."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from knowledge.encoders.efficientnet import open_photo
from knowledge.photos.whitening import unit


class Layout:
    """`PhotoEncoder` by the colours of 4 x 4 fields; `seen` counts the pictures."""

    name = "layout"
    dimension = 48

    def __init__(self) -> None:
        self.seen = 0

    async def encode(self, images: Sequence[bytes]) -> NDArray[np.float32]:
        self.seen += len(images)
        rows = [np.asarray(open_photo(image).resize((4, 4)), np.float32).ravel() + 1 for image in images]
        return unit(np.array(rows, np.float32).reshape(len(images), 48))


def picture(shape: str, colour: str, side: int = 96, kind: str = "PNG") -> bytes:
    """A disc, a bar or a frame of some colour on white."""
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    box = {"disc": (side // 5, side // 5, side * 4 // 5, side * 4 // 5), "bar": (0, side // 3, side, side * 2 // 3)}
    if shape == "disc":
        draw.ellipse(box["disc"], fill=colour)
    elif shape == "bar":
        draw.rectangle(box["bar"], fill=colour)
    else:
        draw.rectangle((0, 0, side - 1, side - 1), outline=colour, width=side // 5)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def noise(side: int) -> bytes:
    """A picture of nothing."""
    pixels = np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
