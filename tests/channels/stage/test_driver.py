"""The driver with engines that are slow, stuck or broken, under simulated time: one voice, and never a wedged queue."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.errors import ModelUnavailable, ShopUnavailable
from bot.types import Claim
from channels.stage import driver as driving
from channels.stage.claims import Claims, Sentence
from channels.stage.cues import Changed, Dropped, Go, Halt, Heard, Priority, Prompter, Say, Utterance
from channels.stage.driver import Driver, NoTables
from channels.stage.state import State
from channels.stage.voice.captions import Captions
from channels.stage.voice.clips import Clip
from channels.stage.voice.speech import Engine, Speech
from tests.channels.stage.shop import NOW

# Turns of the event loop in which everything that is due at one moment is done.
TURNS = 40


class Time:
    """Clock and sleep that move when they are told to."""

    def __init__(self) -> None:
        self.at = NOW
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.at + timedelta(seconds=seconds), next(self._numbers), waiting))
        await waiting

    async def pass_seconds(self, seconds: float) -> None:
        end = self.at + timedelta(seconds=seconds)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.at, _, waiting = heapq.heappop(self._sleepers)
            if not waiting.done():
                waiting.set_result(None)
            await settle()
        self.at = end


async def settle() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


class Pages:
    """An outlet that notes everything with its time, and sees that there is one voice at a time."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.log: list[tuple[str, int, str]] = []
        self.until: dict[int, datetime] = {}
        self.wrong: list[str] = []
        self.on = 0

    def caption(self, cue: int, sentence: Sentence, *, spoken: bool) -> None:
        if any(until > self.time.at for until in self.until.values()):
            self.wrong.append(f"{sentence.text!r} begins while another voice is on")
        self.on = cue
        self.log.append(("speak" if spoken else "show", cue, sentence.text))

    def play(self, cue: int, clip: Clip) -> None:
        if cue != self.on:
            self.wrong.append(f"{clip.text!r} plays after its cue is over")
        self.until[cue] = max(self.until.get(cue, self.time.at), self.time.at) + timedelta(seconds=clip.seconds)
        self.log.append(("play", cue, clip.text))

    def stop(self, cue: int) -> None:
        self.until.pop(cue, None)
        self.on = 0
        self.log.append(("stop", cue, ""))

    def texts(self, kind: str) -> list[str]:
        return [text for what, _, text in self.log if what == kind]


class Slow(Captions):
    """Takes so many seconds for each clause."""

    def __init__(self, time: Time, seconds: float) -> None:
        self.time, self.seconds = time, seconds
        self.asked: list[str] = []

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        self.asked.append(clause)
        await self.time.sleep(self.seconds)
        return await super().say(clause, language, voice)


class Broken(Captions):
    async def say(self, clause: str, language: str, voice: str) -> Clip:
        raise ModelUnavailable("out of order")


class Crashing(Captions):
    async def say(self, clause: str, language: str, voice: str) -> Clip:
        raise ZeroDivisionError


class Stubborn(Captions):
    """Never ends, and will not be cancelled until it is let go."""

    def __init__(self, time: Time) -> None:
        self.released = asyncio.Event()

    async def say(self, clause: str, language: str, voice: str) -> Clip:
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        return await super().say(clause, language, voice)


