"""A picture as customers might have taken it: other crops, light, backgrounds and sides, as JPEG. Pure; the same seed, the
same views.

The crops are those of Szegedy et al., "Going deeper with convolutions", CVPR 2015: a random part of the area, at some ratio.
"""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image, ImageEnhance, ImageOps, ImageStat

from knowledge.encoders.efficientnet import open_photo

SIDE = 256
QUALITY = 85
# Of thumbnails, of which parts are enlarged.
FINE_QUALITY = 92
AREA = (0.35, 1.0)
RATIO = 4 / 3
LIGHT = (0.7, 1.3)
TURN = 12.0
# Of so many views one shows the thing smaller, on a ground of some other colour.
GROUND_EVERY = 4


def views(data: bytes, count: int, seed: int) -> list[bytes]:
    """`count` views of a picture, each a JPEG of at most 256 pixels a side. Raises BadPhoto for what is no picture."""
    image = open_photo(data)
    image.thumbnail((2 * SIDE, 2 * SIDE))
    chance = np.random.default_rng(seed)
    return [_written(_lit(_placed(image, number, chance), chance), QUALITY) for number in range(count)]


def thumbnail(data: bytes) -> bytes:
    """A picture upright and small, as JPEG: what views of it for training are made from. Raises BadPhoto."""
    image = open_photo(data)
    scale = max(1.0, min(image.size) / SIDE)
    return _written(image.resize((round(image.width / scale), round(image.height / scale)), reducing_gap=2.0), FINE_QUALITY)


def training_view(image: Image.Image, side: int, chance: np.random.Generator) -> Image.Image:
    """A part of a picture in other light, half of the time mirrored, half of the time turned; square, of `side` pixels."""
    placed = _mirrored(_cropped(image, side, chance), chance)
    if chance.random() < 0.5:
        mean = tuple(int(value) for value in ImageStat.Stat(placed).mean)
        placed = placed.rotate(chance.uniform(-TURN, TURN), Image.Resampling.BILINEAR, fillcolor=mean)
    return _lit(placed, chance)


def _placed(image: Image.Image, number: int, chance: np.random.Generator) -> Image.Image:
    placed = _on_ground(image, chance) if number % GROUND_EVERY == GROUND_EVERY - 1 else _cropped(image, SIDE, chance)
    return _mirrored(placed, chance)


def _mirrored(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    return ImageOps.mirror(image) if chance.random() < 0.5 else image


def _cropped(image: Image.Image, side: int, chance: np.random.Generator) -> Image.Image:
    area = chance.uniform(*AREA) * image.width * image.height
    ratio = math.exp(chance.uniform(-math.log(RATIO), math.log(RATIO)))
    width, height = min(image.width, math.sqrt(area * ratio)), min(image.height, math.sqrt(area / ratio))
    left, upper = chance.uniform(0, image.width - width), chance.uniform(0, image.height - height)
    return image.resize((side, side), Image.Resampling.BILINEAR, box=(left, upper, left + width, upper + height))


def _on_ground(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """The picture turned a little, at half to nine tenths of its size, on a plain ground."""
    ground = Image.new("RGB", (SIDE, SIDE), tuple(chance.integers(0, 256, 3).tolist()))
    part = int(SIDE * chance.uniform(0.5, 0.9))
    turned = ImageOps.contain(image, (part, part)).convert("RGBA").rotate(chance.uniform(-TURN, TURN), expand=True)
    left, upper = (int(chance.uniform(0, max(1, SIDE - side))) for side in turned.size)
    ground.paste(turned, (left, upper), turned)
    return ground


def _lit(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast):
        image = enhancer(image).enhance(chance.uniform(*LIGHT))
    return image


def _written(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
