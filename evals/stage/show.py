"""A show under simulated time: the driver of the scheduler, engines that fail, and viewers."""

from __future__ import annotations

import heapq
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from bot.claims import Tables, prices, stocks
from bot.stage import PublicAnswer
from bot.types import Audience, Reply
from channels.stage.answering import utterance_of
from channels.stage.claims import Sentence
from channels.stage.cues import (
    Caption,
    Changed,
    Event,
    Failed,
    Finished,
    Go,
    Halt,
    Heard,
    Order,
    Priority,
    Prompter,
    Say,
    Speak,
    Stop,
    Tick,
    Utterance,
)
from channels.stage.facts import Facts, read_facts
from channels.stage.guard import Guard
from channels.stage.narration import Narrator
from channels.stage.pace import expected_s
from channels.stage.plan import Due, ShowPlan, slots_of
from channels.stage.points import news, points
from channels.stage.prompter import TablePrompter
from channels.stage.scheduler import step
from channels.stage.state import State
from channels.stage.templates import LANGUAGES
from evals.stage.audit import Audit
from evals.stage.oracle import Oracle
from evals.stage.world import ROOM, World

ENGINES = ("first", "second")
ZONE = ZoneInfo("Asia/Shanghai")
Step = Callable[[State, Event, datetime, Prompter], tuple[State, tuple[Order, ...]]]
# What somebody might write for the host and the guard must keep from being said; `audit.py` knows it by its words.
IMPROPER = (
    Sentence("全网最低价，错过不再有！", "zh", topic="host"),
    Sentence("The world's best, believe me.", "en", topic="host"),
    Sentence("加我电话 13800138000。", "zh", topic="host"),
)
SAFETY_WORDS = Sentence("Please bear with us for a moment.", "en", topic="must_say")
# How often what happens, in parts.
HAPPENINGS = {
    "question": 300,
    "told": 120,
    "improper": 40,
    "thanks": 240,
    "price": 80,
    "sales": 50,
    "sold_out": 25,
    "restock": 50,
    "offer": 25,
    "property": 40,
    "link": 10,
    "broken_engine": 45,
    "halt": 5,
    "reload": 10,
}
# Answers of the room are not begun later than this after they were told, in seconds.
STALE_S = 25.0
# An engine fails so often by itself, and so often once it is broken, until it has failed.
_MISHAPS = 0.01


