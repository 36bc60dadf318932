"""Cross-encoders: they read question and passage together, which is slower than comparing vectors, and often more right.

Method: Nogueira and Cho, "Passage Re-ranking with BERT", arXiv:1901.04085, 2019.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from bot.errors import BadSettings

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
        self._model = _load(model)

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


def _load(model: str) -> Any:
    try:
        from sentence_transformers import CrossEncoder  # six seconds to import
    except ImportError as error:
        remedy = "Install streamdesk[encoders], or leave it empty."
        raise BadSettings("sentence-transformers is missing.", where=_WHERE, remedy=remedy) from error
    try:
        return CrossEncoder(model, device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        remedy = "Give the path of a cross-encoder on this machine."
        raise BadSettings(f"model {model!r} cannot be loaded ({error}).", where=_WHERE, remedy=remedy) from error
