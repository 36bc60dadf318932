"""Carries out what the scheduler orders: owns the clock, the engines' work and the pages' sound.

Events come in by `put`, at any time; orders go out in their order. A stuck or failing engine costs a sentence its
deadline and never the queue: the watchdog is the scheduler's, told by `Tick`. While nothing has to be rendered now, what is
said next is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.errors import StreamdeskError
from bot.ports import Clock
from channels.stage.claims import Claims, Sentence
from channels.stage.cues import (
    Caption,
    Dropped,
    Event,
    Failed,
    Finished,
    Halt,
    Heard,
    Order,
    Prompter,
    Say,
    Sounding,
    Speak,
    Stop,
    Tick,
)
from channels.stage.guard import Guard
from channels.stage.scheduler import step
from channels.stage.state import State
from channels.stage.voice.clips import Clip
from channels.stage.voice.speech import Speech

log = structlog.get_logger(__name__)

# How often deadlines are looked at, and how long the shop's tables may take to answer, in seconds.
TICK_S, TABLES_S = 0.2, 1.0

# The tables as they are now, for the products of these ids. May raise what the shop raises.
Tables = Callable[[frozenset[str], datetime], Awaitable[Prompter]]
# Told what viewers heard out and what is not said.
Listener = Callable[[Heard | Dropped, datetime], None]
Sleep = Callable[[float], Awaitable[None]]


class Outlet(Protocol):
    """Where sound and captions go. Nothing here waits for anybody."""

    def caption(self, cue: int, sentence: Sentence, *, spoken: bool) -> None:
        """A cue begins: show its sentence. `spoken`: clips follow."""
        ...

    def play(self, cue: int, clip: Clip) -> None:
        """The next clip of a cue: it follows the one before without a gap."""
        ...

    def stop(self, cue: int) -> None:
        """Silence a cue at once, with everything of it that waits in buffers."""
        ...


class NoTables:
    """`Prompter` while the shop does not answer: only what claims nothing may be said."""

    def __init__(self, guard: Guard | None = None) -> None:
        """`guard` is the usual one where none is given."""
        self._guard = guard or Guard()

    def still_true(self, claims: Claims) -> bool:
        """Whether nothing is claimed."""
        return not claims

    def proper(self, sentence: Sentence) -> bool:
        """Whether it is fit to be said without a fact to back it."""
        return self._guard.violation(sentence) is None

    def fresh(self, sentence: Sentence) -> bool:
        """Yes: nobody knows better."""
        return True

    def reword(self, sentence: Sentence) -> Sentence | None:
        """Nothing."""
        return None

    def bridge(self, sentence: Sentence) -> Sentence | None:
        """Nothing."""
        return None


class Driver:
    """One stage. `run` works until it is cancelled; `put` takes events from whoever has some."""

    def __init__(
        self,
        speech: Speech,
        outlet: Outlet,
        clock: Clock,
        *,
        state: State,
        tables: Tables,
        listener: Listener,
        guard: Guard | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`guard` is the usual one where none is given: it looks where the shop's tables do not answer."""
        self.state = state
        self._no_tables = NoTables(guard)
        self._asked: Prompter = self._no_tables
        self._speech, self._outlet, self._clock = speech, outlet, clock
        self._tables, self._listener, self._sleep = tables, listener, sleep
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._speaking: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._next: Sentence | None = None
        self._rendering = False

    def put(self, event: Event) -> None:
        """Take an event. A safety stop is carried out before this returns, whatever the tables or engines are doing."""
        if isinstance(event, Halt):
            self._step(event, self._no_tables)
        else:
            self._events.put_nowait(event)

    async def run(self) -> None:
        """Work until cancelled; then all is silent."""
        ticking = asyncio.ensure_future(self._tick())
        try:
            while True:
                event = await self._events.get()
                self._step(event, await self._prompter(event))
                self._look_ahead()
        finally:
            if self.state.speaking is not None:
                self._outlet.stop(self.state.speaking.cue.cue)
            for task in (ticking, self._speaking, self._preparing):
                await _ended(task)

    async def _tick(self) -> None:
        while True:
            await self._sleep(TICK_S)
            if self._events.empty():
                self._events.put_nowait(Tick())

    async def _prompter(self, event: Event) -> Prompter:
        """The tables as they are now; where they do not answer in time, nothing that is claimed holds."""
        try:
            products = self.state.products | _products(event)
            async with asyncio.timeout(TABLES_S):
                return await self._tables(products, self._clock.now())
        except (StreamdeskError, TimeoutError) as error:
            log.warning("stage.no_tables", error=repr(error))
            return self._no_tables

    def _step(self, event: Event, prompter: Prompter) -> None:
        now, self._asked = self._clock.now(), prompter
        self.state, orders = step(self.state, event, now, prompter)
        for order in orders:
            self._carry_out(order, now)

    def _carry_out(self, order: Order, now: datetime) -> None:
        match order:
            case Speak():
                self._outlet.caption(order.cue, order.sentence, spoken=True)
                self._begin(order)
            case Caption():
                self._outlet.caption(order.cue, order.sentence, spoken=False)
            case Stop(cue):
                self._silence(cue)
            case Heard() | Dropped():
                self._listener(order, now)

    # ------------------------------------------------------------ speaking

    def _begin(self, order: Speak) -> None:
        """Speak now. The engine is taken away from what is made in advance, unless that is just what is to be said."""
        if self._next != order.sentence:
            self._forget_next()
        self._rendering = True
        self._speaking = asyncio.ensure_future(self._speak(order))

    async def _speak(self, order: Speak) -> None:
        """Play the clips of a sentence as they are made, and say when the last is heard out, or what went wrong."""
        try:
            await self._play(order)
            self._events.put_nowait(Finished(order.cue))
        except Exception as error:  # whatever an engine raises, the show goes on with the next one
            log.warning("stage.engine_failed", engine=order.engine, error=repr(error))
            self._events.put_nowait(Failed(order.cue))

    async def _play(self, order: Speak) -> None:
        ends = self._clock.now()
        async for clip in self._speech.say(order.sentence.text, order.sentence.language, order.engine):
            if not self._is_on(order.cue):  # an engine that does not let itself be cancelled says nothing more
                return
            self._outlet.play(order.cue, clip)
            ends = max(ends, self._clock.now()) + timedelta(seconds=clip.seconds)
            self._events.put_nowait(Sounding(order.cue, ends))
        self._rendering = False
        self._look_ahead()
        await self._sleep(max(0.0, (ends - self._clock.now()).total_seconds()))

    def _is_on(self, cue: int) -> bool:
        return self.state.speaking is not None and self.state.speaking.cue.cue == cue

    def _silence(self, cue: int) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
        self._forget_next()
        self._rendering = False
        self._outlet.stop(cue)

    # ------------------------------------------------------------ in advance

    def _look_ahead(self) -> None:
        """While no engine is busy, render what comes next: answers first, then the next sentence of what is on."""
        following = None if self._rendering or self.state.by_person else self._following()
        if following is not None and following != self._next:
            self._forget_next()
            self._next = following
            self._preparing = asyncio.ensure_future(self._prepare(following))

    def _following(self) -> Sentence | None:
        """The sentence that is begun next. What is not fit to be said is not even rendered."""
        return next((part.sentence for part in self.state.following if self._asked.proper(part.sentence)), None)

    def _forget_next(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
        self._next = self._preparing = None

    async def _prepare(self, sentence: Sentence) -> None:
        engine = self.state.engine(self._clock.now())
        if engine is not None:
            with contextlib.suppress(Exception):  # it is tried again when it is due, and fails there for all to see
                await self._speech.prepare(sentence.text, sentence.language, engine)


def _products(event: Event) -> frozenset[str]:
    """The products of what is about to be said."""
    sentences = event.utterance.sentences if isinstance(event, Say) else ()
    return frozenset[str]().union(*(sentence.products for sentence in sentences))


async def _ended(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
