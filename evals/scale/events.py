"""A small simulation of discrete events: a clock that jumps to the next one, stations with queues, and a disk.

Everything happens in the order of time, and at one time in the order in which it was planned: the same seed gives the same
run. Time is seconds.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

Then = Callable[[], None]


@dataclass(slots=True)
class Clock:
    """What is to happen, and what time it is."""

    now: float = 0.0
    _due: list[tuple[float, int, Then]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def after(self, seconds: float, then: Then) -> None:
        """Have something happen so many seconds from now. Raises ValueError for the past."""
        if seconds < 0:
            raise ValueError(f"{seconds} s from now is past")
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), then))

    def run(self, until: float) -> None:
        """Let everything happen that is due up to a time, and stand there."""
        while self._due and self._due[0][0] <= until:
            self.now, _, then = heapq.heappop(self._due)
            then()
        self.now = max(self.now, until)


@dataclass(slots=True)
class Station:
    """`servers` that take who arrives in turn. Counts what arrived and was served, and how long servers were busy."""

    clock: Clock
    servers: int
    arrived: int = 0
    served: int = 0
    _taken: int = 0
    _waiting: deque[Then] = field(default_factory=deque)
    _busy_s: float = 0.0
    _since: float = 0.0

    def acquire(self, then: Then) -> None:
        """Have a server as soon as one is free; it is kept until `release`."""
        self.arrived += 1
        if self._taken < self.servers:
            self._change(+1)
            then()
        else:
            self._waiting.append(then)

    def release(self) -> None:
        """Give a server back, to who has waited longest."""
        self.served += 1
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._change(-1)

    def serve(self, seconds: float, then: Then) -> None:
        """Have a server for so long."""

        def begin() -> None:
            self.clock.after(seconds, end)

        def end() -> None:
            self.release()
            then()

        self.acquire(begin)

    @property
    def inside(self) -> int:
        """How many wait or are served now."""
        return self._taken + len(self._waiting)

    def busy_s(self) -> float:
        """Server-seconds so far."""
        return self._busy_s + self._taken * (self.clock.now - self._since)

    def utilisation(self) -> float:
        """The share of all servers' time so far that was busy."""
        return self.busy_s() / (self.servers * self.clock.now) if self.clock.now else 0.0

    def _change(self, by: int) -> None:
        self._busy_s, self._since = self.busy_s(), self.clock.now
        self._taken += by


@dataclass(slots=True)
class Disk:
    """Where commits are made safe: one write at a time, and each takes all who wait when it begins (group commit)."""

    clock: Clock
    write_s: float
    arrived: int = 0
    served: int = 0
    writes: int = 0
    _waiting: list[Then] = field(default_factory=list)
    _writing: bool = False

    def commit(self, then: Then) -> None:
        """Be told when it is on the disk."""
        self.arrived += 1
        self._waiting.append(then)
        if not self._writing:
            self._write()

    def _write(self) -> None:
        together, self._waiting, self._writing = self._waiting, [], True
        self.writes += 1

        def end() -> None:
            self._writing = False
            self.served += len(together)
            if self._waiting:
                self._write()
            for then in together:
                then()

        self.clock.after(self.write_s, end)

    def utilisation(self) -> float:
        """The share of the time so far in which it wrote, what is being written counted as a whole."""
        return min(1.0, self.writes * self.write_s / self.clock.now) if self.clock.now else 0.0
