"""Cross-encoders: they read question and passage together, which is slower than comparing vectors, and often more right.

Method: Nogueira and Cho, "Passage Re-ranking with BERT", arXiv:1901.04085, 2019.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bot.errors import BadSettings
from knowledge.encoders.sentence_transformer import load_local

_PREFIX = "sentence-transformers:"
_WHERE = "knowledge.reranker"


class Reranker(Protocol):
    """Says how well each passage answers a question."""

    async def scores(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """A score a passage, in their order; higher is better, and only the order counts."""


class CrossEncoderReranker:
    """`Reranker` over a cross-encoder of sentence-transformers (extra `encoders`), found on this machine."""

    def __init__(self, model: str) -> None:
        """Raises BadSettings when the extra or the model is missing."""
        self._model = load_local("CrossEncoder", model, _WHERE)

    async def scores(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """What the model says of each pair."""
        return await asyncio.to_thread(self._scores, question, list(passages))

    def _scores(self, question: str, passages: list[str]) -> list[float]:
        pairs = [(question, passage) for passage in passages]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]


async def load_reranker(name: str) -> Reranker | None:
    """The reranker called `sentence-transformers:NAME`; None for an empty name. Raises BadSettings for any other."""
    if not name:
        return None
    if not name.startswith(_PREFIX):
        remedy = f"Use {_PREFIX}NAME of a cross-encoder, or nothing."
        raise BadSettings(f"there is no reranker {name!r}.", where=_WHERE, remedy=remedy)
    return await asyncio.to_thread(CrossEncoderReranker, name.removeprefix(_PREFIX))
