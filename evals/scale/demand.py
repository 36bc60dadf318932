"""What is asked of the service, and of which machines: assumptions, all in one place, none of them measured.

Rates of a day follow a raised cosine with its peak in the evening, rooms a Zipf law by their rank: both are usual shapes,
fitted on no data of ours. Arrivals are a Poisson process whose rate changes, by thinning (Lewis and Shedler, "Simulation of
Nonhomogeneous Poisson Processes by Thinning", Naval Research Logistics Quarterly 26(3), 1979).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DAY_S = 86_400.0
PEAK_HOUR = 21.0


@dataclass(frozen=True, slots=True)
class Demand:
    """At the peak of a day. `comments_per_viewer`: a second; `zipf`: the exponent of rooms' sizes by rank.

    `says_something`: the share of comments that are not only noise, and that the gate judges.
    `shown_per_s`: the most comments a second that a room shows; None as it is now: all of them.
    `trough`: the rate of the quietest hour, as a part of the peak's.
    """

    viewers: int = 1_000_000
    turns_per_s: float = 20_000.0
    rooms: int = 2_000
    zipf: float = 1.0
    comments_per_viewer: float = 1 / 120
    says_something: float = 0.5
    shown_per_s: float | None = None
    trough: float = 0.15


@dataclass(frozen=True, slots=True)
class Machines:
    """What it is run on. `at_most`: how busy a part may be so that waits stay short. `database_cores`: of one PostgreSQL.

    `trip_ms`: between two machines and back. `connections`: that one PostgreSQL takes (its default is 100).
    """

    at_most: float = 0.6
    database_cores: int = 16
    worker_cores: int = 16
    trip_ms: float = 0.3
    connections: int = 1_000


def sizes(demand: Demand) -> list[float]:
    """Viewers of each room, the largest first; together all viewers."""
    weights = [1 / rank**demand.zipf for rank in range(1, demand.rooms + 1)]
    whole = sum(weights)
    return [demand.viewers * weight / whole for weight in weights]


def shown(demand: Demand, viewers: float) -> float:
    """Comments a second that a room of so many viewers shows to each of them."""
    said = viewers * demand.comments_per_viewer
    return said if demand.shown_per_s is None else min(said, demand.shown_per_s)


def of_peak(at_s: float, trough: float) -> float:
    """The rate at a second of the day as a part of the peak's: `trough` to 1."""
    phase = 2 * math.pi * (at_s / DAY_S - PEAK_HOUR / 24)
    return trough + (1 - trough) * (1 + math.cos(phase)) / 2


def arrivals(rate: Callable[[float], float], highest: float, seconds: float, dice: random.Random) -> Iterator[float]:
    """Times of a Poisson process with this rate a second, which is never above `highest` (else ValueError)."""
    at = dice.expovariate(highest)
    while at < seconds:
        now = rate(at)
        if now > highest:
            raise ValueError(f"the rate at {at:.1f} s is {now}, above {highest}")
        if dice.random() * highest < now:
            yield at
        at += dice.expovariate(highest)
