"""What a campaign came to, from what people said and saw and what the database has. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.types import Audience, Turn
from evals.bench_load import percentile
from evals.faults.said import DOORS, REST, ROOM, Person, Said

# A p99 is normal again when it is at most so many times that of the quiet time, or so many seconds more.
NORMAL_TIMES, NORMAL_MORE_S = 2.0, 0.5
# Messages that began within so many seconds make one p99.
WINDOW_S = 2.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done, when it began and when it was over (of a steady clock)."""

    name: str
    began: float
    ended: float


@dataclass(slots=True)
class Verdict:
    """One door: messages sent, and what became of them. `examples` has a few words for each thing that is wrong.

    lost: acknowledged and never a turn, or with a turn whose replies nobody was shown; in a room also comments that nobody
    was shown. unseen: comments that one viewer missed. untold: public answers that nobody saw. doubled: turns, replies or
    lines that came as two. disordered: those that overtook another of the same person. late: what was in the inbox or not
    acknowledged when nobody waited any longer. again: replies that came again under their own id, which pages know.
    """

    door: str
    messages: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    p50_s: float = 0.0
    p99_s: float = 0.0

    def note(self, what: str, words: str, times: int = 1) -> None:
        """Something is wrong, so many times."""
        if times:
            self.counts[what] += times
            if len(self.examples) < 20:
                self.examples.append(f"{what}: {words}")


@dataclass(frozen=True, slots=True)
class Recovery:
    """One fault: how long it lasted, and seconds from its begin until messages are answered as quickly as before.

    None: not before the next fault. `worst_s`: the slowest answer to what was said until then.
    """

    fault: str
    lasted_s: float
    normal_after_s: float | None
    worst_s: float


def judge(people: Sequence[Person], turns: Mapping[str, Sequence[Turn]], waiting: Collection[str] = ()) -> list[Verdict]:
    """One verdict a door. `turns`: those of each person by their `user`, in their order; `waiting`: ids in the inbox."""
    verdicts = {door: Verdict(door) for door in DOORS}
    for person in people:
        verdict = verdicts[person.door]
        verdict.messages += len(person.said)
        theirs = turns.get(person.user, ())
        _judge_turns(verdict, person, theirs, waiting)
        if person.door != ROOM:
            _judge_replies(verdict, person, theirs)
    _judge_room(verdicts[ROOM], [person for person in people if person.door == ROOM], turns)
    for door, verdict in verdicts.items():
        times = [took for _, took in latencies(person for person in people if person.door == door)]
        if times:
            verdict.p50_s, verdict.p99_s = percentile(times, 50), percentile(times, 99)
    return list(verdicts.values())


def latencies(people: Iterable[Person]) -> list[tuple[float, float]]:
    """When each message was sent, and seconds until it was answered; of a room, until it was acknowledged; or infinite."""
    ended = [
        (said.sent, said.accepted if person.door == ROOM else said.answered) for person in people for said in person.said
    ]
    return [(sent, math.inf if end is None else end - sent) for sent, end in ended]


def normal(quiet: tuple[float, float], people: Iterable[Person]) -> float:
    """The p99 of the time before all faults, in seconds."""
    before = [seconds for sent, seconds in latencies(people) if quiet[0] <= sent < quiet[1]]
    return percentile(before, 99) if before else 0.0


def recoveries(faults: Sequence[Fault], normal_s: float, until: float, people: Sequence[Person]) -> list[Recovery]:
    """One a fault. `normal_s`: the p99 before all of them; `until`: when the load ended."""
    took = latencies(people)
    bound = max(normal_s * NORMAL_TIMES, normal_s + NORMAL_MORE_S)
    ends = [*(fault.began for fault in faults[1:]), until]
    return [_recovery(fault, end, took, bound) for fault, end in zip(faults, ends, strict=False)]


def _recovery(fault: Fault, end: float, took: Sequence[tuple[float, float]], bound: float) -> Recovery:
    """The first time from which on each window's p99 keeps within the bound."""
    since = [(sent - fault.began, seconds) for sent, seconds in took if fault.began <= sent < end]
    windows: dict[int, list[float]] = {}
    for sent, seconds in since:
        windows.setdefault(int(sent / WINDOW_S), []).append(seconds)
    slow = [number for number, seconds in windows.items() if percentile(seconds, 99) > bound]
    after = (max(slow) + 1) * WINDOW_S if slow else 0.0
    worst = max((seconds for _, seconds in since), default=0.0)
    return Recovery(fault.name, fault.ended - fault.began, after if fault.began + after < end else None, worst)


# ---------------------------------------------------------------- one person


