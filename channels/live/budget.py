"""How many answers a room gets a minute, and which question is next. Pure but for what it remembers; time is given.

A room in which everything is answered at once is a wall of text that nobody reads, and platforms cut off who writes too
much. Within the budget the question that is worth most to the room is answered first:

    score =  log2(people who ask), at most 5        what many ask
           + seconds waiting / 10                   what waits long
           + 1 where the asker may be buying        by the topic of the question
           + 1 where the show never answered it     what is new
           - answers to this asker lately, at most 3    so that one viewer does not crowd out others

All but the waiting is bounded: whoever waits `BOUND_S` longer than another is answered before them, whatever they ask.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)
MOST_ASKED: Final = 5.0
BUYING: Final = 1.0
FRESH: Final = 1.0
MOST_LATELY: Final = 3
SECONDS_A_POINT: Final = 10.0
BOUND_S: Final = (MOST_ASKED + BUYING + FRESH + MOST_LATELY) * SECONDS_A_POINT


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that waits for its turn since `since`: for `asker`, and `asked` people in all.

    `chosen`: by the host. `urgent`: it puts right what was told.
    """

    id: str
    asker: str
    since: datetime
    asked: int = 1
    buying: bool = False
    fresh: bool = True
    chosen: bool = False
    urgent: bool = False


def score(candidate: Candidate, now: datetime, lately: int = 0) -> float:
    """What an answer is worth at `now`, where its asker got `lately` others within the last minute; see above."""
    waited = max(0.0, (now - candidate.since).total_seconds())
    worth = min(math.log2(max(1, candidate.asked)), MOST_ASKED) + waited / SECONDS_A_POINT
    return worth + BUYING * candidate.buying + FRESH * candidate.fresh - min(lately, MOST_LATELY)


class Budget:
    """Answers that may be told: `per_minute` in any minute (None: as many as there are), `cooldown_s` apart."""

    def __init__(self, per_minute: int | None, cooldown_s: float = 0.0) -> None:
        self._per_minute = per_minute
        self._cooldown = timedelta(seconds=cooldown_s)
        self._told: deque[tuple[datetime, str]] = deque()

    def allows(self, now: datetime) -> bool:
        """Whether an answer may be told at `now`."""
        self._forget(now)
        if self._told and now - self._told[-1][0] < self._cooldown:
            return False
        return self._per_minute is None or len(self._told) < self._per_minute

    def spend(self, asker: str, now: datetime) -> None:
        """An answer is told to `asker`, and all others, at `now`."""
        self._told.append((now, asker))

    def lately(self, asker: str, now: datetime) -> int:
        """Answers that this asker got within the last minute."""
        self._forget(now)
        return sum(told == asker for _, told in self._told)

    def _forget(self, now: datetime) -> None:
        while self._told and now - self._told[0][0] >= WINDOW:
            self._told.popleft()


class AnswerQueue:
    """Answers that wait for the budget: at most `most` of them, each for at most `patience_s` seconds.

    `refreshed` gives what is true of a candidate now: more may ask the same while it waits.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        most: int,
        patience_s: float,
        refreshed: Callable[[Candidate], Candidate] = lambda candidate: candidate,
    ) -> None:
        self._budget = budget
        self._most = most
        self._patience = timedelta(seconds=patience_s)
        self._refreshed = refreshed
        self._waiting: dict[str, Candidate] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, candidate: Candidate, now: datetime) -> Candidate | None:
        """Let it wait. Returns the one that is worth least and has no place any more, which may be the same."""
        self._waiting[candidate.id] = candidate
        if len(self._waiting) <= self._most:
            return None
        least = min(self._waiting.values(), key=lambda waiting: self._order(waiting, now))
        return self._waiting.pop(least.id)

    def drop(self, candidate_id: str) -> None:
        """It waits no longer."""
        self._waiting.pop(candidate_id, None)

    def take(self, now: datetime) -> Candidate | None:
        """The next to be told, where the budget allows one now; it is spent."""
        if not self._waiting or not self._budget.allows(now):
            return None
        best = max(self._waiting.values(), key=lambda waiting: self._order(waiting, now))
        self._budget.spend(best.asker, now)
        return self._waiting.pop(best.id)

    def overdue(self, now: datetime) -> list[Candidate]:
        """Those that waited too long: what they say may be true no more. They wait no longer."""
        late = [waiting for waiting in self._waiting.values() if now - waiting.since > self._patience]
        for waiting in late:
            del self._waiting[waiting.id]
        return late

    def _order(self, candidate: Candidate, now: datetime) -> tuple[bool, bool, float]:
        """What puts others right comes first, then what the host chose, then by score."""
        fresh = self._refreshed(candidate)
        return fresh.urgent, fresh.chosen, score(fresh, now, self._budget.lately(fresh.asker, now))
