"""The stage as a channel of the service: a host that speaks, and the pages that see and hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SecretStr

from bot.channel import Channel, Gauge, OpenChannel, Section, ServiceParts
from bot.errors import BadSettings
from bot.types import Entity

if TYPE_CHECKING:  # loads numpy
    from channels.stage.voice.speech import Engine, Voices

EngineName = Literal["kokoro", "openai", "captions"]
VOICES: Mapping[EngineName, Mapping[str, str]] = {
    "kokoro": {"zh": "zf_xiaoxiao", "en": "af_heart"},
    "openai": {"zh": "coral", "en": "coral"},
    "captions": {"zh": "", "en": ""},
}


class StageSettings(Section):
    """The section `channels.stage`. Of the `engines` the first that works speaks; where none does, sentences are only shown.

    Answers of the room that wait for longer than `answer_stale_s` are not said any more.
    `voices` by engine and language, over `VOICES`; those of Kokoro are files in `voices_folder`. The key of the speech
    server comes from the environment: STREAMDESK_STAGE_OPENAI_KEY.
    """

    enabled: bool = False
    room: str = "main"
    language: Literal["zh", "en"] = "zh"
    engines: tuple[EngineName, ...] = ()
    voices: Mapping[EngineName, Mapping[str, str]] = {}
    voices_folder: Path = Path("var/voices")
    openai_url: str = "https://api.openai.com/v1/"
    openai_model: str = "gpt-4o-mini-tts"
    openai_key: SecretStr = SecretStr("")
    answer_stale_s: Annotated[float, Field(ge=1, le=600)] = 25

    def voices_of(self, engine: EngineName) -> Mapping[str, str]:
        """The voice of an engine for each language."""
        return {**VOICES[engine], **self.voices.get(engine, {})}


@asynccontextmanager
async def open_stage(settings: StageSettings, parts: ServiceParts) -> AsyncIterator[OpenChannel]:
    """The show. Raises BadSettings for an engine that is not installed or a voice that is not there."""
    from channels.stage.cues import Why
    from channels.stage.driver import Driver
    from channels.stage.guard import Guard
    from channels.stage.host import VirtualHost
    from channels.stage.pages import page_routes
    from channels.stage.show import Show
    from channels.stage.socket import TAGS, StagePages, stage_router
    from channels.stage.state import State
    from channels.stage.voice.speech import Speech

    async with AsyncExitStack() as closing:
        engines: dict[str, tuple[Engine, Voices]] = {name: await _open(name, settings, closing) for name in settings.engines}

        def orders(text: str) -> Iterable[Entity]:  # by the forms of order numbers as they are at that moment
            return parts.numbers.forms.private(text)

        guard = Guard(orders=orders)
        show = Show(parts.shop, parts.clock, parts.zone, settings.room, settings.language, guard=guard)
        pages = StagePages(show.card)
        driver = Driver(
            Speech(engines),
            pages,
            parts.clock,
            state=State(settings.engines),
            tables=show.tables,
            listener=show.listen,
            guard=guard,
        )
        host = VirtualHost(driver, guard, stale_s=settings.answer_stale_s, refused=lambda: show.refused)
        parts.stages.open(settings.room, host)
        closing.callback(parts.stages.close, settings.room)
        gauges = (
            Gauge("stage_pages", "Pages that the stage is open on", lambda: len(pages)),
            Gauge("stage_dropped", "Utterances and sentences not said", lambda: sum(driver.state.dropped.values())),
            Gauge("stage_improper", "Sentences that the guard refused", lambda: driver.state.dropped.get(Why.IMPROPER, 0)),
        )
        work = (driver.run, partial(show.run, driver))
        yield OpenChannel({}, (stage_router(pages, parts.limits), *page_routes()), TAGS, work, gauges=gauges)


async def _open(name: EngineName, settings: StageSettings, closing: AsyncExitStack) -> tuple[Engine, Voices]:
    voices = settings.voices_of(name)
    match name:
        case "kokoro":
            return await _open_kokoro(settings, voices, closing), voices
        case "openai":
            return await _open_openai(settings, closing), voices
        case "captions":
            from channels.stage.voice.captions import Captions

            return Captions(), voices


async def _open_kokoro(settings: StageSettings, voices: Voices, closing: AsyncExitStack) -> Engine:
    import asyncio

    from channels.stage.voice.kokoro_files import load_kokoro

    loaded = await asyncio.to_thread(load_kokoro, settings.voices_folder, tuple(voices.values()))
    return await closing.enter_async_context(loaded)


async def _open_openai(settings: StageSettings, closing: AsyncExitStack) -> Engine:
    import httpx

    from channels.stage.voice.openai import OpenAISpeech

    key = settings.openai_key.get_secret_value()
    if not key:
        remedy = "Set STREAMDESK_STAGE_OPENAI_KEY; for a server that wants none, to any word."
        raise BadSettings("the key of the speech server is missing.", where="channels.stage", remedy=remedy)
    headers = {"Authorization": f"Bearer {key}"}
    url = settings.openai_url.rstrip("/") + "/"
    return OpenAISpeech(
        await closing.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers)), settings.openai_model
    )


CHANNEL = Channel("stage", StageSettings, open_stage)
