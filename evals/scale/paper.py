"""The model on paper: what each part of the service has to do for a demand, by measured costs and the utilisation law.

Costs of a frame and of a comment are the two coefficients of the line through rooms of two sizes; that more cores do more,
one for one, is assumed and not measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.database import POOL_SIZE
from evals.scale.demand import Demand, Machines, shown, sizes
from evals.scale.figures import Figures, Room
from evals.scale.queueing import needed

# Connections to PostgreSQL of a worker beside its pool: the one that holds conversations.
LOCKS = 1
# How often the number of workers is reckoned again, as each one more is told what rooms show.
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Costs:
    """What one thing costs, in seconds of CPU unless a name says otherwise; all of it from `Figures`."""

    turn_worker_s: float
    turn_database_s: float
    turn_redis_s: float
    statements: float
    wal_bytes: float
    write_s: float
    frame_s: float
    comment_s: float
    judge_s: float
    relay_s: float
    publish_s: float
    receive_s: float
    frame_bytes: float
    viewer_bytes: float
    worker_bytes: float
    idle_worker_s: float
    idle_database_s: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `used`: how many units the demand keeps busy all the time; `count`: how many there must be.

    `several`: whether the service can have more than one of it as it is now.
    """

    name: str
    unit: str
    used: float
    count: int
    several: bool

    @property
    def first(self) -> float:
        """At which part of the demand one unit is saturated: above 1, one is enough."""
        return 1 / self.used if self.used else math.inf


@dataclass(frozen=True, slots=True)
class Sized:
    """A demand, worked out. `workers`: processes of one core; `holds`: whether any number of them would do.

    Where it does not hold, `workers` are those that all but the relaying of comments takes.
    """

    workers: int
    holds: bool
    parts: tuple[Part, ...]
    ram_bytes: float


@dataclass(frozen=True, slots=True)
class Fanout:
    """What rooms ask for, a second: comments that are said, frames to viewers, and `copies`: comments that are shown, times
    the workers that they must reach. `largest`: viewers of the largest room, `largest_said`: its comments."""

    comments: float
    frames: float
    copies: float
    largest: float
    largest_said: float


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Slope and intercept through the first and last point, neither below 0. Raises ValueError where they are one above
    the other."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    if x0 == x1:
        raise ValueError(f"no line goes through points that are all at {x0}")
    slope = max(0.0, (y1 - y0) / (x1 - x0))
    return slope, max(0.0, y0 - slope * x0)


def costs(figures: Figures) -> Costs:
    """The costs by what was measured: a turn's at one worker with one sender, where nothing waits for anything else."""
    turn = figures.turns_of(1, 1)
    alone = [one for one in figures.rooms if one.workers == 1]
    frame, comment = line([(one.viewers, one.cpu_ms["workers"] / 1000) for one in alone])
    receive, publish = line([(one.subscribers, one.server_us / 1e6) for one in figures.publishing])
    one = min(figures.commits, key=lambda commits: commits.connections)
    return Costs(
        turn.cpu_ms["workers"] / 1000,
        turn.cpu_ms["postgres"] / 1000,
        turn.cpu_ms["redis"] / 1000,
        turn.statements,
        turn.wal_bytes,
        one.p50_ms / 1000,
        frame,
        comment,
        figures.judging.cpu_ms / 1000,
        _relay(figures.rooms, frame, comment),
        publish,
        receive,
        max(room.bytes for room in figures.rooms),
        max(room.viewer_bytes for room in figures.rooms),
        figures.worker_bytes,
        _at_rest(figures, "workers"),
        _at_rest(figures, "postgres"),
    )


def _at_rest(figures: Figures, part: str) -> float:
    """Cores that one idle worker keeps busy in a part: the mean of all that were watched."""
    return sum(one.cpu[part] * one.workers for one in figures.idle) / sum(one.workers for one in figures.idle)


def _relay(rooms: Sequence[Room], frame: float, comment: float) -> float:
    """CPU of workers for a comment that reaches one more of them: what two workers use more than one."""
    two = [max(0.0, one.cpu_ms["workers"] / 1000 - comment - frame * one.viewers) for one in rooms if one.workers == 2]
    return sum(two) / len(two) if two else 0.0


