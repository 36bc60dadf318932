"""The scheduler under any order of events: one voice, the important first, nothing false, nothing lost, never wedged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.types import Claim
from channels.stage.claims import Claims, Sentence
from channels.stage.cues import (
    Caption,
    Changed,
    Cue,
    Dropped,
    Event,
    Failed,
    Finished,
    Go,
    Halt,
    Hand,
    Heard,
    Order,
    Priority,
    Say,
    Speak,
    Stop,
    TakeBack,
    Tick,
    Utterance,
    Why,
)
from channels.stage.scheduler import step
from channels.stage.state import Limits, State
from tests.channels.stage.shop import NOW

LIMITS = Limits()


class Tables:
    """A prompter whose truth is a set of numbers; what is odd has other words when it is false."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self.stale: set[str] = set()

    def still_true(self, claims: Claims) -> bool:
        return not any(claim.value in self.wrong for claim in claims)

    def proper(self, sentence: Sentence) -> bool:
        return not sentence.text.startswith("rude")

    def fresh(self, sentence: Sentence) -> bool:
        return sentence.text not in self.stale

    def reword(self, sentence: Sentence) -> Sentence | None:
        number = next(int(claim.value) for claim in sentence.claims)
        return replace(sentence, text=sentence.text + " anew", claims=claims_of(number % 10 + 1000)) if number % 2 else None

    def bridge(self, sentence: Sentence) -> Sentence | None:
        return Sentence("back to it", "en", topic="bridge")


def claims_of(number: int) -> Claims:
    return frozenset({Claim("p", "n", str(number))})


def utterance(name: str, priority: Priority, numbers: list[int], good_s: float | None = None) -> Utterance:
    sentences = tuple(Sentence(f"{name}.{n}", "en", claims_of(value)) for n, value in enumerate(numbers))
    return Utterance(name, priority, sentences, NOW + timedelta(seconds=good_s) if good_s is not None else None)


class Stage:
    """Drives the scheduler, and keeps what it orders."""

    def __init__(self, engines: tuple[str, ...] = ("a", "b")) -> None:
        self.state, self.now, self.tables = State(engines, LIMITS), NOW, Tables()
        self.on: Cue | None = None

    def take(self, event: Event, seconds: float = 0) -> list[Order]:
        self.now += timedelta(seconds=seconds)
        self.state, orders = step(self.state, event, self.now, self.tables)
        for order in orders:
            if isinstance(order, Speak | Caption):
                assert self.on is None, "two voices"
                self.on = order
            elif isinstance(order, Stop):
                assert self.on is not None and self.on.cue == order.cue
                self.on = None
            elif isinstance(order, Heard):
                self.on = None
        return list(orders)

    def say(self, said: Utterance) -> list[Order]:
        return self.take(Say(said))

    def finish(self) -> list[Order]:
        assert self.on is not None
        return self.take(Finished(self.on.cue), 1)

    def text(self) -> str:
        return self.on.sentence.text if self.on else ""


# ---------------------------------------------------------------- any order of events


