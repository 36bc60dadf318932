"""From the bytes that somebody sent to the picture that is kept: looked over before it is decoded, then drawn anew.

What is kept is our own drawing: upright, of bounded size, and without what a camera writes beside the picture, such as
where it was taken. Pure.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.errors import BadPhoto

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
REMEDY = "Send a JPEG, PNG, WebP or GIF picture of at most 8 MB and 50 megapixels."

# What a file may say of itself. The longest pictures that people send are screenshots of whole chats.
MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
MAX_RATIO = 40
MAX_FRAMES = 300
# What is kept has no more pixels than a phone's photo: an agent sees every detail, and nothing later costs more.
KEPT_PIXELS = 12_000_000
_QUALITY = 90


def drawn_anew(data: bytes) -> tuple[bytes, str]:
    """The picture in `data` as it may be kept, and its media type. Raises BadPhoto, whose `where` is still to be said."""
    from PIL import Image, UnidentifiedImageError  # takes a tenth of a second; only those who send photos wait for it

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _look_over(picture)
            return _kept(picture)
    except BadPhoto:
        raise
    except UnidentifiedImageError as error:
        start = data[:16].hex(" ") or "no bytes"
        raise BadPhoto(f"cannot be read as a picture (it begins with {start}).", remedy=REMEDY) from error
    except Exception as error:  # on broken files Pillow's readers raise whatever their parsing meets
        raise BadPhoto(f"is a picture that cannot be read ({error}).", remedy=REMEDY) from error


def _look_over(picture: Image.Image) -> None:
    """Refuse what would cost too much, by the file's header alone: nothing is decoded yet."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise BadPhoto(f"has {width}x{height} pixels.", remedy=REMEDY)
    if max(width, height) > MAX_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        remedy = f"Send a picture of at most {MAX_SIDE:,} pixels a side, and at most {MAX_RATIO} times as long as wide."
        raise BadPhoto(f"is a strip of {width}x{height} pixels.", remedy=remedy)
    frames = getattr(picture, "n_frames", 1)
    if frames > MAX_FRAMES:
        raise BadPhoto(f"is a film of {frames:,} frames.", remedy=f"Send a still, or at most {MAX_FRAMES} frames.")


def _kept(picture: Image.Image) -> tuple[bytes, str]:
    from PIL import ImageOps

    photographed = picture.format not in ("PNG", "GIF")  # two pictures in one JPEG, as phones write them, are an "MPO"
    smaller = min(1.0, (KEPT_PIXELS / (picture.width * picture.height)) ** 0.5)
    size = (max(1, round(picture.width * smaller)), max(1, round(picture.height * smaller)))
    picture.draft("RGB", size)  # a JPEG is decoded at half or a quarter of its size where that is enough
    image = _coloured(picture)
    image = ImageOps.exif_transpose(image if image.size == size else image.resize(size))
    kind = "JPEG" if photographed and image.mode == "RGB" else "PNG"
    return _written(image, kind), MEDIA_TYPES[kind]


def _coloured(picture: Image.Image) -> Image.Image:
    """The first frame in RGB, or in RGBA where something shines through."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _written(image: Image.Image, kind: str) -> bytes:
    from PIL import Image

    bare = Image.new(image.mode, image.size)  # has nothing beside its pixels, whatever a format's writer would take along
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": _QUALITY} if kind == "JPEG" else {}))
    return out.getvalue()
