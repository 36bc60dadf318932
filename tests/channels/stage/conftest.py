"""The stage with the captions engine, served to pages of one browser a module."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser

from bot.clock import SystemClock
from bot.fakes import FakeLimits
from channels.stage.cards import card
from channels.stage.claims import Claims, Sentence
from channels.stage.cues import Event, Priority, Prompter, Say, Utterance
from channels.stage.driver import Driver
from channels.stage.pages import page_routes
from channels.stage.socket import StagePages, stage_router
from channels.stage.state import State
from channels.stage.voice.captions import Captions
from channels.stage.voice.speech import Speech
from channels.web.pages import page_routes as shared_files
from tests.channels.browsers import chromium
from tests.channels.stage.shop import TENT, facts_of
from tests.channels.test_pages import Visit
from tests.channels.web.demo import served

CARD = card(facts_of(TENT))


class Yes:
    """`Prompter` for whom all is true."""

    def still_true(self, claims: Claims) -> bool:
        return True

    def proper(self, sentence: Sentence) -> bool:
        return True

    def fresh(self, sentence: Sentence) -> bool:
        return True

    def reword(self, sentence: Sentence) -> Sentence | None:
        return None

    def bridge(self, sentence: Sentence) -> Sentence | None:
        return None


class Stage:
    """The driver with pages, served from a thread of its own."""

    def __init__(self) -> None:
        self.pages = StagePages({"T1": CARD}.get)
        engines: Any = {"captions": (Captions(), {"zh": "", "en": ""})}
        self.driver = Driver(
            Speech(engines),
            self.pages,
            SystemClock(),
            state=State(("captions",)),
            tables=self._tables,
            listener=lambda order, now: None,
        )
        self.app = FastAPI(lifespan=self._lifespan)
        self.app.include_router(stage_router(self.pages, FakeLimits()))
        self.app.router.routes.extend([*page_routes(), *shared_files()])

    async def _tables(self, products: frozenset[str], now: datetime) -> Prompter:
        return Yes()

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        work = asyncio.create_task(self.driver.run())
        yield
        work.cancel()

    def put(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self.driver.put, event)

    def say(self, sentence: Sentence, priority: Priority = Priority.NARRATION) -> None:
        self.put(Say(Utterance(sentence.text, priority, (sentence,))))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@contextlib.asynccontextmanager
async def visiting(browser: Browser, address: str) -> AsyncIterator[Visit]:
    visiting, others = Visit(browser, address), set(browser.contexts)
    try:
        yield visiting
    finally:
        for context in set(browser.contexts) - others:
            await context.close()
    assert visiting.problems == []


@pytest.fixture
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with served(stage.app) as address:
        yield stage, address