class Tables:
    """What holds is what is not in `wrong`."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self.fails = False

    async def __call__(self, products: frozenset[str], now: datetime) -> Prompter:
        if self.fails:
            raise ShopUnavailable("no shop")
        wrong = frozenset(self.wrong)

        class Now(NoTables):
            def still_true(self, claims: Claims) -> bool:
                return all(claim.value not in wrong and claim.subject in products for claim in claims)

        return Now()


class Stage:
    def __init__(self, make: Callable[[Time], dict[str, Engine]]) -> None:
        self.time, self.tables = Time(), Tables()
        self.engines = make(self.time)
        self.pages = Pages(self.time)
        self.heard: list[str] = []
        self.dropped: list[Dropped] = []
        self.driver = Driver(
            Speech({name: (engine, {"zh": "", "en": ""}) for name, engine in self.engines.items()}),
            self.pages,
            self.time,
            state=State(tuple(self.engines)),
            tables=self.tables,
            listener=self._listen,
            sleep=self.time.sleep,
        )

    def _listen(self, order: Heard | Dropped, now: datetime) -> None:
        if isinstance(order, Heard):
            self.heard.append(order.sentence.text)
        else:
            self.dropped.append(order)

    def say(self, priority: Priority, *texts: str, claim: int | None = None) -> None:
        claims = frozenset() if claim is None else frozenset({Claim("p", "number", str(claim))})
        sentences = tuple(Sentence(text, "en", claims, product_id="" if claim is None else "p") for text in texts)
        self.driver.put(Say(Utterance(texts[0], priority, sentences)))


@asynccontextmanager
async def stage(make: Callable[[Time], dict[str, Engine]]) -> AsyncIterator[Stage]:
    made = Stage(make)
    running = asyncio.ensure_future(made.driver.run())
    try:
        await settle()
        yield made
    finally:
        for engine in made.engines.values():
            if isinstance(engine, Stubborn):
                engine.released.set()
        running.cancel()
        (ended,) = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError), ended
    assert not made.pages.wrong


BAD: dict[str, Callable[[Time], Engine]] = {
    "slow": lambda time: Slow(time, 60),
    "stuck": Stubborn,
    "broken": lambda time: Broken(),
    "crashing": lambda time: Crashing(),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_engine_costs_a_deadline_and_nothing_is_lost(bad: str) -> None:
    async with stage(lambda time: {"bad": BAD[bad](time), "good": Slow(time, 0.3)}) as on:
        on.say(Priority.NARRATION, "One, this is a mug.", "Two, it holds tea.")
        on.say(Priority.ANSWER, "Yes, we have it.")
        await on.time.pass_seconds(90)
        assert sorted(on.heard) == ["One, this is a mug.", "Two, it holds tea.", "Yes, we have it."]
        assert not on.dropped


@pytest.mark.parametrize("bad", BAD)
async def test_with_no_engine_left_sentences_are_shown(bad: str) -> None:
    async with stage(lambda time: {"bad": BAD[bad](time)}) as on:
        on.say(Priority.ANSWER, "Yes, we have it.")
        await on.time.pass_seconds(30)
        assert on.heard == ["Yes, we have it."]
        assert on.pages.texts("show") == ["Yes, we have it."]


async def test_an_engine_that_finishes_what_was_stopped_is_not_heard() -> None:
    async with stage(lambda time: {"stuck": Stubborn(time), "good": Slow(time, 0.3)}) as on:
        on.say(Priority.ANSWER, "Yes, we have it.")
        await on.time.pass_seconds(30)
        stuck = on.engines["stuck"]
        assert isinstance(stuck, Stubborn)
        before = on.pages.texts("play")
        stuck.released.set()
        await on.time.pass_seconds(5)
        assert on.pages.texts("play") == before


async def test_a_more_important_one_silences_at_once_and_narration_comes_back() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "One, this is a mug.", "Two, it holds tea.")
        await on.time.pass_seconds(1)
        on.say(Priority.ANSWER, "Yes, we have it.")
        await settle()
        assert [what for what, _, _ in on.pages.log[-2:]] == ["stop", "speak"]
        await on.time.pass_seconds(60)
        assert on.heard == ["Yes, we have it.", "One, this is a mug.", "Two, it holds tea."]


async def test_a_safety_stop_waits_for_nobody() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "One, this is a mug.")
        await on.time.pass_seconds(1)
        on.driver.put(Halt())
        assert on.pages.log[-1][0] == "stop"
        await on.time.pass_seconds(30)
        assert not on.heard
        on.driver.put(Go())
        await on.time.pass_seconds(30)
        assert on.heard == ["One, this is a mug."]


async def test_a_safety_stop_does_not_wait_for_tables_that_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driving, "TABLES_S", 0.05)
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.ANSWER, "Yes, we have it.")
        await on.time.pass_seconds(1)

        async def hang(products: frozenset[str], now: datetime) -> Prompter:
            await asyncio.Event().wait()
            raise AssertionError

        on.driver._tables = hang
        on.driver.put(Changed())
        await settle()
        on.driver.put(Halt())
        assert on.pages.log[-1][0] == "stop"


async def test_claims_are_checked_again_before_each_sentence() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "It costs five yuan.", "Only five yuan.", claim=5)
        await on.time.pass_seconds(1)
        on.tables.wrong.add("5")
        await on.time.pass_seconds(30)
        assert on.pages.texts("speak") == ["It costs five yuan."]
        assert [dropped.why for dropped in on.dropped] == ["false"]


async def test_what_becomes_false_while_it_is_spoken_is_broken_off() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "It costs five yuan.", claim=5)
        await on.time.pass_seconds(1)
        on.tables.wrong.add("5")
        on.driver.put(Changed())
        await settle()
        assert on.pages.log[-1][0] == "stop"


async def test_without_a_shop_only_what_claims_nothing_is_said() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.tables.fails = True
        on.say(Priority.NARRATION, "It costs five yuan.", claim=5)
        on.say(Priority.SAFETY, "One moment, please.")
        await on.time.pass_seconds(30)
        assert on.heard == ["One moment, please."]


async def test_the_next_sentence_is_ready_before_it_is_due() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.5)}) as on:
        on.say(Priority.NARRATION, "One is a mug.", "Two holds tea.")
        await on.time.pass_seconds(1.2)
        good = on.engines["good"]
        assert isinstance(good, Slow)
        assert good.asked == ["One is a mug.", "Two holds tea."]
        await on.time.pass_seconds(30)
        assert good.asked == ["One is a mug.", "Two holds tea."]
        assert on.heard == ["One is a mug.", "Two holds tea."]


async def test_an_answer_takes_the_engine_from_what_is_made_in_advance() -> None:
    async with stage(lambda time: {"good": Slow(time, 2)}) as on:
        on.say(Priority.NARRATION, "One is a mug.", "Two holds tea.")
        await on.time.pass_seconds(2.5)
        on.say(Priority.ANSWER, "Yes.")
        await on.time.pass_seconds(2.1)
        assert on.pages.log[-1][2] == "Yes."
        assert on.pages.log[-1][0] == "play"


async def test_a_driver_that_ends_leaves_silence() -> None:
    async with stage(lambda time: {"good": Slow(time, 0.2)}) as on:
        on.say(Priority.NARRATION, "One is a mug.")
        await on.time.pass_seconds(0.5)
    assert on.pages.log[-1][0] == "stop"


async def test_an_answer_takes_the_engine_from_what_is_silenced() -> None:
    async with stage(lambda time: {"good": Slow(time, 2)}) as on:
        on.say(Priority.NARRATION, "One is a mug.")
        await on.time.pass_seconds(0.5)
        on.say(Priority.ANSWER, "Yes.")
        await on.time.pass_seconds(2.1)
        assert on.pages.texts("play") == ["Yes."]


async def test_what_is_half_made_in_advance_when_it_is_due_is_not_begun_again() -> None:
    async with stage(lambda time: {"good": Slow(time, 2)}) as on:
        on.say(Priority.NARRATION, "One is a mug.", "Two holds tea.")
        await on.time.pass_seconds(30)
        good = on.engines["good"]
        assert isinstance(good, Slow)
        assert good.asked == ["One is a mug.", "Two holds tea."]


async def test_an_engine_that_is_slow_but_speaks_is_not_taken_for_stuck() -> None:
    async with stage(lambda time: {"slow": Slow(time, 5), "other": Slow(time, 0.1)}) as on:
        on.say(Priority.ANSWER, "Yes, we do have it, and it is here, in all of its colours.")
        await on.time.pass_seconds(40)
        assert on.heard == ["Yes, we do have it, and it is here, in all of its colours."]
        assert on.pages.texts("stop") == []
        assert on.driver.state.resting == {}
