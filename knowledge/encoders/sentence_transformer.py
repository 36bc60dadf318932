"""Any sentence-transformers model by name or path (extra `encoders`), found on this machine: nothing is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEncoder:
    """`Encoder` over a sentence-transformers model. A model's own prompts named `query` and `passage` are used."""

    def __init__(self, model: str) -> None:
        """Raises BadSettings when the extra or the model is missing."""
        self._model: SentenceTransformer = load_local("SentenceTransformer", model, "knowledge.encoder")
        self.name = f"sentence-transformers:{model}"
        self.dimension = int(self._model.get_sentence_embedding_dimension() or 0)

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for questions."""
        return await asyncio.to_thread(self._encode, list(texts), "query")

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for passages."""
        return await asyncio.to_thread(self._encode, list(texts), "passage")

    def _encode(self, texts: list[str], role: str) -> NDArray[np.float32]:
        prompt = role if role in self._model.prompts else None
        vectors = self._model.encode(texts, prompt_name=prompt, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32).reshape(len(texts), self.dimension)


def load_local(kind: Literal["SentenceTransformer", "CrossEncoder"], model: str, where: str) -> Any:
    """A model of sentence-transformers from this machine; `where` is the setting that names it.

    Raises BadSettings when the extra or the model is missing.
    """
    try:
        import sentence_transformers  # six seconds
    except ImportError as error:
        remedy = "Install streamdesk[encoders], or leave the setting as it is shipped."
        raise BadSettings("sentence-transformers is missing.", where=where, remedy=remedy) from error
    try:
        return getattr(sentence_transformers, kind)(model, device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        remedy = "Give the path of such a model on this machine."
        raise BadSettings(f"model {model!r} cannot be loaded ({error}).", where=where, remedy=remedy) from error
