"""What a page of the stage is sent."""

from __future__ import annotations

import asyncio
import base64
import io
import wave

import numpy as np
from fastapi import FastAPI

from bot.fakes import FakeLimits
from channels.stage.claims import Sentence
from channels.stage.socket import StagePages, stage_router
from channels.stage.voice.clips import RATE, Clip, Timing
from tests.channels.asgi import AsgiSocket

MUG = Sentence("A mug, ¥99.", "en", product_id="P1")
CARDS = {"P1": {"id": "P1", "price": "¥99"}}
CLIP = Clip.of("A mug,", np.full(RATE // 2, 0.25, np.float32), [Timing(0.0, 0.5, "a", "aa")])


def served(pages: StagePages) -> FastAPI:
    app = FastAPI()
    app.include_router(stage_router(pages, FakeLimits()))
    return app


async def test_a_page_is_sent_sentences_clips_and_stops() -> None:
    pages = StagePages(CARDS.get)
    async with AsgiSocket(served(pages), "/stage/socket") as page:
        assert await page.receive() == {"type": "hello", "rate": RATE}
        pages.caption(1, MUG, spoken=True)
        pages.play(1, CLIP)
        pages.stop(1)
        caption, clip, stop = [await page.receive() for _ in range(3)]
    assert caption == {
        "type": "caption",
        "cue": 1,
        "spoken": True,
        "seconds": 1.771,
        "text": MUG.text,
        "language": "en",
        "topic": "",
        "asked": None,
        "product_id": "P1",
        "product": CARDS["P1"],
    }
    assert (clip["type"], clip["cue"], clip["seconds"], clip["visemes"]) == ("clip", 1, 0.5, [[0.0, 0.5, "aa"]])
    with wave.open(io.BytesIO(base64.b64decode(clip["wav"]))) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (RATE, RATE // 2)
    assert stop == {"type": "stop", "cue": 1}
    assert len(pages) == 0


async def test_who_comes_later_sees_what_is_on() -> None:
    pages = StagePages(CARDS.get)
    pages.caption(7, MUG, spoken=True)
    async with AsgiSocket(served(pages), "/stage/socket") as page:
        assert [(await page.receive())["type"] for _ in range(2)] == ["hello", "caption"]
    pages.stop(7)
    async with AsgiSocket(served(pages), "/stage/socket") as page:
        await page.receive()
        pages.caption(8, MUG, spoken=False)
        assert (await page.receive())["cue"] == 8


async def test_nothing_is_taken_from_a_page() -> None:
    async with AsgiSocket(served(StagePages(CARDS.get)), "/stage/socket") as page:
        await page.receive()
        await page.send(type="say", text="buy")
        assert (await page.receive())["type"] == "refused"


async def test_a_page_that_does_not_read_is_cut_off_and_holds_up_nobody() -> None:
    pages = StagePages(CARDS.get)
    async with AsgiSocket(served(pages), "/stage/socket") as slow, AsgiSocket(served(pages), "/stage/socket") as quick:
        await slow.receive()
        await quick.receive()
        slow.stall()
        for cue in range(80):
            pages.stop(cue)
            assert (await quick.receive())["cue"] == cue
        await asyncio.sleep(0)
        slow.resume()
        await asyncio.sleep(0.01)
        assert len(pages) == 1
