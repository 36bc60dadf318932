"""Search at 1,000, 10,000 and 100,000 passages: `python -m evals.bench_search [passages ...]`.

The passages are sentences of the demo shop's documents, three at a time, drawn with a fixed seed: words are as frequent as
in such documents. The sentence encoder has encoded every sentence; a passage's vector is the mean of its sentences', so that
vectors lie as close together as real ones without an hour of encoding. All else is the real path: files are read and split,
BM25 and Chroma are filled, and `Search` is asked. What a question costs the encoder is measured beside it and is not in the
latencies: no search of this kind can go below it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bot.errors import BadDocument
from bot.ports import Encoder
from bot.settings import Settings
from evals.bench_load import percentile
from evals.questions import load_questions
from knowledge.encoders import for_documents, load_encoder
from knowledge.index import Index
from knowledge.ingest.manifest import Calendar
from knowledge.search import Query, Search
from knowledge.synonyms import with_document_words

SIZES = (1_000, 10_000, 100_000)
SOURCES = Path("demo/shop/documents")
# Questions that are asked first and not counted.
WARM_UP = 20
# Sections of one file, and sentences of one section.
FILE, SECTION = 500, 3
_SENTENCE = re.compile(r"[^。！？.!?\n|#]{12,}[。！？.!?]")


@dataclass(frozen=True, slots=True)
class Searching:
    """One size: seconds that indexing took without the encoder, and milliseconds of a search beyond the encoder."""

    passages: int
    indexing_s: float
    p50_ms: float
    p99_ms: float


class MeanEncoder:
    """`Encoder` that knows the vectors of sentences and takes the mean of those that a text consists of."""

    def __init__(self, name: str, dimension: int, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        self.name = name
        self.dimension = dimension
        self._vectors = vectors

    async def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of questions that it knows, in no time."""
        return np.array([self._vectors[text] for text in texts])

    async def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A unit vector a text, shape (texts, dimension)."""
        return np.array([self._mean(text) for text in texts], np.float32)

    def _mean(self, text: str) -> NDArray[np.float32]:
        mean = np.mean([self._vectors[said.strip()] for said in _SENTENCE.findall(text)], axis=0)
        unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
        return unit


def sentences(folder: Path) -> list[str]:
    """Every sentence of the Markdown files under a folder, once, in their order."""
    texts = (file.read_text("utf-8") for file in sorted(folder.rglob("*.md")))
    return list(dict.fromkeys(said.strip() for text in texts for said in _SENTENCE.findall(text)))


def write_passages(folder: Path, said: Sequence[str], passages: int) -> None:
    """Markdown files of that many sections of three sentences, drawn with a fixed seed."""
    draw = random.Random(passages)
    folder.mkdir(parents=True)
    for first in range(0, passages, FILE):
        sections = (
            f"## {number}\n\n{' '.join(draw.sample(said, SECTION))}\n"
            for number in range(first, min(first + FILE, passages))
        )
        (folder / f"{first:06}.md").write_text("\n".join(sections), encoding="utf-8")


async def measure(encoder: MeanEncoder, said: Sequence[str], questions: Sequence[str], passages: int) -> Searching:
    """Index that many passages in a temporary folder, and ask every question once, one after the other."""
    with TemporaryDirectory(prefix="streamdesk-search-") as made:
        documents = Path(made) / "shop/documents"
        write_passages(documents, said, passages)
        index = Index(Path(made) / "index", encoder)
        now = datetime.now(UTC)
        started = time.perf_counter()
        report = await index.load(documents, Calendar(ZoneInfo("UTC")), lambda step, done, total: None)
        indexing = time.perf_counter() - started
        if report.refused:
            raise BadDocument(f"{len(report.refused)} files were refused.", where=str(documents))
        generation, _ = await index.ready()
        search, times = Search(index, encoder), []
        for question in questions:
            started = time.perf_counter()
            await search.find(Query(question, "en" if question.isascii() else "zh", now))
            times.append((time.perf_counter() - started) * 1000)
        return Searching(len(generation.entries), indexing, percentile(times[WARM_UP:], 50), percentile(times[WARM_UP:], 99))


async def prepared(encoder: Encoder, said: Sequence[str], questions: Sequence[str]) -> tuple[MeanEncoder, float, float]:
    """The encoder that knows all, the milliseconds of encoding a question, and the sentences encoded a second."""
    started = time.perf_counter()
    vectors = dict(zip(said, await encoder.encode_passages(said), strict=True))
    rate = len(said) / (time.perf_counter() - started)
    times = []
    for question in questions:
        asked = with_document_words(question)
        started = time.perf_counter()
        [vectors[asked]] = await encoder.encode_queries([asked])
        times.append((time.perf_counter() - started) * 1000)
    return MeanEncoder(encoder.name, encoder.dimension, vectors), percentile(times, 50), rate


async def run(sizes: Sequence[int], out: Console) -> None:
    """Measure every size and print a table."""
    settings = Settings.load().knowledge
    encoder = for_documents(await load_encoder(settings.encoder, settings.models))
    said = sentences(SOURCES)
    questions = list(dict.fromkeys(asked.text for half in load_questions() for asked in half))
    known, question_ms, rate = await prepared(encoder, said, questions)
    found = []
    for size in sizes:
        found.append(await measure(known, said, questions, size))
        out.print(f"{size} passages: {found[-1]}", highlight=False)
    table = Table(
        "passages", "search p50", "p99", "indexed a second, without the encoder", title="Search", title_justify="left"
    )
    for level in found:
        rest = f"{level.passages / level.indexing_s:.0f}"
        table.add_row(f"{level.passages:,}", f"{level.p50_ms:.1f} ms", f"{level.p99_ms:.1f} ms", rest)
    out.print(table)
    out.print(f"Beside it the encoder takes {question_ms:.1f} ms for a question, and encodes {rate:.0f} sentences a second.")


def main() -> None:
    """Measure the sizes that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", nargs="*", type=int)
    asyncio.run(run(parser.parse_args().passages or SIZES, Console()))


if __name__ == "__main__":
    main()
