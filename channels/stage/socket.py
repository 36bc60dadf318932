"""The pages of the stage: the WebSocket /stage/socket, by which they see and hear the host. See docs/stage.md."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket

from bot.ports import Limits
from channels.common.limiting import address_of, refuse_excess
from channels.common.problems import BadRequest, TooMany
from channels.common.sockets import TRY_AGAIN_LATER, Connection, frame, read_frames, refusal
from channels.stage.claims import Sentence
from channels.stage.pace import expected_s
from channels.stage.voice.clips import RATE, Clip

TAGS = ({"name": "Stage", "description": "What the stage's page uses: a WebSocket at `/stage/socket`."},)
# Frames that may wait for one page: some minutes of sound. A page that is further behind connects again.
QUEUE = 64

# The card of a product by its id, as the tables are now; None where nothing is known of it.
Cards = Callable[[str], dict[str, Any] | None]


class StagePages:
    """`Outlet` to every page that is open. A page that is opened in the middle of a cue sees it, and hears its next clip."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards
        self._pages: set[Connection] = set()
        self._shown = ""

    def __len__(self) -> int:
        return len(self._pages)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it goes. Nothing but pings is taken from it."""
        connection = Connection(socket, QUEUE)
        self._pages.add(connection)
        connection.push(frame("hello", rate=RATE))
        if self._shown:
            connection.push(self._shown)
        try:
            await connection.serve(_answer_pings(socket, connection))
        finally:
            self._pages.discard(connection)

    def caption(self, cue: int, sentence: Sentence, *, spoken: bool) -> None:
        """Show a sentence with the card of its product. `spoken`: clips follow."""
        about = {"text": sentence.text, "language": sentence.language, "topic": sentence.topic}
        asked = {"asked": asdict(sentence.asked) if sentence.asked else None}
        product = {"product_id": sentence.product_id, "product": self._cards(sentence.product_id)}
        seconds = round(expected_s(sentence.text), 3)
        self._shown = frame("caption", cue=cue, spoken=spoken, seconds=seconds, **about, **asked, **product)
        self._push(self._shown)

    def play(self, cue: int, clip: Clip) -> None:
        """Play a clip after those of the same cue. Its sound is a WAV file in base64, empty where there is none."""
        visemes = [[round(t.start, 3), round(t.end, 3), t.viseme] for t in clip.timings]
        sound = base64.b64encode(clip.wav()).decode()
        self._push(frame("clip", cue=cue, seconds=round(clip.seconds, 3), text=clip.text, visemes=visemes, wav=sound))

    def stop(self, cue: int) -> None:
        """Silence a cue, with all of it that waits in the page."""
        self._shown = ""
        self._push(frame("stop", cue=cue))

    def _push(self, text: str) -> None:
        for page in tuple(self._pages):
            page.push(text)


async def _answer_pings(socket: WebSocket, connection: Connection) -> None:
    async for received in read_frames(socket, connection):
        if received.get("type") == "ping":
            connection.push(frame("pong"))
        else:
            refused = BadRequest("is not read.", key="frame", remedy="Send nothing but pings here.", status=400)
            connection.push(refusal(refused))


def stage_router(pages: StagePages, limits: Limits) -> APIRouter:
    """The WebSocket /stage/socket. Pages open no more of it than `limits` allows from one address."""
    router = APIRouter(prefix="/stage", tags=["Stage"])

    @router.websocket("/socket")
    async def watch(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await refuse_excess(limits, "sockets", address_of(socket), socket.headers.get("accept-language"))
        except TooMany as error:
            await socket.send_text(refusal(error))
            await socket.close(TRY_AGAIN_LATER, "too many at once")
            return
        await pages.serve(socket)

    return router
