"""The service as a simulation of discrete events, at the size of this machine and at the size of a part of a large one.

`closed` is the machine that was measured: so many senders, each with its next question when the last one is answered, and
workers, PostgreSQL and the client side by side on the same cores, which are shared in slices. `open_cell` is one part of
many: a PostgreSQL with the workers whose conversations it keeps, each on a core of its own, people who come when they
like, and comments that every worker must show.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.bench_load import percentile
from evals.scale.demand import arrivals
from evals.scale.events import Clock, Disk, Station, Then
from evals.scale.paper import Costs

# A core goes round those who want it in slices of so many seconds (Linux' usual base slice).
SLICE_S = 0.003
# A part is saturated where it is busy for so much of the time, or what waits grows all the time.
SATURATED = 0.95


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to. Times of a reply in ms; `busy`: of each part, 0 to 1; `waiting`: turns unanswered at the end."""

    arrived: int
    served: int
    waiting: int
    per_s: float
    p50_ms: float
    p99_ms: float
    busy: dict[str, float]

    @property
    def first(self) -> str:
        """The busiest part."""
        return max(self.busy, key=lambda part: self.busy[part])

    @property
    def saturated(self) -> bool:
        """Whether the busiest part has no time left."""
        return self.busy[self.first] >= SATURATED


@dataclass(slots=True)
class _Log:
    """Replies: how long each took, and when the last one came."""

    ms: list[float] = field(default_factory=list)
    last: float = 0.0

    def note(self, began: float, now: float) -> None:
        self.ms.append((now - began) * 1000)
        self.last = now


def shape(quantiles_ms: Sequence[float]) -> list[float]:
    """How much dearer or cheaper than the mean turns are, by the times of one sender alone: their mean is 1.

    Raises ValueError for no times, or such that are all 0.
    """
    mean = sum(quantiles_ms) / len(quantiles_ms) if quantiles_ms else 0.0
    if mean <= 0:
        raise ValueError("turns that took no time have no shape")
    return [one / mean for one in quantiles_ms]


# ---------------------------------------------------------------- the machine that was measured


@dataclass(frozen=True, slots=True)
class Closed:
    """`senders` at `workers` on `cores`, of which others keep `others` busy (less than all of them), slice by slice."""

    workers: int
    senders: int
    turns: int
    cores: int
    others: float
    client_s: float
    redis_s: float


def closed(plan: Closed, cost: Costs, factors: Sequence[float], seed: int = 1) -> Outcome:
    """Play it until all turns are answered. Raises ValueError where others leave no core."""
    if plan.others >= plan.cores:
        raise ValueError(f"others take {plan.others} of {plan.cores} cores")
    clock, log, dice = Clock(), _Log(), random.Random(seed)
    cores, disk = Station(clock, plan.cores), Disk(clock, cost.write_s)
    loops = [Station(clock, 1) for _ in range(plan.workers)]
    left = plan.turns

    def compute(seconds: float, then: Then) -> None:
        """Have a core for so long, slice by slice."""
        if seconds <= 0:
            then()
            return
        piece = min(seconds, SLICE_S)
        cores.serve(piece, lambda: compute(seconds - piece, then))

    def ask(sender: int) -> None:
        nonlocal left
        if left == 0:
            return
        left -= 1
        began, factor, loop = clock.now, dice.choice(factors), loops[sender % plan.workers]

        def at_the_worker(seconds: float, then: Then) -> None:
            def end() -> None:
                loop.release()
                then()

            loop.acquire(lambda: compute(seconds, end))

        def answered() -> None:
            log.note(began, clock.now)
            ask(sender)

        # half of a worker's time is before the database has the turn and half behind it: which, was not measured
        half = cost.turn_worker_s * factor / 2
        database = (cost.turn_database_s + plan.redis_s) * factor
        compute(
            plan.client_s,
            lambda: at_the_worker(
                half, lambda: compute(database, lambda: disk.commit(lambda: at_the_worker(half, answered)))
            ),
        )

    def elsewhere() -> None:
        """The next slice of what others do here: it waits for a core as ours do."""
        cores.serve(SLICE_S, _nothing)
        clock.after(dice.expovariate(plan.others / SLICE_S), elsewhere)

    if plan.others > 0:
        elsewhere()
    for sender in range(plan.senders):
        ask(sender)
    while len(log.ms) < plan.turns:
        clock.run(clock.now + 1.0)
    busy = {
        "cores": cores.busy_s() / (plan.cores * log.last),
        "workers": sum(loop.busy_s() for loop in loops) / (plan.workers * log.last),
        "disk": disk.writes * cost.write_s / log.last,
    }
    return _outcome(plan.turns, log, 0, log.last, busy)


