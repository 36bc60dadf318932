"""multilingual-e5-small on onnxruntime: the default sentence encoder. Needs no torch."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from bot.errors import BadSettings
from knowledge.encoders.e5_build import CHARACTERS, COMMENTS, DOCUMENTS, INTENTS, LOWER, TOKENIZER, UPPER, check

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

DIMENSION = 384
# Tokens in one run, padding included: more gains no speed and costs memory.
BATCH_TOKENS = 4096
# Viewers ask the same things; a question's vector is 1.5 kB.
CACHED_QUERIES = 4096
# States of questions, which the other upper half may want in the same turn: 1.5 kB a token.
CACHED_STATES = 64

_SPACES = re.compile(" {2,}")


class Lower:
    """The lower half of the model: from texts to the states of their tokens. It is shared by the upper halves."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Raises BadSettings when the files are missing or damaged."""
        from tokenizers import Tokenizer

        self._session = open_session(folder / LOWER, threads)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._characters = str.maketrans(json.loads((folder / CHARACTERS).read_text(encoding="utf-8")))
        self._states: LRUCache[str, NDArray[np.float32]] = LRUCache(CACHED_STATES)
        # Runs side by side would share the same cores and only wait for each other.
        self.executor = ThreadPoolExecutor(1, thread_name_prefix="encoder")

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's tokens."""
        plain = [_SPACES.sub(" ", text.translate(self._characters)) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(plain)]

    def remembered(self, text: str) -> NDArray[np.float32]:
        """States of one text, shape (1, tokens, hidden); those of the last texts come from memory."""
        states = self._states.get(text)
        if states is None:
            ids = np.array(self.ids([text]), np.int64)
            states = self._states[text] = self.run(ids, np.ones_like(ids))
        return states

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """States (batch, tokens, hidden) of ids and mask, both (batch, tokens)."""
        states: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return states


class E5Encoder:
    """`Encoder` with the model that `e5_build.build` made.

    The model was trained with the prefixes `query: ` and `passage: ` (Wang et al. 2024); without them rankings suffer.
    """

    def __init__(self, name: str, lower: Lower, upper: InferenceSession) -> None:
        """`name` says which upper half it is, and of which build."""
        self.name = name
        self.dimension = DIMENSION
        self._lower = lower
        self._upper = upper
        self._queries: LRUCache[str, NDArray[np.float32]] = LRUCache(CACHED_QUERIES)
        self.documents = self.intents = self.comments = self

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1) -> Self:
        """The encoder in a folder, with what learned to find answers in `documents`, what is wanted in `intents`, and to
        whom something is said in `comments`.

        `threads` are onnxruntime's own for one run. Raises BadSettings when the files are missing or damaged.
        """
        digests, name = check(folder), folder.name
        lower = Lower(folder, threads)
        encoder = cls(f"{name}-{digests[UPPER][:8]}", lower, open_session(folder / UPPER, threads))

        def learned(half: str) -> E5Encoder:
            called = f"{name}-{half.removesuffix('.onnx')}-{digests[half][:8]}"
            return cls(called, lower, open_session(folder / half, threads))

        encoder.documents, encoder.intents, encoder.comments = map(learned, (DOCUMENTS, INTENTS, COMMENTS))
        return encoder

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for questions; those asked before come from memory."""
        known = {text: self._queries[text] for text in texts if text in self._queries}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        made = dict(zip(missing, await self._encode("query: ", missing), strict=True))
        self._queries.update(made)
        known.update(made)
        return np.array([known[text] for text in texts], np.float32).reshape(len(texts), DIMENSION)

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors for passages. Of a text longer than 512 tokens only the beginning counts."""
        return await self._encode("passage: ", texts)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's tokens."""
        return self._lower.ids(texts)

    async def _encode(self, prefix: str, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, DIMENSION), np.float32)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._lower.executor, self._run, [prefix + text for text in texts])

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        if len(texts) == 1:
            states = self._lower.remembered(texts[0])
            return self._pooled(states, np.ones(states.shape[:2], np.int64))
        ids = self._lower.ids(texts)
        vectors = np.empty((len(ids), DIMENSION), np.float32)
        for batch in _batches([len(row) for row in ids]):
            width = max(len(ids[n]) for n in batch)
            padded = np.ones((len(batch), width), np.int64)
            mask = np.zeros_like(padded)
            for row, n in enumerate(batch):
                padded[row, : len(ids[n])] = ids[n]
                mask[row, : len(ids[n])] = 1
            vectors[batch] = self._pooled(self._lower.run(padded, mask), mask)
        return vectors

    def _pooled(self, states: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._upper.run(None, {"states": states, "mask": mask})[0]
        return vectors


def open_session(model: Path, threads: int) -> InferenceSession:
    """An onnxruntime session that leaves the processor to others while it has nothing to do."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes that its package does not export
        remedy = "Remove its folder; the next start builds it again."
        raise BadSettings(f"the model {model} cannot be read ({error}).", where="knowledge.models", remedy=remedy) from error


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Positions in batches of similar length, so that little is spent on padding."""
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[position] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
