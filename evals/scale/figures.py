"""The measured figures that model and simulation are fed with, from `figures.json`, written by `python -m evals.scale`.

Nothing here is estimated: what no measurement gives is an assumption, and those are in `evals/scale/demand.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from evals.data import NoData

FILE = Path(__file__).with_name("figures.json")


@dataclass(frozen=True, slots=True)
class Turns:
    """One level at the REST door, PostgreSQL and Redis beside it. Times of a turn in ms as its sender saw them.

    `cpu_ms`: CPU a turn of workers, PostgreSQL, Redis and the client that asks. `others`: cores that everything else on the
    machine took meanwhile. `statements` (idle ones taken off), `commits` (those that say so), `wal_bytes`: of PostgreSQL, a
    turn. `quantiles_ms`: the 0.5th, 1.5th … 99.5th percentile.
    """

    workers: int
    senders: int
    turns: int
    errors: int
    turns_per_s: float
    p50_ms: float
    p99_ms: float
    quantiles_ms: tuple[float, ...]
    cpu_ms: dict[str, float]
    others: float
    statements: float
    commits: float
    wal_bytes: float


@dataclass(frozen=True, slots=True)
class Idle:
    """One worker for which there is nothing to do, a second: CPU-seconds by part, and statements."""

    workers: int
    cpu: dict[str, float]
    statements: float


@dataclass(frozen=True, slots=True)
class Room:
    """One room with comments that are no questions. `cpu_ms`: a comment, by part; `ms`: from saying to each viewer's seeing.

    `rest`: cores that are busy while nobody says anything, which `cpu_ms` does not count.
    `bytes`: of a comment's frame. `viewer_bytes`: RAM of the workers for each viewer who is connected.
    """

    workers: int
    viewers: int
    comments: int
    frames: int
    cpu_ms: dict[str, float]
    rest: dict[str, float]
    p50_ms: float
    p99_ms: float
    bytes: float
    viewer_bytes: float
    others: float


@dataclass(frozen=True, slots=True)
class Judging:
    """The gate alone: CPU a comment, in ms, of the labelled ones that are kept back for tests (`evals/room`)."""

    comments: int
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Publishing:
    """Redis alone: CPU of the server a publish of `bytes` bytes to so many subscribers, in microseconds."""

    subscribers: int
    bytes: int
    published: int
    server_us: float


@dataclass(frozen=True, slots=True)
class Commits:
    """PostgreSQL alone: transactions of one row each, on so many connections, every one on the disk when it is done."""

    connections: int
    per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    syncs: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of `python -m evals.scale`. `worker_bytes`: RAM of one worker with the demo shop, what it shares included."""

    at: str
    cores: int
    worker_bytes: int
    turns: tuple[Turns, ...]
    idle: tuple[Idle, ...]
    rooms: tuple[Room, ...]
    judging: Judging
    publishing: tuple[Publishing, ...]
    commits: tuple[Commits, ...]

    def turns_of(self, workers: int, senders: int) -> Turns:
        """That level. Raises NoData where it was not measured."""
        for level in self.turns:
            if (level.workers, level.senders) == (workers, senders):
                return level
        raise NoData(f"turns of {senders} senders at {workers} workers were not measured: python -m evals.scale --keep")


def load_figures(file: Path = FILE) -> Figures:
    """What was measured last and kept. Raises NoData where nothing was."""
    if not file.is_file():
        raise NoData("nothing was measured yet: python -m evals.scale --keep")
    return TypeAdapter(Figures).validate_json(file.read_bytes())


def save_figures(figures: Figures, file: Path) -> None:
    """Write them, sorted as they are declared."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n")
