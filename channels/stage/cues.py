"""What goes into the scheduler and what comes out of it, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from channels.stage.claims import Claims, Sentence


class Priority(IntEnum):
    """Who goes before whom: the higher one cuts the lower one off, and never the other way round."""

    NARRATION = 0
    THANKS = 1
    ANSWER = 2
    CORRECTION = 3
    SAFETY = 4


@dataclass(frozen=True, slots=True)
class Utterance:
    """Sentences that belong together. After `good_until` it is not begun any more. `id` is the caller's."""

    id: str
    priority: Priority
    sentences: tuple[Sentence, ...]
    good_until: datetime | None = None


class Prompter(Protocol):
    """What the scheduler asks about sentences just before they are spoken. All of it is of the tables as they are now."""

    def still_true(self, claims: Claims) -> bool:
        """Whether the tables make all these claims."""
        ...

    def proper(self, sentence: Sentence) -> bool:
        """Whether it is fit to be said in public."""
        ...

    def fresh(self, sentence: Sentence) -> bool:
        """Whether viewers have not heard just this in the last minutes."""
        ...

    def reword(self, sentence: Sentence) -> Sentence | None:
        """The same point in words that are true and fresh; None where there is none any more."""
        ...

    def bridge(self, sentence: Sentence) -> Sentence | None:
        """Words that lead back to a sentence that was cut off; None where there are none."""
        ...


# ---------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Say:
    """Something is to be said. Narration takes the place of the narration before it, from its next sentence on."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Finished:
    """The engine has spoken a cue to its end."""

    cue: int


@dataclass(frozen=True, slots=True)
class Sounding:
    """The engine has given sound for a cue that lasts until then: it is slow, perhaps, but not stuck."""

    cue: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine cannot speak a cue, or broke off."""

    cue: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The shop's tables have changed: what is being spoken may be false now."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Safety stop: silence at once, and nothing but safety words until `Go`."""


@dataclass(frozen=True, slots=True)
class Go:
    """The safety stop is over."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The utterances of these ids are not to be said any more, nor to the end where one is on."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Skip:
    """What is on is broken off for good: of narration this sentence, of anything else all of it."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The microphone goes to a person, or comes back: while they have it answers are shown, and nothing is said."""

    to_person: bool


Event = Say | Sounding | Finished | Failed | Changed | Tick | Halt | Go | TakeBack | Skip | Hand


# ---------------------------------------------------------------- orders


@dataclass(frozen=True, slots=True)
class Speak:
    """Give a sentence to an engine, as cue number `cue`. What is not finished at `deadline` is taken for stuck."""

    cue: int
    utterance: Utterance
    sentence: Sentence
    engine: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Caption:
    """Show a sentence as text only, until `deadline`: no engine can speak."""

    cue: int
    utterance: Utterance
    sentence: Sentence
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Silence a cue at once; it comes before whatever is to be spoken next."""

    cue: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence was spoken, or shown, to its end: remember that it was said."""

    utterance: Utterance
    sentence: Sentence


class Why(StrEnum):
    """Why something is not said."""

    FALSE = "false"
    REPEATED = "repeated"
    LATE = "late"
    REPLACED = "replaced"
    FULL = "full"
    BUDGET = "budget"
    HALTED = "halted"
    IMPROPER = "improper"
    TAKEN_BACK = "taken back"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence, or what is left of an utterance where `sentence` is None, is not said."""

    utterance: Utterance
    why: Why
    sentence: Sentence | None = None


Cue = Speak | Caption
Order = Cue | Stop | Heard | Dropped


# ---------------------------------------------------------------- places in an utterance


@dataclass(frozen=True, slots=True)
class Part:
    """What is left of an utterance, from sentence number `at` on. `left`: it was cut off there."""

    utterance: Utterance
    at: int = 0
    left: bool = False

    @property
    def priority(self) -> Priority:
        """Its utterance's."""
        return self.utterance.priority

    @property
    def sentence(self) -> Sentence:
        """The sentence that it is at."""
        return self.utterance.sentences[self.at]

    @property
    def begun(self) -> bool:
        """Whether viewers have heard some of it."""
        return self.at > 0 or self.left

    def after(self) -> Part | None:
        """Without its first sentence; None when that was the last."""
        more = self.at + 1 < len(self.utterance.sentences)
        return Part(self.utterance, self.at + 1) if more else None

    def reworded(self, sentence: Sentence) -> Part:
        """With another sentence in the place of its first."""
        sentences = self.utterance.sentences
        changed = (*sentences[: self.at], sentence, *sentences[self.at + 1 :])
        return replace(self, utterance=replace(self.utterance, sentences=changed))

    def only_this(self) -> Part:
        """Its first sentence and no more."""
        return replace(self, utterance=replace(self.utterance, sentences=self.utterance.sentences[: self.at + 1]))