@dataclass(slots=True)
class Show:
    """One run. `step` and `prompter` may be others, to see whether the measure notices."""

    world: World
    start: datetime
    dice: Random
    step: Step = step
    prompter: Callable[[Prompter], Prompter] = lambda prompter: prompter
    state: State = field(default_factory=lambda: State(ENGINES))
    sizes: list[int] = field(default_factory=list)
    now: datetime = field(init=False)
    audit: Audit = field(init=False)
    guard: Guard = field(default_factory=Guard)
    narrator: Narrator = field(init=False)
    plan: ShowPlan = field(init=False)
    _answerer: Narrator = field(init=False)
    _known: dict[str, Facts] = field(default_factory=dict)
    _agenda: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _on_stage: Due | None = None
    _broken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.now = self.start
        self.audit = Audit(Oracle(self.world.database, ROOM, ZONE))
        self.narrator, self._answerer = Narrator(ZONE), Narrator(ZONE)

    async def run(self, events: int, length: timedelta) -> None:
        """Play so many happenings at random times over `length`, and the show between them."""
        await self._load_plan()
        for _ in range(events):
            kind = self.dice.choices(list(HAPPENINGS), list(HAPPENINGS.values()))[0]
            self._at(self.start + length * self.dice.random(), kind)
        self._at(self.start, "tick")
        while self._agenda and self._agenda[0][0] <= self.start + length:
            self.now, _, kind, cue = heapq.heappop(self._agenda)
            await self._happen(kind, cue)

    # ------------------------------------------------------------ what happens

    def _at(self, at: datetime, kind: str, cue: int = 0) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), kind, cue))

    async def _happen(self, kind: str, cue: int) -> None:
        match kind:
            case "question" | "told" | "improper":
                await self._talk(kind)
            case "thanks":
                await self._thank()
            case "broken_engine":
                self._broken.add(self.dice.choice(ENGINES))
            case "halt":
                await self._take(Halt())
                await self._say(Priority.SAFETY, [SAFETY_WORDS])
                self._at(self.now + timedelta(seconds=self.dice.randint(5, 60)), "go")
            case "go":
                await self._take(Go())
            case "reload":
                await self._load_plan()
            case "finished":
                self.audit.silent(cue)
                await self._take(Finished(cue))
            case "failed":
                self.audit.silent(cue)
                await self._take(Failed(cue))
            case "deadline":
                await self._take(Tick())
            case "tick":
                await self._take(Tick())
                await self._narrate()
            case _:
                await self._change(kind)

    async def _talk(self, kind: str) -> None:
        """Somebody asks, the room is told an answer, or somebody wants the host to say what it must not."""
        match kind:
            case "question":
                await self._ask()
            case "told":
                await self._tell()
            case _:
                await self._say(Priority.ANSWER, [self.dice.choice(IMPROPER)])

    async def _ask(self) -> None:
        product = self.dice.choice(self.world.products)
        facts = (await self._read([product]))[product]
        topics = [p for p in points(facts) if p.topic not in ("opening", "more", "bridge", "correction")]
        asked = self.dice.sample(topics, min(len(topics), self.dice.randint(1, 3)))
        said = [self._answerer.say(point, self.now, self._language(), self._seed()) for point in asked]
        await self._say(Priority.ANSWER, [sentence for sentence in said if sentence])

    async def _tell(self) -> None:
        """An answer of the room, with the claims of answers, which waits its turn while the tables change."""
        product = self.dice.choice(self.world.products)
        facts = (await self._read([product]))[product]
        if not facts.sellable:
            return
        claims = prices(facts.product, facts.sellable) + stocks(facts.product, facts.sellable)
        text = f"{facts.product.name.zh}：{'、'.join(sorted({str(one.price) for one in facts.sellable})[:3])}。"
        reply = Reply(text, audience=Audience.PUBLIC, claims=claims)
        utterance = utterance_of(PublicAnswer(f"r{next(self._numbers)}", reply, self.now, "Ann"), STALE_S)
        if utterance is not None:
            await self._take(Say(utterance))

    async def _thank(self) -> None:
        viewer = f"viewer {self.dice.randint(1, 500)}"
        sentence = self.narrator.thanks(viewer, self.now, self._language(), self._seed())
        if sentence is not None:
            await self._say(Priority.THANKS, [sentence], self.now + timedelta(seconds=30))

    async def _change(self, kind: str) -> None:
        """Change the tables; half of the time nobody tells the scheduler, so that only its own look can save it."""
        on_stage = self._on_stage.product_id if self._on_stage else ""
        product = on_stage if on_stage and self.dice.random() < 0.6 else self.dice.choice(self.world.products)
        before = (await self._read([product]))[product]
        self.world.change(kind, product, self.now, self.dice)
        self._known.clear()
        if self.dice.random() < 0.5:
            return
        await self._take(Changed())
        after = (await self._read([product]))[product]
        told = [self._answerer.say(point, self.now, self._language(), self._seed()) for point in news(before, after)]
        if product == on_stage:
            await self._say(Priority.CORRECTION, [sentence for sentence in told if sentence])

    async def _load_plan(self) -> None:
        """Read the shelf, now or anew in the middle of the show."""
        slots = slots_of(await self.world.shop.shelf(ROOM, self.now), 4, break_after=8, break_minutes=1)
        self.plan = self.plan.reloaded(slots, self.now) if hasattr(self, "plan") else ShowPlan(tuple(slots), self.start)

    async def _narrate(self) -> None:
        """A new script when a new product is due, or when nothing is left to say of the old one."""
        due = self.plan.due(self.now, self.world.sellable().__contains__)
        new = self._on_stage is None or due.product_id != self._on_stage.product_id
        if due.product_id and (new or self.state.wants_narration):
            facts = (await self._read([due.product_id]))[due.product_id]
            script = self.narrator.script(facts, self._language(), self._seed(), more=not new)
            await self._say(Priority.NARRATION, script)
        self._on_stage = due
        self._at(self.now + timedelta(seconds=5), "tick")
        self.sizes.append(len(pickle.dumps((self.state, self.narrator.memory, len(self._agenda)))))

    # ------------------------------------------------------------ the driver

    async def _say(self, priority: Priority, sentences: Sequence[Sentence], good_until: datetime | None = None) -> None:
        if sentences:
            await self._take(Say(Utterance(f"u{next(self._numbers)}", priority, tuple(sentences), good_until)))

    async def _take(self, event: Event) -> None:
        """One step on tables that were read just before it."""
        about = set(self.state.products)
        if isinstance(event, Say):
            about |= {product for sentence in event.utterance.sentences for product in sentence.products}
        facts = await self._read(sorted(about))
        tables = Tables({name: one.product for name, one in facts.items()})
        prompter = self.prompter(TablePrompter(self.narrator, facts, self.now, tables, self.guard))
        self.state, orders = self.step(self.state, event, self.now, prompter)
        for order in orders:
            self.audit.see(order, self.now)
            self._carry_out(order)
        self._check()

    def _carry_out(self, order: Order) -> None:
        match order:
            case Speak():
                self._speak(order)
            case Caption():
                self._at(order.deadline, "deadline")
            case Heard(_, sentence):
                self.narrator.memory.note(sentence.text, self.now)
            case Stop():
                pass

    def _speak(self, order: Speak) -> None:
        """An engine speaks to the end, at its own pace, or breaks off, or hangs."""
        broken = order.engine in self._broken or self.dice.random() < _MISHAPS
        self._broken.discard(order.engine)
        takes = expected_s(order.sentence.text) * self.dice.uniform(0.7, 1.3)
        self._at(order.deadline, "deadline")
        if not broken:
            self._at(self.now + timedelta(seconds=takes), "finished", order.cue)
        elif self.dice.random() < 0.5:
            self._at(self.now + timedelta(seconds=takes * self.dice.random()), "failed", order.cue)

    def _check(self) -> None:
        """After every step something is on if anything waits, and not for too long."""
        on, waiting = self.state.speaking, self.state.waiting
        if on is None and waiting and not self.state.halted:
            self.audit.fault("wedged", f"{self.now:%H:%M:%S} {len(waiting)} wait")
        self.audit.look(self.now)
        self.audit.most_waiting = max(self.audit.most_waiting, len(waiting))

    async def _read(self, products: Sequence[str]) -> dict[str, Facts]:
        """The facts as of now. What nobody can have changed since it was read is not read again: simulated time is short."""
        missing = [product for product in products if product not in self._known]
        if missing:
            self._known |= await read_facts(self.world.shop, ROOM, missing, self.now)
        return {product: replace(self._known[product], at=self.now) for product in products}

    def _language(self) -> str:
        return self.dice.choice(LANGUAGES)

    def _seed(self) -> str:
        return str(next(self._numbers))
