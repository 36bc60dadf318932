"""What became of each message, and the port by which the merchant's console looks at turns that were taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.types import Answer, Author, Escalate, Mode, Turn


class Became(StrEnum):
    """What a turn came to: an answer with its source, none, a person, anything else that was done, or no customer wrote."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    HANDED_OVER = "handed_over"
    SERVED = "served"
    NOT_ASKED = "not_asked"


def became(turn: Turn) -> Became:
    """What a turn came to. Pure."""
    if turn.message.author is not Author.CUSTOMER:
        return Became.NOT_ASKED
    if turn.mode is not Mode.BOT and any(isinstance(decision, Escalate) for decision in turn.decisions):
        return Became.HANDED_OVER
    if is_unanswered(turn):
        return Became.UNANSWERED
    return Became.ANSWERED if _told(turn) else Became.SERVED


def is_unanswered(turn: Turn) -> bool:
    """Whether a turn looked for an answer, found passages, and said that none of them answers."""
    asked = any(isinstance(decision, Answer) for decision in turn.decisions)
    return asked and bool(turn.passages and turn.replies) and not _told(turn)


def _told(turn: Turn) -> bool:
    return any(reply.citations and not reply.aside for reply in turn.replies)


def has_words(turn: Turn, words: str) -> bool:
    """Whether somebody said `words` in a turn, or is called so, whatever the case of their letters."""
    said = (turn.message.text, turn.message.author_name, *(reply.text for reply in turn.replies))
    return any(words.casefold() in text.casefold() for text in said)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in a list: its `name` in addresses (tells nothing of the customer), how many turns, and the last."""

    name: str
    turns: int
    last: Turn


class Traces(Protocol):
    """The turns that are kept. They go with their conversation and their period. Raises StorageUnavailable."""

    async def talks(
        self, *, words: str = "", came_to: Became | None = None, before: datetime | None = None, limit: int = 50
    ) -> Sequence[Talk]:
        """Conversations, the one that was spoken in last first; with `before` those whose last word is older.

        With `words` those in which somebody said them, with `came_to` those with such a turn; for words only the last few
        thousand turns are looked through.
        """
        ...

    async def talk(self, name: str, limit: int = 200) -> Sequence[Turn]:
        """The last turns of the conversation called `name`, oldest first; none where there is none of that name."""
        ...

    async def unanswered(self, limit: int) -> Sequence[Turn]:
        """The last turns that left a question unanswered, oldest first."""
        ...

    async def counted(self, since: datetime) -> Mapping[tuple[int, Became], int]:
        """How many turns since then came to what, by quarters of an hour since the epoch: any zone's days are made of these.

        Turns of a version that did not note what became of them are not counted.
        """
        ...