class AnyShow(RuleBasedStateMachine):
    """Whatever comes, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.said: dict[str, Utterance] = {}
        self.gone: Counter[str] = Counter()
        self.whole: set[str] = set()
        self.heard: dict[str, list[int]] = {}
        self.left: dict[str, int] = {}

    def play(self, event: Event, seconds: float = 0.1, why: str = "") -> None:
        on = self.stage.on
        orders = self.stage.take(event, seconds)
        for order in orders:
            match order:
                case Speak() | Caption():
                    self.begun(order)
                case Heard(heard, sentence) if sentence.topic != "bridge":
                    self.heard.setdefault(heard.id, []).append(place(sentence))
                case Dropped(dropped, _, None):
                    self.whole.add(dropped.id)
                    self.left.pop(dropped.id, None)
                case Dropped(dropped, _, sentence) if sentence is not None:
                    self.gone[dropped.id] += 1
                    if dropped.id in self.left:  # it goes on behind what has become false
                        self.left[dropped.id] = place(sentence) + 1
                case Stop() if on is not None and self.stage.state.halted is False and isinstance(event, Say):
                    after = next(o for o in orders if isinstance(o, Speak | Caption))
                    assert after.utterance.priority > on.utterance.priority
        stopped = any(isinstance(order, Stop) for order in orders)
        if on is not None and stopped and on.utterance.priority is Priority.NARRATION and on.sentence.topic != "bridge":
            began = [o for o in orders if isinstance(o, Speak | Caption)]
            waits = any(part.utterance.id == on.utterance.id for part in self.stage.state.waiting)
            if waits and not any(o.utterance.id == on.utterance.id for o in began):
                self.left[on.utterance.id] = place(on.sentence)

    def begun(self, cue: Cue) -> None:
        assert self.stage.tables.still_true(cue.sentence.claims), "a false sentence"
        assert not self.stage.state.halted or cue.utterance.priority is Priority.SAFETY
        if self.stage.state.by_person:
            assert isinstance(cue, Caption) and cue.utterance.priority >= Priority.ANSWER, "talks over a person"
        if cue.sentence.topic == "bridge":
            assert cue.utterance.id in self.left, "a bridge to what was not left"
        elif cue.utterance.id in self.left:
            assert place(cue.sentence) == self.left.pop(cue.utterance.id), "resumed elsewhere"

    @rule(
        priority=st.sampled_from(Priority),
        numbers=st.lists(st.integers(0, 9), max_size=4),
        good_s=st.none() | st.integers(0, 200),
    )
    def say(self, priority: Priority, numbers: list[int], good_s: float | None) -> None:
        new = utterance(f"u{len(self.said)}", priority, numbers, good_s)
        self.said[new.id] = new
        self.play(Say(new))

    @rule(seconds=st.floats(0.1, 5))
    @precondition(lambda self: self.stage.on is not None)
    def finish(self, seconds: float) -> None:
        self.play(Finished(self.stage.on.cue), seconds)  # type: ignore[union-attr]

    @rule(cue=st.integers(0, 30))
    def finish_any(self, cue: int) -> None:
        self.play(Finished(cue))

    @rule()
    @precondition(lambda self: isinstance(self.stage.on, Speak))
    def fail(self) -> None:
        self.play(Failed(self.stage.on.cue))  # type: ignore[union-attr]

    @rule(seconds=st.floats(0, 90))
    def wait(self, seconds: float) -> None:
        on = self.stage.on
        self.play(Tick(), seconds)
        if on is not None and self.stage.now >= on.deadline:
            assert self.stage.on is None or self.stage.on.cue != on.cue, "wedged by an engine"

    @rule(wrong=st.sets(st.integers(0, 9)), tell=st.booleans())
    def change(self, wrong: set[int], tell: bool) -> None:
        self.stage.tables.wrong = {str(number) for number in wrong}
        if tell:
            self.play(Changed())

    @rule()
    def halt(self) -> None:
        self.play(Halt())

    @rule()
    def go(self) -> None:
        self.play(Go())

    @rule(to_person=st.booleans())
    def hand(self, to_person: bool) -> None:
        self.play(Hand(to_person))

    @rule(names=st.sets(st.integers(0, 9).map("u{}".format), max_size=3))
    def take_back(self, names: set[str]) -> None:
        self.play(TakeBack(frozenset(names)))
        assert not any(part.utterance.id in names for part in self.stage.state.parts)

    @invariant()
    def something_is_on_if_anything_waits(self) -> None:
        state = self.stage.state
        assert (self.stage.on is None) == (state.speaking is None)
        assert state.halted or state.by_person or state.speaking is not None or not state.waiting

    @invariant()
    def nothing_more_important_waits(self) -> None:
        state = self.stage.state
        if state.speaking is not None and not state.halted:
            assert all(part.priority <= state.speaking.part.priority for part in state.waiting)

    @invariant()
    def the_queue_is_bounded(self) -> None:
        waiting = Counter(part.priority for part in self.stage.state.waiting)
        assert all(number <= LIMITS.waiting[priority] + 1 for priority, number in waiting.items())

    @invariant()
    def nothing_is_heard_twice_or_out_of_order(self) -> None:
        assert all(places == sorted(set(places)) for places in self.heard.values())

    def teardown(self) -> None:
        """In the end everything that was to be said was heard, or was dropped with a reason."""
        self.play(Go())
        self.play(Hand(to_person=False))
        for _ in range(1000):
            if self.stage.on is None:
                break
            self.play(Finished(self.stage.on.cue))
        assert not self.stage.state.waiting
        for name, said in self.said.items():
            if name not in self.whole:
                assert len(self.heard.get(name, ())) + self.gone[name] == len(said.sentences), name


def place(sentence: Sentence) -> int:
    return int(sentence.text.split(".")[1].split()[0])


AnyShow.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestAnyShow = AnyShow.TestCase


# ---------------------------------------------------------------- what the machine cannot tell by itself


def test_narration_resumes_at_the_sentence_it_left_with_a_bridge() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [0, 2, 4]))
    stage.finish()
    assert stage.text() == "n.1"
    orders = stage.say(utterance("q", Priority.ANSWER, [6]))
    assert [type(order) for order in orders] == [Stop, Speak] and stage.text() == "q.0"
    stage.finish()
    assert stage.text() == "back to it"
    stage.finish()
    assert stage.text() == "n.1"
    stage.finish()
    assert stage.text() == "n.2"


def test_what_became_false_meanwhile_is_reworded_or_dropped() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [1, 2, 4]))
    stage.say(utterance("q", Priority.ANSWER, [6]))
    stage.tables.wrong = {"1", "2"}
    stage.finish()
    stage.finish()
    assert stage.text() == "n.0 anew"
    orders = stage.finish()
    assert [order.why for order in orders if isinstance(order, Dropped)] == [Why.FALSE]
    assert stage.text() == "n.2"


def test_what_becomes_false_while_it_is_said_is_broken_off() -> None:
    stage = Stage()
    stage.say(utterance("q", Priority.ANSWER, [2]))
    stage.tables.wrong = {"2"}
    assert [type(order) for order in stage.take(Changed())] == [Stop, Dropped]


def test_what_was_just_heard_is_not_narrated_but_answered() -> None:
    stage = Stage()
    stage.tables.stale = {"n.0", "q.0"}
    stage.say(utterance("n", Priority.NARRATION, [2]))
    assert stage.on is None
    stage.say(utterance("q", Priority.ANSWER, [2]))
    assert stage.text() == "q.0"


def test_a_stuck_engine_gives_way_to_the_next_then_to_text_and_is_tried_again() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [0, 2]))
    engines = []
    for _ in range(2):
        assert isinstance(stage.on, Speak)
        engines.append(stage.on.engine)
        stage.take(Tick(), (stage.on.deadline - stage.now).total_seconds())
    assert engines == ["a", "b"]
    assert isinstance(stage.on, Caption) and stage.text() == "n.0"
    stage.take(Tick(), 61)
    assert isinstance(stage.on, Speak) and (stage.on.engine, stage.text()) == ("a", "n.1")


def test_without_an_engine_everything_is_text() -> None:
    stage = Stage(())
    stage.say(utterance("n", Priority.NARRATION, [0, 2]))
    assert isinstance(stage.on, Caption) and stage.text() == "n.0"
    stage.take(Tick(), 30)
    assert stage.text() == "n.1"


def test_thanks_are_bounded_and_counted() -> None:
    stage = Stage()
    for n in range(10):
        stage.say(utterance(f"t{n}", Priority.THANKS, [0]))
        if n % 2 and stage.on:
            stage.finish()
    assert len(stage.state.thanked) <= LIMITS.thanks
    assert stage.state.dropped[Why.BUDGET] == 10 - LIMITS.thanks
    while stage.on:
        stage.finish()
    stage.take(Tick(), 61)
    stage.say(utterance("later", Priority.THANKS, [0]))
    assert stage.text() == "later.0"


def test_too_many_answers_are_shed_the_oldest_first_and_counted() -> None:
    stage = Stage()
    for n in range(LIMITS.waiting[Priority.ANSWER] + 4):
        stage.say(utterance(f"q{n}", Priority.ANSWER, [0]))
    assert stage.state.dropped[Why.FULL] == 3
    stage.finish()
    assert stage.text() == "q4.0"


def test_nobody_is_cut_off_for_what_is_not_said() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [0]))
    stage.tables.wrong = {"2"}
    assert [type(order) for order in stage.say(utterance("q", Priority.ANSWER, [2]))] == [Dropped]
    assert [type(order) for order in stage.say(utterance("t", Priority.THANKS, [4], good_s=0))] == [Dropped]
    assert stage.text() == "n.0"


def test_thanks_that_are_late_are_not_said() -> None:
    stage = Stage()
    stage.say(utterance("q", Priority.ANSWER, [0]))
    stage.say(utterance("t", Priority.THANKS, [0], good_s=5))
    stage.take(Finished(1), 6)
    assert stage.on is None and stage.state.dropped[Why.LATE] == 1


def test_new_narration_begins_after_the_sentence_that_is_on() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [0, 2]))
    orders = stage.say(utterance("m", Priority.NARRATION, [4]))
    assert [(order.utterance.id, order.why) for order in orders if isinstance(order, Dropped)] == [("n", Why.REPLACED)]
    assert len(orders) == 1
    stage.finish()
    assert stage.text() == "m.0"
    assert not stage.state.wants_narration
    stage.finish()
    assert stage.state.wants_narration


def test_a_safety_stop_is_silence_until_it_is_over() -> None:
    stage = Stage()
    stage.say(utterance("n", Priority.NARRATION, [0]))
    stage.say(utterance("q", Priority.ANSWER, [0]))
    stage.take(Halt())
    assert stage.on is None
    stage.say(utterance("r", Priority.ANSWER, [0]))
    assert stage.on is None and stage.state.dropped[Why.HALTED] == 2
    stage.say(utterance("s", Priority.SAFETY, [0]))
    assert stage.text() == "s.0"
    stage.finish()
    stage.take(Go())
    assert stage.text() == "back to it"
