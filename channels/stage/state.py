"""What the scheduler knows between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.stage.cues import Cue, Part, Priority, Why


@dataclass(frozen=True, slots=True)
class Limits:
    """How many utterances of a priority may wait, how many thanks are said in `window_s`, how long a broken engine rests."""

    waiting: Mapping[Priority, int] = field(
        default_factory=lambda: {
            Priority.NARRATION: 1,
            Priority.THANKS: 4,
            Priority.ANSWER: 20,
            Priority.CORRECTION: 8,
            Priority.SAFETY: 4,
        }
    )
    thanks: int = 4
    window_s: float = 60.0
    rest_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Speaking:
    """The cue that is on, and what will be left when it is over. `bridge`: it only leads back to the part's sentence."""

    cue: Cue
    part: Part
    bridge: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the scheduler knows. `engines` in the order of preference; `waiting` first come, first served.

    `halted`: after a safety stop; `by_person`: a person has the microphone.
    `resting` says until when an engine is not tried, `thanked` when thanks were begun, `dropped` counts what was not said.
    """

    engines: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    waiting: tuple[Part, ...] = ()
    speaking: Speaking | None = None
    halted: bool = False
    by_person: bool = False
    resting: Mapping[str, datetime] = field(default_factory=dict)
    thanked: tuple[datetime, ...] = ()
    dropped: Mapping[Why, int] = field(default_factory=dict)
    cues: int = 0

    def engine(self, now: datetime) -> str | None:
        """The first engine that works; None where all rest."""
        return next((name for name in self.engines if self.resting.get(name, now) <= now), None)

    def thanked_lately(self, now: datetime) -> tuple[datetime, ...]:
        """When thanks were begun in the window before `now`."""
        return tuple(at for at in self.thanked if at > now - timedelta(seconds=self.limits.window_s))

    @property
    def wants_narration(self) -> bool:
        """Whether no narration is left to say."""
        return not any(part.priority is Priority.NARRATION for part in self.parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that is being said or waits to be."""
        return (self.speaking.part, *self.waiting) if self.speaking else self.waiting

    @property
    def lowest(self) -> Priority:
        """What is less important than this is not begun now."""
        if self.halted:
            return Priority.SAFETY
        return Priority.ANSWER if self.by_person else Priority.NARRATION

    @property
    def following(self) -> tuple[Part, ...]:
        """What is begun next, if nothing happens: the rest of what is on, and what waits, the most important first."""
        rest = self.speaking.part.after() if self.speaking else None
        waiting = (rest, *self.waiting) if rest else self.waiting
        return tuple(sorted(waiting, key=lambda part: -part.priority))

    @property
    def products(self) -> frozenset[str]:
        """The products that all this is about: whose tables must be fresh before the next step."""
        parts = (sentence.products for part in self.parts for sentence in part.utterance.sentences[part.at :])
        return frozenset[str]().union(*parts)
