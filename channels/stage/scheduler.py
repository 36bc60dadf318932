"""Who speaks now: one voice, the most important first, nothing false, and no engine that can wedge it. Pure.

`step` takes the state, an event and the time, and gives the next state and orders, to be carried out in their order. The
driver calls it with every event, and with `Tick` often enough (about five times a second) that deadlines are seen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from channels.stage.claims import Sentence
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
    Part,
    Priority,
    Prompter,
    Say,
    Skip,
    Sounding,
    Speak,
    Stop,
    TakeBack,
    Utterance,
    Why,
)
from channels.stage.pace import expected_s
from channels.stage.state import Speaking, State

# An engine is stuck when it takes longer than this many times what a sentence should take, and some seconds.
PATIENCE, GRACE_S = 1.5, 3.0
# Of these nobody wants to hear the same again; an answer is given to whoever asks.
_NEVER_TWICE = frozenset({Priority.NARRATION, Priority.THANKS})


def step(state: State, event: Event, now: datetime, prompter: Prompter) -> tuple[State, tuple[Order, ...]]:
    """The next state, and what is to be done, in this order. Events of cues that are over do nothing."""
    desk = _Desk(state, now, prompter)
    desk.take(event)
    desk.watch()
    desk.begin_next()
    return desk.state, tuple(desk.orders)


class _Desk:
    """One step: the state as it becomes, and the orders so far."""

    def __init__(self, state: State, now: datetime, prompter: Prompter) -> None:
        self.state, self.now, self._prompter = state, now, prompter
        self.orders: list[Order] = []

    def take(self, event: Event) -> None:
        """What an event alone changes."""
        match event:
            case Say(utterance):
                self._admit(utterance)
            case Sounding(cue, until) if self._is_on(cue):
                self._wait_for(until)
            case Finished(cue) if self._is_on(cue):
                self._over()
            case Failed(cue) if self._is_on(cue):
                self._broke()
            case Changed():
                self._doubt()
            case Halt():
                self._halt()
            case Go():
                self.state = replace(self.state, halted=False)
            case TakeBack(ids):
                self._take_back(ids)
            case Skip():
                self._skip()
            case Hand(to_person):
                self._hand(to_person=to_person)

    def watch(self) -> None:
        """A caption that was shown long enough is over; an engine that takes too long is stuck."""
        on = self.state.speaking
        if on is None or self.now < on.cue.deadline:
            return
        if isinstance(on.cue, Caption):
            self._over()
        else:
            self._broke()

    def begin_next(self) -> None:
        """Begin the most important thing, if nothing is on or what is on is less important: that is cut off.

        Nobody is cut off for what is not said in the end, because it is late or false.
        """
        on = self.state.speaking
        ready = self._next_ready(on.part.priority if on else None)
        if ready is not None:
            self._silence(left=True)
            self._begin(ready)

    # ------------------------------------------------------------ waiting

    def _admit(self, utterance: Utterance) -> None:
        if not utterance.sentences:
            return  # nothing takes nobody's place
        if self.state.halted and utterance.priority is not Priority.SAFETY:
            self._drop(utterance, Why.HALTED)
            return
        if utterance.priority is Priority.NARRATION:
            self._replace_narration()
        if utterance.priority is Priority.THANKS and self._thanks_spent():
            self._drop(utterance, Why.BUDGET)
        elif self._has_room(utterance):
            self._wait(Part(utterance), first=False)

    def _replace_narration(self) -> None:
        for part in [part for part in self.state.waiting if part.priority is Priority.NARRATION]:
            self._remove(part)
            self._drop(part.utterance, Why.REPLACED)
        on = self.state.speaking
        if on is not None and on.part.priority is Priority.NARRATION and on.part.after() is not None:
            self.state = replace(self.state, speaking=replace(on, part=on.part.only_this()))
            self._drop(on.part.utterance, Why.REPLACED)  # what is on is heard out, the rest of it is not

    def _thanks_spent(self) -> bool:
        self.state = replace(self.state, thanked=self.state.thanked_lately(self.now))
        waiting = sum(part.priority is Priority.THANKS and not part.begun for part in self.state.waiting)
        return len(self.state.thanked) + waiting >= self.state.limits.thanks

    def _has_room(self, utterance: Utterance) -> bool:
        """Make room: the oldest of its kind of which nothing was heard goes; where there is none, the utterance itself."""
        of_it = [part for part in self.state.waiting if part.priority is utterance.priority]
        if len(of_it) < self.state.limits.waiting[utterance.priority]:
            return True
        unheard = [part for part in of_it if not part.begun]
        self._drop(unheard[0].utterance if unheard else utterance, Why.FULL)
        if unheard:
            self._remove(unheard[0])
        return bool(unheard)

    def _first(self) -> Part | None:
        """What is to be said next; of equals the one that waits longest."""
        able = [part for part in self.state.waiting if part.priority >= self.state.lowest]
        return max(able, key=lambda part: part.priority, default=None)

    def _wait(self, part: Part, *, first: bool) -> None:
        waiting = (part, *self.state.waiting) if first else (*self.state.waiting, part)
        self.state = replace(self.state, waiting=waiting)

    def _remove(self, part: Part) -> None:
        self.state = replace(self.state, waiting=tuple(other for other in self.state.waiting if other is not part))

    def _drop(self, utterance: Utterance, why: Why, sentence: Sentence | None = None) -> None:
        self.orders.append(Dropped(utterance, why, sentence))
        self.state = replace(self.state, dropped={**self.state.dropped, why: self.state.dropped.get(why, 0) + 1})

    # ------------------------------------------------------------ beginning

    def _next_ready(self, above: Priority | None) -> Part | None:
        """Take the first thing above a priority that may be said; what may not be is dropped on the way."""
        while (part := self._first()) is not None and (above is None or part.priority > above):
            self._remove(part)
            if not part.begun and part.utterance.good_until is not None and part.utterance.good_until <= self.now:
                self._drop(part.utterance, Why.LATE)
            elif (ready := self._made_ready(part)) is not None:
                return ready
        return None

    def _made_ready(self, part: Part) -> Part | None:
        """The part with a first sentence that may be said. None when that was dropped; the rest then waits."""
        wrong = self._wrong(part.sentence, part.priority)
        if wrong is None:
            return part
        other = self._prompter.reword(part.sentence)
        if other is not None and self._wrong(other, part.priority) is None:
            return part.reworded(other)
        self._drop(part.utterance, wrong, part.sentence)
        rest = part.after()
        if rest is not None:
            self._wait(replace(rest, left=part.left), first=True)
        return None

    def _wrong(self, sentence: Sentence, priority: Priority) -> Why | None:
        if not self._prompter.proper(sentence):
            return Why.IMPROPER
        if not self._prompter.still_true(sentence.claims):
            return Why.FALSE
        return Why.REPEATED if priority in _NEVER_TWICE and not self._prompter.fresh(sentence) else None

    def _begin(self, part: Part) -> None:
        if part.priority is Priority.THANKS and not part.begun:
            self.state = replace(self.state, thanked=(*self.state.thanked, self.now))
        bridge = self._bridge(part) if part.left else None
        cue = self._cue(part.utterance, bridge or part.sentence)
        speaking = Speaking(cue, part if bridge else replace(part, left=False), bridge is not None)
        self.state = replace(self.state, speaking=speaking, cues=cue.cue)
        self.orders.append(cue)

    def _bridge(self, part: Part) -> Sentence | None:
        if part.priority is not Priority.NARRATION:
            return None
        bridge = self._prompter.bridge(part.sentence)
        return bridge if bridge is not None and self._wrong(bridge, part.priority) is None else None

    def _cue(self, utterance: Utterance, sentence: Sentence) -> Cue:
        number = self.state.cues + 1
        takes = expected_s(sentence.text)
        engine = None if self.state.by_person else self.state.engine(self.now)
        if engine is None:
            return Caption(number, utterance, sentence, self.now + timedelta(seconds=takes))
        deadline = self.now + timedelta(seconds=takes * PATIENCE + GRACE_S)
        return Speak(number, utterance, sentence, engine, deadline)

    # ------------------------------------------------------------ ending

    def _is_on(self, cue: int) -> bool:
        return self.state.speaking is not None and self.state.speaking.cue.cue == cue

    def _wait_for(self, until: datetime) -> None:
        """Sound that is on its way is heard out, with some time for what follows it."""
        if (on := self.state.speaking) is not None:
            deadline = max(on.cue.deadline, until + timedelta(seconds=GRACE_S))
            self.state = replace(self.state, speaking=replace(on, cue=replace(on.cue, deadline=deadline)))

    def _over(self) -> None:
        """The cue was heard out: its part goes on with the next sentence, before others like it."""
        if (on := self.state.speaking) is None:
            return
        self.state = replace(self.state, speaking=None)
        self.orders.append(Heard(on.cue.utterance, on.cue.sentence))
        rest = replace(on.part, left=False) if on.bridge else on.part.after()
        if rest is not None:
            self._wait(rest, first=True)

    def _broke(self) -> None:
        """The engine rests, and the same sentence is tried with the next one."""
        on = self.state.speaking
        if on is not None and isinstance(on.cue, Speak):
            until = self.now + timedelta(seconds=self.state.limits.rest_s)
            self.state = replace(self.state, resting={**self.state.resting, on.cue.engine: until})
        self._silence(left=False)

    def _doubt(self) -> None:
        """What is on and has become false is broken off, then reworded or dropped like all that waits."""
        if (on := self.state.speaking) is not None and not self._prompter.still_true(on.cue.sentence.claims):
            self._silence(left=False)

    def _halt(self) -> None:
        on = self.state.speaking
        self.state = replace(self.state, halted=True)
        if on is not None and on.part.priority is not Priority.SAFETY:
            self._silence(left=True)
        for part in self.state.waiting:
            if part.priority not in (Priority.NARRATION, Priority.SAFETY):
                self._remove(part)
                self._drop(part.utterance, Why.HALTED)

    def _take_back(self, ids: frozenset[str]) -> None:
        if (on := self.state.speaking) is not None and on.part.utterance.id in ids:
            self._silence(left=True)
        for part in self.state.waiting:
            if part.utterance.id in ids:
                self._remove(part)
                self._drop(part.utterance, Why.TAKEN_BACK)

    def _skip(self) -> None:
        if (part := self._stopped()) is None:
            return
        rest = part.after() if part.priority is Priority.NARRATION else None
        self._drop(part.utterance, Why.SKIPPED, part.sentence if rest else None)
        if rest is not None:
            self._wait(rest, first=True)

    def _hand(self, *, to_person: bool) -> None:
        self.state = replace(self.state, by_person=to_person)
        if to_person:
            self._silence(left=True)

    def _silence(self, *, left: bool) -> None:
        """Break off what is on; what is left of it waits before others like it."""
        if (part := self._stopped()) is not None:
            self._wait(replace(part, left=left or part.left), first=True)

    def _stopped(self) -> Part | None:
        """The part that is on, broken off; None where nothing is."""
        if (on := self.state.speaking) is None:
            return None
        self.state = replace(self.state, speaking=None)
        self.orders.append(Stop(on.cue.cue))
        return on.part
