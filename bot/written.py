"""Answers that the merchant writes in the console: the noun, and the port between the console and the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.types import Language


@dataclass(frozen=True, slots=True)
class Wording:
    """A question in one language, in all the ways in which it is asked, and its answer."""

    questions: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """An answer of the merchant's, in Chinese, English or both. `id` is empty for one that is not kept yet."""

    wordings: Mapping[Language, Wording]
    id: str = ""


class WrittenAnswers(Protocol):
    """Where they are kept: beside the shop's documents, which a load does not touch them with, and read as these are.

    Raises BadSettings where the folder cannot be written to.
    """

    async def answers(self) -> Sequence[WrittenAnswer]:
        """All, the one that was written last first."""
        ...

    async def write(self, answer: WrittenAnswer) -> WrittenAnswer:
        """Keep a new one, or another version of the one with its `id`; the next question is answered from it.

        Raises BadInput for an unknown id and BadDocument for what cannot be a document; nothing is changed then.
        """
        ...

    async def remove(self, name: str) -> bool:
        """Forget the one with that id. False where there is none."""
        ...
