"""The lines of a room that wait for a platform: which are told there, in which words and length, in order. Time is given."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.live import PublicLine
from channels.live.budget import Budget
from channels.live.frames import NAMES, message_of
from channels.live.known import bound
from channels.live.triage import Comment

# Lines that may wait; of more, the oldest are given up.
MOST: Final = 100
# What the bot says is marked as such; what a host wrote is not.
LABELS: Final = {"zh": "【AI】", "zh-Hant": "【AI】", "en": "[AI] "}
_SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』)）]*|\.(?=\s|$)|\n")
_WORD_END = re.compile(r"(?<=[^\x00-\x7f])|(?=\s)|$")
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Told:
    """A public reply that the room was told. `by_host`: in a person's words."""

    id: str
    text: str
    language: str
    by_host: bool
    at: datetime


@dataclass(slots=True)
class Outgoing:
    """The way out to one platform.

    `answers`: `own` for replies to its own viewers, `all` for everybody's. At most `per_minute` lines go out, each of
    at most `characters`; what waited for `patience_s` seconds is given up.
    """

    source: str
    answers: Literal["own", "all", "none"] = "own"
    per_minute: int = 12
    characters: int = 100
    patience_s: float = 120
    told: int = 0
    given_up: int = 0
    _waiting: deque[PublicLine] = field(default_factory=deque)
    _offered: dict[str, None] = field(default_factory=dict)
    _budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self._budget = Budget(self.per_minute)

    def offer(self, told: Told, comments: Sequence[Comment]) -> None:
        """The room was told this in answer to these comments; it waits where the platform is to hear it, once."""
        theirs = [comment for comment in comments if comment.source == self.source]
        if self.answers != "all" and not (theirs and self.answers == "own"):
            return
        names = tuple(dict.fromkeys(comment.name for comment in theirs))[:NAMES]
        answers = tuple(message_of(comment.id) for comment in theirs)
        text = worded(told.text, "" if told.by_host else LABELS.get(told.language, ""), names[:1], self.characters)
        self.put(PublicLine(told.id, text, told.language, told.at, answers, names))

    def put(self, line: PublicLine) -> None:
        """This waits; what waits or went out before under the same id does not again."""
        if line.id in self._offered:
            return
        self._offered[line.id] = None
        bound(self._offered)
        self._waiting.append(line)
        if len(self._waiting) > MOST:
            self._waiting.popleft()
            self.given_up += 1

    def restore(self, lines: Sequence[PublicLine]) -> None:
        """These waited before a restart."""
        for line in lines:
            self.put(line)

    def waiting(self) -> list[PublicLine]:
        """What waits, in its order."""
        return list(self._waiting)

    def next(self, now: datetime) -> PublicLine | None:
        """The line to be told now, which goes on waiting until `done`; None while there is none, or the minute is full."""
        while self._waiting and now - self._waiting[0].at > timedelta(seconds=self.patience_s):
            self._waiting.popleft()
            self.given_up += 1
        return self._waiting[0] if self._waiting and self._budget.allows(now) else None

    def done(self, line: PublicLine, now: datetime, *, told: bool) -> None:
        """A line was told, or is refused for good."""
        if self._waiting and self._waiting[0].id == line.id:
            self._waiting.popleft()
        self.told += told
        self.given_up += not told
        if told:
            self._budget.spend(self.source, now)


def worded(text: str, label: str, names: Sequence[str], characters: int) -> str:
    """A line of at most `characters`: label, whom it answers where that fits, and the text, cut at a sentence."""
    text = " ".join(text.split())
    addressed = label + "".join(f"@{name} " for name in names)
    if len(addressed) + len(text) <= characters:
        return addressed + text
    return label + cut(text, characters - len(label))


def cut(text: str, characters: int) -> str:
    """As many whole sentences as fit into `characters`; where none does, as many words or characters, and an ellipsis."""
    if len(text) <= characters:
        return text
    ends = [end.end() for end in _SENTENCE_END.finditer(text) if end.end() <= characters]
    if ends:
        return text[: ends[-1]].rstrip()
    words = [end.start() for end in _WORD_END.finditer(text) if 0 < end.start() < characters]
    return text[: words[-1] if words else characters - 1].rstrip() + _CUT