def _judge_turns(verdict: Verdict, person: Person, turns: Sequence[Turn], waiting: Collection[str]) -> None:
    """Every message that becomes a turn is one, in the order in which they were said."""
    found = Counter(turn.message.id for turn in turns)
    for said in person.said:
        if said.accepted is None:
            verdict.note("late", f"{said.text} was not acknowledged")
        elif said.id in waiting:
            verdict.note("late", f"{said.text} ({said.id}) is in the inbox still")
        elif _asks(person, said) and not found[said.id]:
            verdict.note("lost", f"{said.text} ({said.id}) has no turn")
        verdict.note("doubled", f"{said.text} has {found[said.id]} turns", max(0, found[said.id] - 1))
    place = {said.id: number for number, said in enumerate(person.said)}
    order = [place[turn.message.id] for turn in turns if turn.message.id in place]
    verdict.note("disordered", f"turns {order}", sum(later < earlier for earlier, later in pairwise(order)))


def _asks(person: Person, said: Said) -> bool:
    """Whether a message must become a turn: comments that join another, or are not meant for the shop, do not."""
    return person.door != ROOM or said.fate == "ask"


def _judge_replies(verdict: Verdict, person: Person, turns: Sequence[Turn]) -> None:
    """Each reply of each turn was shown once, in order; and nothing else to these messages."""
    ids = {said.id for said in person.said}
    expected = [
        (f"{turn.message.id}/{number}", reply.text)
        for turn in turns
        if turn.message.id in ids
        for number, reply in enumerate(turn.replies)
    ]
    shown = [("/".join(name.split("/")[-2:]), one) for name, one in person.shown.items()]
    theirs = [(name, one) for name, one in shown if name.split("/")[0] in ids]
    had = {name: one.text for name, one in theirs}
    for name, text in expected:
        if name not in had:
            verdict.note("lost", f"the reply {name} was shown to nobody")
        elif had[name] != text:
            verdict.note("doubled", f"the reply {name} was told in other words than its turn has")
    due = [name for name, _ in expected]
    verdict.note("doubled", "a reply that no turn has", len(set(had) - set(due)))
    verdict.note(
        "again", "replies that came again under their id, which receivers know", sum(one.repeats for _, one in theirs)
    )
    if person.door != REST:
        order = [due.index(name) for name in had if name in due]
        verdict.note("disordered", f"replies {order}", sum(later < earlier for earlier, later in pairwise(order)))


# ---------------------------------------------------------------- the room


def _judge_room(verdict: Verdict, viewers: Sequence[Person], turns: Mapping[str, Sequence[Turn]]) -> None:
    """Everybody saw each comment once, those of one writer in their order, and each question was answered to somebody."""
    answered = _answered(viewers)
    for writer in viewers:
        public = [f"{writer.tag}-{said.id}" for said in writer.said if said.accepted is not None]
        for viewer in viewers:
            missed = [name for name in public if name not in viewer.shown]
            verdict.note("unseen", f"{len(missed)} of {writer.tag}'s by {viewer.tag}: {missed[:3]}", len(missed))
            order = [public.index(name) for name in viewer.shown if name in public]
            verdict.note("disordered", f"comments {order}", sum(later < earlier for earlier, later in pairwise(order)))
        everywhere = set().union(*(viewer.shown for viewer in viewers))
        for name in public:
            if name not in everywhere:
                verdict.note("lost", f"the comment {name} was shown to nobody")
        _judge_answers(verdict, writer, turns.get(writer.user, ()), answered)
    repeats = sum(one.repeats for viewer in viewers for one in viewer.shown.values())
    verdict.note("doubled", "lines that one connection showed twice", repeats)


def _judge_answers(verdict: Verdict, writer: Person, turns: Sequence[Turn], answered: Mapping[str, set[str]]) -> None:
    for turn in turns:
        name = f"{writer.tag}-{turn.message.id}"
        public = [reply for reply in turn.replies if reply.audience is Audience.PUBLIC and not reply.aside]
        told = answered.get(name, set())
        if public and not told:
            verdict.note("untold", f"{turn.message.text} ({name}) has a public answer that nobody saw")
        verdict.note("doubled", f"{turn.message.text} ({name}) has answers {sorted(told)}", max(0, len(told) - len(public)))


def _answered(viewers: Sequence[Person]) -> dict[str, set[str]]:
    """The replies by which each comment was answered, as anybody saw it."""
    answered: dict[str, set[str]] = {}
    for viewer in viewers:
        for name, shown in viewer.shown.items():
            for comment in shown.answers:
                answered.setdefault(comment, set()).add(name)
    return answered
