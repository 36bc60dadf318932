"""Gives the host something to say: the products of the room's shelf in turn, told from the shop's tables."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog

from bot.claims import Tables
from bot.commerce import Shop
from bot.errors import Unavailable
from bot.ports import Clock
from bot.stage import Refused
from channels.stage.cards import card
from channels.stage.claims import Sentence
from channels.stage.cues import Dropped, Event, Heard, Priority, Say, Utterance, Why
from channels.stage.facts import Facts, read_facts
from channels.stage.guard import Guard
from channels.stage.narration import Narrator
from channels.stage.plan import Due, ShowPlan, slots_of
from channels.stage.prompter import TablePrompter
from channels.stage.state import State

log = structlog.get_logger(__name__)

# How long a product is on, in minutes; how often the stage is looked at; how old the tables may be, in seconds.
MINUTES, LOOK_S, FRESH_S = 4.0, 1.0, 1.0
# Of what the guard refused, so many are kept for the host of the room.
REFUSED = 20


class Stage(Protocol):
    """What a show needs of the driver."""

    state: State

    def put(self, event: Event) -> None:
        """Take an event."""
        ...


class Show:
    """The narration of one room, in one language."""

    def __init__(
        self, shop: Shop, clock: Clock, zone: ZoneInfo, room: str, language: str, *, guard: Guard | None = None
    ) -> None:
        """`guard` is the usual one where none is given."""
        self._shop, self._clock, self._room, self._language = shop, clock, room, language
        self._narrator, self._guard = Narrator(zone), guard or Guard()
        self._started = clock.now()
        self._numbers = count(1)
        self._opened = ""
        self._prompter = TablePrompter(self._narrator, {}, self._started, guard=self._guard)
        self._facts: tuple[frozenset[str], datetime, dict[str, Facts], Tables] = (frozenset(), self._started, {}, Tables())
        self.refused: deque[Refused] = deque(maxlen=REFUSED)

    async def tables(self, products: frozenset[str], now: datetime) -> TablePrompter:
        """What the tables say of these products, not older than `FRESH_S`. Raises ShopUnavailable."""
        known, at, facts, tables = self._facts
        if not products <= known or now - at > timedelta(seconds=FRESH_S):
            self._facts = (frozenset(), now, {}, Tables())  # where the shop does not answer, nothing old is shown
            facts = await read_facts(self._shop, self._room, sorted(products), now)
            tables = await self._tables(facts, now)
            self._facts = (products, now, facts, tables)
        self._prompter = TablePrompter(self._narrator, facts, now, tables, self._guard)
        return self._prompter

    async def _tables(self, facts: dict[str, Facts], now: datetime) -> Tables:
        """The same for the claims of answers."""
        promotions, coupons = await self._shop.promotions(now, self._room), await self._shop.coupons(now)
        return Tables({name: one.product for name, one in facts.items()}, tuple(promotions), tuple(coupons))

    def card(self, product_id: str) -> dict[str, Any] | None:
        """The card of a product as the tables were just read; None where they were not, or do not have it."""
        facts = self._facts[2].get(product_id)
        return card(facts) if facts else None

    def listen(self, order: Heard | Dropped, now: datetime) -> None:
        """Remember what viewers heard, so that it is not said again soon."""
        if isinstance(order, Heard):
            self._narrator.memory.note(order.sentence.text, now)
        elif order.why is Why.IMPROPER and order.sentence is not None:
            self._note_refused(order.sentence, now)
        else:
            log.info("stage.dropped", why=order.why, utterance=order.utterance.id)

    def _note_refused(self, sentence: Sentence, now: datetime) -> None:
        violation = self._prompter.violation(sentence) or self._guard.violation(sentence)
        if violation is not None:
            log.warning("stage.improper", kind=violation.kind, words=violation.words, list=self._guard.propriety.version)
            self.refused.append(Refused(now, sentence.text, violation.kind, violation.words))

    async def run(self, stage: Stage) -> None:
        """Narrate whenever the stage has no narration left. A shop that does not answer is asked again."""
        while True:
            if stage.state.wants_narration and stage.state.lowest is Priority.NARRATION:
                try:
                    await self._narrate(stage)
                except Unavailable as error:
                    log.warning("stage.no_shop", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def _narrate(self, stage: Stage) -> None:
        now = self._clock.now()
        due = await self._due(now)
        facts = (await read_facts(self._shop, self._room, [due.product_id], now)).get(due.product_id) if due else None
        if facts is None:
            return
        number, more = next(self._numbers), self._opened == facts.product.id
        script = self._narrator.script(facts, self._language, f"{now} {number}", more=more)
        if script:
            self._opened = facts.product.id
            stage.put(Say(Utterance(f"narration-{number}", Priority.NARRATION, tuple(script))))

    async def _due(self, now: datetime) -> Due | None:
        slots = slots_of(await self._shop.shelf(self._room, now), MINUTES)
        if not slots:
            return None
        products = await self._shop.products([slot.product_id for slot in slots])
        sellable = {p.id for p in products if p.active and any(variant.stock > 0 for variant in p.variants)}
        return ShowPlan(tuple(slots), self._started).due(now, sellable.__contains__)