# ---------------------------------------------------------------- one part of many


@dataclass(frozen=True, slots=True)
class Cell:
    """A PostgreSQL and its workers for `seconds`. `turns_per_s`: at the most; `rate`: of that, at both ends and the middle.

    `comments_per_s` reach every worker, each for `viewers` there who are shown it.
    """

    workers: int
    database_cores: int
    turns_per_s: float
    seconds: float
    trip_s: float = 0.0
    comments_per_s: float = 0.0
    viewers: float = 0.0
    rate: tuple[float, float, float] = (1.0, 1.0, 1.0)


def open_cell(plan: Cell, cost: Costs, factors: Sequence[float], seed: int = 1) -> Outcome:
    """Play it for its seconds; what is not answered then waits."""
    clock, log, dice = Clock(), _Log(), random.Random(seed)
    loops = [Station(clock, 1) for _ in range(plan.workers)]
    database, disk = Station(clock, plan.database_cores), Disk(clock, cost.write_s)
    turns = arrivals(
        lambda at: plan.turns_per_s * _between(plan, at), plan.turns_per_s, plan.seconds, random.Random(seed + 1)
    )
    arrived = 0

    def turn() -> None:
        began, factor, loop = clock.now, dice.choice(factors), loops[dice.randrange(plan.workers)]
        half = cost.turn_worker_s * factor / 2
        trips = cost.statements * plan.trip_s

        def answered() -> None:
            log.note(began, clock.now)

        def in_the_database() -> None:
            database.serve(cost.turn_database_s * factor, committing)

        def committing() -> None:
            disk.commit(lambda: loop.serve(half, answered))

        loop.serve(half, lambda: clock.after(trips, in_the_database))

    def next_turn() -> None:
        nonlocal arrived
        at = next(turns, None)
        if at is None:
            return

        def come() -> None:
            nonlocal arrived
            arrived += 1
            turn()
            next_turn()

        clock.after(at - clock.now, come)

    def comments(loop: Station) -> None:
        """The comments of a worker's rooms, one after the other."""

        def come() -> None:
            loop.serve(cost.relay_s + plan.viewers * cost.frame_s, _nothing)
            comments(loop)

        if plan.comments_per_s > 0:
            clock.after(dice.expovariate(plan.comments_per_s), come)

    if plan.turns_per_s > 0:
        next_turn()
    for loop in loops:
        comments(loop)
    clock.run(plan.seconds)
    busy = {
        "workers": sum(loop.utilisation() for loop in loops) / plan.workers,
        "database": database.utilisation(),
        "disk": disk.utilisation(),
    }
    return _outcome(arrived, log, arrived - len(log.ms), plan.seconds, busy)


def _between(plan: Cell, at: float) -> float:
    """The rate at a time, as a part of the most: straight from the first to the middle and on to the last."""
    first, middle, last = plan.rate
    half = plan.seconds / 2
    return first + (middle - first) * at / half if at < half else middle + (last - middle) * (at - half) / half


def _nothing() -> None:
    pass


def _outcome(arrived: int, log: _Log, waiting: int, seconds: float, busy: dict[str, float]) -> Outcome:
    p50, p99 = (percentile(log.ms, percent) if log.ms else 0.0 for percent in (50, 99))
    return Outcome(arrived, len(log.ms), waiting, len(log.ms) / seconds, p50, p99, busy)
