"""The measure of the stage: a sound show has no faults, and each broken one is noticed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product as product_of
from random import Random
from typing import Any

import pytest

from channels.stage.claims import Claims, Sentence
from channels.stage.cues import Event, Order, Priority, Prompter, Stop
from channels.stage.facts import read_facts
from channels.stage.narration import Narrator
from channels.stage.scheduler import step
from channels.stage.state import State
from channels.stage.templates import LANGUAGES
from evals.stage.measure import FAULTS, figures, growth
from evals.stage.oracle import Oracle
from evals.stage.show import ZONE, Show, Step
from evals.stage.world import ROOM, open_world

START = datetime(2026, 6, 18, 15, 0, tzinfo=UTC)


async def played(step: Step = step, prompter: Callable[[Prompter], Prompter] = lambda p: p) -> dict[str, Any]:
    async with open_world(START) as world:
        show = Show(world, START, Random(1), step, prompter)
        await show.run(150, timedelta(minutes=15))
    return figures(show)


class Unguarded:
    """Takes everything for fit to be said."""

    def __init__(self, prompter: Prompter) -> None:
        self._prompter = prompter
        self.still_true, self.fresh = prompter.still_true, prompter.fresh
        self.reword, self.bridge = prompter.reword, prompter.bridge

    def proper(self, sentence: Sentence) -> bool:
        return True


class Credulous:
    """Takes everything for true and fresh."""

    def __init__(self, prompter: Prompter) -> None:
        self._prompter = prompter

    def still_true(self, claims: Claims) -> bool:
        return True

    def proper(self, sentence: Sentence) -> bool:
        return self._prompter.proper(sentence)

    def fresh(self, sentence: Sentence) -> bool:
        return True

    def reword(self, sentence: Sentence) -> Sentence | None:
        return self._prompter.reword(sentence)

    def bridge(self, sentence: Sentence) -> Sentence | None:
        return self._prompter.bridge(sentence)


def upside_down(state: State, event: Event, now: datetime, prompter: Prompter) -> tuple[State, tuple[Order, ...]]:
    """Everything that comes is more important than what is on, narration and thanks too."""
    if state.speaking is not None:
        low = replace(state.speaking.part.utterance, priority=Priority.NARRATION)
        state = replace(state, speaking=replace(state.speaking, part=replace(state.speaking.part, utterance=low)))
    return step(state, event, now, prompter)


def talking_over(state: State, event: Event, now: datetime, prompter: Prompter) -> tuple[State, tuple[Order, ...]]:
    """Never silences anybody."""
    state, orders = step(state, event, now, prompter)
    return state, tuple(order for order in orders if not isinstance(order, Stop))


def forgetful(state: State, event: Event, now: datetime, prompter: Prompter) -> tuple[State, tuple[Order, ...]]:
    """Begins narration that was cut off at its end."""
    state, orders = step(state, event, now, prompter)
    waiting = tuple(replace(p, at=len(p.utterance.sentences) - 1) if p.left else p for p in state.waiting)
    return replace(state, waiting=waiting), orders


def deaf(state: State, event: Event, now: datetime, prompter: Prompter) -> tuple[State, tuple[Order, ...]]:
    """Has no watchdog."""
    if state.speaking is not None:
        cue = replace(state.speaking.cue, deadline=now + timedelta(days=1))
        state = replace(state, speaking=replace(state.speaking, cue=cue))
    return step(state, event, now, prompter)


async def test_a_sound_show_has_no_faults() -> None:
    found = await played()
    assert not any(found[name] for name in FAULTS)
    assert found["resumed"] > 5 and found["bridges"] > 5 and found["heard_answer"] > 50 and found["stopped"] > 15


@pytest.mark.parametrize(
    ("broken", "fault"),
    [(upside_down, "answer_cut"), (talking_over, "overlaps"), (forgetful, "resumed_wrong"), (deaf, "stuck")],
)
async def test_a_broken_scheduler_is_noticed(broken: Step, fault: str) -> None:
    assert (await played(broken))[fault] > 0


async def test_a_host_without_a_guard_is_noticed() -> None:
    assert (await played(prompter=Unguarded))["improper"] > 0


async def test_a_host_that_does_not_look_again_says_what_is_false() -> None:
    assert (await played(prompter=Credulous))["false"] > 0


async def test_the_oracle_takes_the_tables_figures_and_no_others() -> None:
    figures_in = {"price", "former", "to_pay", "few", "closing", "warranty", "size_help"}
    async with open_world(START) as world:
        oracle, narrator = Oracle(world.database, ROOM, ZONE), Narrator(ZONE)
        facts = await read_facts(world.shop, ROOM, world.products, START)
        seen = set()
        for product, language in product_of(world.products, LANGUAGES):
            name = facts[product].product.name.in_(language)
            for said in narrator.script(facts[product], language, product, 600):
                assert oracle.true(said.text, said.topic, product, language, START), said
                if said.topic in figures_in:
                    other = re.sub(r"\d+", lambda found: str(int(found.group()) + 1), said.text.replace(name, ""))
                    assert not oracle.true(other, said.topic, product, language, START), other
                    seen.add(said.topic)
    assert seen == figures_in


def test_growth_is_seen() -> None:
    assert growth([100] * 40) == 1.0
    assert growth(list(range(100, 140))) > 1.1