def fanout(demand: Demand, workers: int, *, routed: bool) -> Fanout:
    """What rooms ask for. `routed`: a room's viewers are at as few workers as hold them; else they are spread over all."""
    rooms = sizes(demand)
    per_worker = demand.viewers / workers
    comments = frames = copies = 0.0
    for viewers in rooms:
        rate = shown(demand, viewers)
        at = math.ceil(viewers / per_worker) if routed else min(workers, viewers)
        frames, copies = frames + rate * viewers, copies + rate * at
        comments += viewers * demand.comments_per_viewer
    return Fanout(comments, frames, copies, rooms[0], rooms[0] * demand.comments_per_viewer)


def sized(demand: Demand, machines: Machines, cost: Costs, *, routed: bool = False) -> Sized:
    """What a demand takes, part by part, in the order of the way of a message."""
    workers, holds = _workers(demand, machines, cost, routed=routed)
    rooms = fanout(demand, workers, routed=routed)
    turns = demand.turns_per_s
    taken_s = cost.comment_s + demand.says_something * cost.judge_s
    database = turns * cost.turn_database_s + workers * cost.idle_database_s
    redis = turns * cost.turn_redis_s + rooms.comments * cost.publish_s + rooms.copies * cost.receive_s

    def part(name: str, unit: str, used: float, *, several: bool) -> Part:
        return Part(name, unit, used, needed(1, used, machines.at_most), several)

    found = (
        part("workers: turns", "core", turns * cost.turn_worker_s, several=True),
        part("workers: frames to viewers", "core", rooms.frames * cost.frame_s, several=True),
        part("workers: comments taken", "core", rooms.comments * taken_s, several=True),
        part("workers: comments relayed", "core", rooms.copies * cost.relay_s, several=True),
        part("owner of the largest room", "core", rooms.largest_said * taken_s, several=False),
        part("each worker: its relayed comments", "core", rooms.copies * cost.relay_s / workers, several=False),
        part("PostgreSQL: CPU", f"{machines.database_cores} cores", database / machines.database_cores, several=False),
        Part("PostgreSQL: connections", f"{machines.connections}", *_connections(workers, machines), several=False),
        part("Redis", "core", redis, several=False),
        part("network to viewers", "10 Gbit/s", rooms.frames * cost.frame_bytes * 8 / 1e10, several=True),
    )
    return Sized(workers, holds, found, workers * cost.worker_bytes + demand.viewers * cost.viewer_bytes)


def _connections(workers: int, machines: Machines) -> tuple[float, int]:
    """How many servers' connections all workers may take, and in whole servers."""
    used = workers * (POOL_SIZE + LOCKS) / machines.connections
    return used, math.ceil(used)


def _workers(demand: Demand, machines: Machines, cost: Costs, *, routed: bool) -> tuple[int, bool]:
    """The least workers that are at most so busy, and whether relaying lets there be such: each one more is told everything
    that its rooms show."""
    taken_s = cost.comment_s + demand.says_something * cost.judge_s
    rooms = fanout(demand, 1, routed=routed)
    busy = demand.turns_per_s * cost.turn_worker_s + rooms.frames * cost.frame_s + rooms.comments * taken_s
    least = workers = needed(1, busy, machines.at_most)
    for _ in range(ROUNDS):
        copies = fanout(demand, workers, routed=routed).copies
        free = machines.at_most - cost.idle_worker_s - copies * cost.relay_s / workers
        if free <= 0:
            return least, False
        more = max(1, math.ceil(busy / free))
        if more <= workers:
            return workers, True
        workers = more
    return workers, True


def reach(demand: Demand, machines: Machines, cost: Costs, *, routed: bool = False) -> tuple[str, float]:
    """The first part that is saturated as the demand grows with any number of what can be several, and at which part of it.

    Only parts of which the service can have one now count.
    """
    single = [one for one in sized(demand, machines, cost, routed=routed).parts if not one.several]
    first = min(single, key=lambda one: one.first)
    return first.name, first.first
