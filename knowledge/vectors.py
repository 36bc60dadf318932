"""The one place that imports Chroma: vectors behind langchain's vector store interface."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from langchain_core.embeddings import Embeddings

from bot.errors import StorageUnavailable
from bot.ports import Encoder

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from numpy.typing import NDArray

# Changes when vectors made before can no longer be used (other prefixes, other text in front).
SCHEME = "v1"
# Ids fetched or deleted in one call: SQLite limits the variables of a statement.
BATCH = 2_000


class EncoderEmbeddings(Embeddings):
    """Our Encoder as langchain's Embeddings. Its sync methods must be called from outside the event loop's thread."""

    def __init__(self, encoder: Encoder, loop: asyncio.AbstractEventLoop) -> None:
        self._encoder = encoder
        self._loop = loop

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of passages."""
        vectors = asyncio.run_coroutine_threadsafe(self._encoder.encode_passages(texts), self._loop).result()
        return [vector.tolist() for vector in vectors]

    def embed_query(self, text: str) -> list[float]:
        """Vector of a question."""
        vectors = asyncio.run_coroutine_threadsafe(self._encoder.encode_queries([text]), self._loop).result()
        return [float(value) for value in vectors[0]]


class Vectors:
    """Vectors of texts by id. All methods block: call them in a thread. Raises StorageUnavailable when Chroma fails."""

    def __init__(self, path: Path, url: str, encoder: Encoder, loop: asyncio.AbstractEventLoop) -> None:
        """Vectors under `path`, or on the Chroma server at `url` where one is given."""
        import chromadb  # a second to import, with its server and client
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings
        from chromadb.errors import ChromaError
        from langchain_chroma import Chroma

        self._failures = (ChromaError, ValueError, OSError, RuntimeError)
        settings = Settings(anonymized_telemetry=False)
        where = url or str(path)
        try:
            if url:
                parts = urlsplit(url)
                ssl = parts.scheme == "https"
                port = parts.port or (443 if ssl else 8000)
                client = chromadb.HttpClient(parts.hostname or "localhost", port, ssl=ssl, settings=settings)
            else:
                # one client a path is kept for the whole process, and it does not see what other processes have added
                SharedSystemClient.clear_system_cache()
                client = chromadb.PersistentClient(str(path), settings)
            self._store: Chroma = Chroma(
                collection_name(encoder),
                EncoderEmbeddings(encoder, loop),
                client=client,
                collection_configuration={"hnsw": {"space": "cosine"}},
            )
        except self._failures as error:
            raise StorageUnavailable(f"the vector index at {where} does not open: {error}") from error

    def add(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        """Encode and keep texts; an id already there is overwritten."""
        self._call("add_texts", list(texts), ids=list(ids))

    def nearest(self, vector: NDArray[np.float32], count: int) -> list[tuple[str, float]]:
        """The ids of the vectors nearest to `vector` with their cosine, nearest first."""
        found = self._call("similarity_search_by_vector_with_relevance_scores", vector.tolist(), k=count)
        return [(document.id, 1.0 - distance) for document, distance in found]

    def fetch(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors by id; unknown ids are left out."""
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(ids), BATCH):
            rows = self._call("get", list(ids[start : start + BATCH]), include=["embeddings"])
            found.update(zip(rows["ids"], np.asarray(rows["embeddings"], dtype=np.float32), strict=True))
        return found

    def known(self) -> set[str]:
        """All ids."""
        return set(self._call("get", include=[])["ids"])

    def delete(self, ids: Sequence[str]) -> None:
        """Forget these ids."""
        for start in range(0, len(ids), BATCH):
            self._call("delete", list(ids[start : start + BATCH]))

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(self._store, method)(*args, **kwargs)
        except self._failures as error:
            raise StorageUnavailable(f"the vector index failed in {method}: {error}") from error


def collection_name(encoder: Encoder) -> str:
    """Names encoder and scheme, within Chroma's rules (3 to 63 of letters, digits, `-`)."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", encoder.name).strip("-")[:48].strip("-")
    return f"sd-{slug}-{SCHEME}"
