"""Pictures at the REST door: what would cost too much is refused before it is decoded, and what is kept holds no secrets."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from bot.errors import BadPhoto
from channels.common import photos
from channels.common.pictures import KEPT_PIXELS, drawn_anew
from tests.channels.web.conftest import Web, jpeg, png
from tests.channels.web.test_rest import URL

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def film(frames: int) -> bytes:
    """A GIF in which a pixel blinks."""
    head = b"GIF89a" + bytes((9, 0, 9, 0, 0x80, 0, 0)) + b"\0\0\0\xff\xff\xff"
    pixel = bytes((0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0)) + b"\x02\x02\x44\x01\x00"
    return head + pixel * frames + b";"


async def send(client: httpx.AsyncClient, data: bytes) -> httpx.Response:
    photo = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    return await client.post(URL, json={"sender": "ann", "message": "这是什么", "metadata": {"photo": photo}})


async def kept(web: Web, client: httpx.AsyncClient, data: bytes) -> Image.Image:
    """The picture that is kept of one that is sent."""
    assert (await send(client, data)).status_code == 200
    (message,) = web.receiver.messages.values()
    image = Image.open(io.BytesIO(await web.store.read(message.photos[0])))
    assert Image.MIME[str(image.format)] == message.photos[0].media_type
    return image


REFUSED = {
    "thin": (png(1, 20_000), "1x20000"),
    "thinner": (png(1, 40_000), "1x40000"),
    "wide": (png(20_000, 1), "20000x1"),
    "a bomb": (written(Image.new("1", (20_000, 20_000)), "PNG"), "400000000 pixels"),
    "half a PNG": (png(200, 200)[:-40], "cannot be read"),
    "half a JPEG": (jpeg()[:-400], "truncated"),
    "a film": (film(2_000), "2,000 frames"),
    "a drawing": (SVG, "3c 3f 78 6d"),
    "a document": (b"%PDF-1.7\n" + jpeg(), "25 50 44 46"),
    "another format": (written(Image.new("RGB", (9, 9)), "BMP"), "42 4d"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_photo_is_named_and_not_kept(web: Web, client: httpx.AsyncClient, data: bytes, words: str) -> None:
    started = time.perf_counter()
    response = await send(client, data)
    assert time.perf_counter() - started < 5
    assert response.status_code == 422
    assert (response.json()["key"], response.json()["type"]) == ("metadata.photo", "urn:streamdesk:problem:bad-photo")
    assert words in response.json()["detail"]
    assert response.json()["remedy"].startswith("Send a")
    assert not web.receiver.messages
    assert not web.store._photos


async def test_a_rotated_photo_is_kept_upright_and_without_its_place(web: Web, client: httpx.AsyncClient) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # the camera was held upright
    exif[Base.Make] = "Phone of Ann"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (31.0, 14.0, 12.5)
    image = Image.new("RGB", (300, 200), "white")
    image.paste("red", (0, 0, 150, 200))
    sent = written(image, "JPEG", exif=exif, comment=b"at home, 31.23N 121.47E", xmp=b"<x:xmpmeta>121.47E</x:xmpmeta>")
    assert dict(Image.open(io.BytesIO(sent)).getexif().get_ifd(IFD.GPSInfo))
    photo = await kept(web, client, sent)
    assert photo.size == (200, 300)
    assert photo.getpixel((100, 50))[0] > 200 > 50 > photo.getpixel((100, 50))[1]  # type: ignore[index]
    assert not photo.getexif()
    bare = io.BytesIO()
    photo.save(bare, "PNG")
    (message,) = web.receiver.messages.values()
    data = await web.store.read(message.photos[0])
    assert not any(secret in data for secret in (b"Ann", b"121.47E", b"Exif", b"xmpmeta"))


async def test_text_and_trailing_bytes_of_a_png_are_not_kept(web: Web, client: httpx.AsyncClient) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "Ann Li")
    await kept(web, client, written(Image.new("RGB", (9, 9)), "PNG", pnginfo=notes) + b"PK\x03\x04 a zip")
    (message,) = web.receiver.messages.values()
    data = await web.store.read(message.photos[0])
    assert b"Ann" not in data
    assert b"zip" not in data


async def test_pictures_of_rare_kinds_look_as_they_were_sent(web: Web, client: httpx.AsyncClient) -> None:
    ramp = Image.fromarray(np.tile(np.linspace(0, 65_535, 64).astype(np.uint16), (64, 1)))
    grey = np.asarray(await kept(web, client, written(ramp, "PNG")))
    assert [int(grey[5, x, 0]) for x in (0, 32, 63)] == [0, 130, 255]


@pytest.mark.parametrize(
    ("data", "kind", "color"),
    [
        (written(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG"), "JPEG", (254, 0, 0)),
        (written(Image.new("P", (64, 64), 0), "GIF"), "PNG", (0, 0, 0)),
        (film(3), "PNG", (0, 0, 0)),
        (written(Image.new("RGB", (64, 64), "red"), "WEBP"), "JPEG", (254, 0, 0)),
        (written(Image.new("RGBA", (64, 64), (255, 0, 0, 40)), "WEBP", lossless=True), "PNG", (255, 0, 0, 40)),
        (
            written(Image.new("RGB", (64, 64), "red"), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))]),
            "JPEG",
            (254, 0, 0),
        ),
    ],
    ids=["CMYK", "palette", "short film", "WebP", "transparent WebP", "two in one JPEG, as phones write them"],
)
async def test_every_kind_is_kept_as_a_plain_picture(
    web: Web, client: httpx.AsyncClient, data: bytes, kind: str, color: tuple[int, ...]
) -> None:
    photo = await kept(web, client, data)
    assert photo.format == kind
    assert photo.getpixel((5, 5)) == pytest.approx(color, abs=4)


async def test_a_large_photo_and_a_long_screenshot_are_kept_with_bounded_pixels(web: Web, client: httpx.AsyncClient) -> None:
    photo = await kept(web, client, png(1_000, 29_000))
    assert photo.width * photo.height == pytest.approx(KEPT_PIXELS, rel=0.01)
    assert photo.height / photo.width == pytest.approx(29, rel=0.01)


async def test_a_picture_that_takes_too_long_is_refused(
    web: Web, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "DRAWING_S", 0.0)
    response = await send(client, png(500, 500))
    assert (response.status_code, response.json()["key"]) == (422, "metadata.photo")
    assert not web.store._photos


async def test_nobody_waits_while_a_picture_is_drawn(client: httpx.AsyncClient) -> None:
    sending = asyncio.create_task(send(client, png(6_000, 6_000)))
    answered = 0
    while not sending.done():
        assert (await client.get("/webhooks/rest/")).status_code == 200
        answered += 1
        await asyncio.sleep(0.001)
    assert answered > 1


@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
def test_broken_pictures_are_refused_or_whole(kind: str, place: int, noise: bytes) -> None:
    data = written(Image.effect_noise((40, 30), 60), kind)
    place %= len(data)
    broken = data[:place] + noise + data[place + len(noise) :]
    try:
        photo, _ = drawn_anew(broken)
    except BadPhoto:
        return
    Image.open(io.BytesIO(photo)).load()
