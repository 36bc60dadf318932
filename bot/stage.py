"""What a live room and the stage of its virtual host know of each other: nouns, and the port between the channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.types import Reply


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What a room has told everybody, at `at`: `reply`, to `asked` people, the first of them under the public name `name`.

    `question` is theirs as the room shows it; `corrects` are the ids of the answers that this one puts right.
    """

    id: str
    reply: Reply
    at: datetime
    name: str = ""
    asked: int = 1
    question: str = ""
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said or will be. `kind` is narration, thanks, answer, correction or safety."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence that was not said because its `words` are not fit to be; `why` is the kind of violation."""

    at: datetime
    text: str
    why: str
    words: str


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage as the host of its room sees it. `dropped` counts what was not said, by reason; `refused` has the last ones.

    `halted`: after a safety stop. `by_person`: a person has the microphone.
    """

    now: Line | None = None
    next: tuple[Line, ...] = ()
    halted: bool = False
    by_person: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()


class Act(StrEnum):
    """What the host of a room can do to its stage: `take` the microphone for a person and `give` it back."""

    SKIP = "skip"
    STOP = "stop"
    GO = "go"
    TAKE = "take"
    GIVE = "give"


class Stage(Protocol):
    """The stage of one room. Nothing here waits for anybody."""

    def answer(self, told: PublicAnswer) -> None:
        """Say what the room was told. The same again is not said again."""
        ...

    def take_back(self, answers: Iterable[str]) -> None:
        """Answers by their ids: do not say them any more, and break off the one that is being said."""
        ...

    def say(self, text: str) -> None:
        """Words of the host's own. Raises BadInput where they are not fit to be said."""
        ...

    def act(self, act: Act) -> None:
        """Do what the host wants."""
        ...

    def view(self) -> StageView:
        """What it says, and will say."""
        ...


class Stages:
    """The stages of this process, by room."""

    def __init__(self) -> None:
        self._open: dict[str, Stage] = {}

    def open(self, room: str, stage: Stage) -> None:
        """From now on a room has this stage."""
        self._open[room] = stage

    def close(self, room: str) -> None:
        """From now on it has none."""
        self._open.pop(room, None)

    def of(self, room: str) -> Stage | None:
        """The stage of a room, where it has one."""
        return self._open.get(room)
