"""The index of a folder of documents: in step with it, never half of it, and seen at once by whoever serves it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.app import watch_documents
from bot.errors import BadDocument, StorageUnavailable
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase
from knowledge.index import Index, LoadReport
from knowledge.ingest.manifest import Calendar
from knowledge.search import Query, Search, rank
from tests.knowledge.shop import NOW, MemoryShop

CALENDAR = Calendar(ZoneInfo("UTC"))
# Loads a folder with an encoder that stops after the first texts, says so, and waits to be killed.
LOADS_AND_HANGS = """
import asyncio, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from knowledge.encoders.hashing import HashingEncoder
from knowledge.index import ENCODE_BATCH, Index
from knowledge.ingest.manifest import Calendar

class Hangs(HashingEncoder):
    async def encode_passages(self, texts):
        if self.calls == int(sys.argv[2]):
            print("hanging", flush=True)
            await asyncio.sleep(600)
        self.calls += 1
        return await super().encode_passages(texts)

encoder = Hangs()
Hangs.calls = 0
root = Path(sys.argv[1])
asyncio.run(Index(root / "index", encoder).load(root / "documents", Calendar(ZoneInfo("UTC")), lambda *done: None))
print("hanging", flush=True)
"""


def write(folder: Path, **files: str) -> None:
    (folder / "documents").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "documents" / f"{name}.md").write_text(text, encoding="utf-8")


async def load(folder: Path, index: Index) -> LoadReport:
    return await index.load(folder / "documents", CALENDAR, lambda doing, done, total: None)


def statuses(report: LoadReport) -> Mapping[str, str]:
    return {file.path.removesuffix(".md"): file.status for file in report.files}


async def found(index: Index, text: str) -> list[str]:
    hits = await Search(index, HashingEncoder()).find(Query(text, "en", NOW))
    return [hit.entry.text for hit in hits]


async def test_only_what_changed_is_encoded_and_what_vanished_is_gone(tmp_path: Path) -> None:
    write(tmp_path, returns="# Returns\nSend it back within 7 days.", shipping="# Shipping\nOrders leave at noon.")
    index = Index(tmp_path / "index", HashingEncoder())
    first = await load(tmp_path, index)
    assert statuses(first) == {"returns": "taken", "shipping": "taken"}
    assert first.encoded == 2
    again = await load(tmp_path, index)
    assert statuses(again) == {"returns": "unchanged", "shipping": "unchanged"}
    assert again.encoded == 0
    write(tmp_path, returns="# Returns\nSend it back within 15 days.")
    (tmp_path / "documents/shipping.md").unlink()
    third = await load(tmp_path, index)
    assert statuses(third) == {"returns": "taken", "shipping": "removed"}
    assert third.encoded == 1
    generation, vectors = await index.ready()
    assert [entry.text for entry in generation.entries] == ["Send it back within 15 days."]
    assert await asyncio.to_thread(vectors.known) == set(generation.by_vector)


async def test_vectors_of_another_encoder_are_made_again_when_the_index_opens(tmp_path: Path) -> None:
    write(tmp_path, returns="# Returns\nSend it back within 7 days.")
    await load(tmp_path, Index(tmp_path / "index", HashingEncoder()))
    other = HashingEncoder()
    other.name = "hashing-of-tomorrow"
    generation, vectors = await Index(tmp_path / "index", other).ready()
    assert await asyncio.to_thread(vectors.known) == set(generation.by_vector)


async def test_a_bad_file_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    write(tmp_path, good="# Good\nFine.", empty="")
    (tmp_path / "documents/broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "documents/film.mp4").write_bytes(b"\0")
    (tmp_path / "documents/~$lock.docx").write_bytes(b"\0")
    report = await load(tmp_path, Index(tmp_path / "index", HashingEncoder()))
    assert {file.path: file.problem for file in report.refused}.keys() == {"broken.json", "empty.md", "film.mp4"}
    for file in report.refused:
        assert file.path in file.problem
    assert statuses(report)["good"] == "taken"
    with pytest.raises(BadDocument, match="no folder"):
        await Index(tmp_path / "other", HashingEncoder()).load(tmp_path / "nowhere", CALENDAR, lambda *done: None)


async def test_json_keeps_its_headings_tables_and_pairs(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "documents/faq.json").write_text(
        '{"title": "Help", "faq": [{"question": "Do you ship abroad?", "answer": "To 30 countries."}],'
        ' "sizes": [{"size": "M", "chest": 96}, {"size": "L", "chest": 102}], "care": {"wool": "Wash by hand."}}',
        encoding="utf-8",
    )
    index = Index(tmp_path / "index", HashingEncoder())
    await load(tmp_path, index)
    generation, _ = await index.ready()
    entries = {(entry.kind, entry.headings, entry.text) for entry in generation.entries}
    assert ("qa", ("faq",), "Do you ship abroad?\nTo 30 countries.") in entries
    assert ("row", ("sizes",), "size: M; chest: 96") in entries
    assert ("row", ("care",), "wool: Wash by hand.") in entries
    assert {entry.details.title for entry in generation.entries} == {"Help"}


@pytest.mark.parametrize("batches", [0, 1, 2])
async def test_a_run_that_is_killed_changes_nothing_and_the_next_one_goes_on(tmp_path: Path, batches: int) -> None:
    write(tmp_path, returns="# Returns\nSend it back within 7 days.")
    await load(tmp_path, Index(tmp_path / "index", HashingEncoder()))
    write(tmp_path, returns="# Returns\nSend it back within 15 days.")
    write(tmp_path, **{f"d{n}": f"# Number {n}\nThe answer is {n}." for n in range(150)})
    command = [sys.executable, "-c", LOADS_AND_HANGS, str(tmp_path), str(batches)]
    run = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert run.stdout is not None
    assert await run.stdout.readline() == b"hanging\n"
    run.kill()
    await run.wait()
    index = Index(tmp_path / "index", HashingEncoder())
    assert await found(index, "how many days to send it back") == ["Send it back within 7 days."]
    report = await load(tmp_path, index)
    assert report.encoded == 151 - 64 * batches
    assert (await found(index, "how many days to send it back"))[0] == "Send it back within 15 days."


async def test_who_serves_sees_what_another_process_loaded(tmp_path: Path) -> None:
    write(tmp_path, returns="# Returns\nSend it back within 7 days.")
    serving = Index(tmp_path / "index", HashingEncoder())
    await load(tmp_path, serving)
    assert await found(serving, "when do parcels leave") == ["Send it back within 7 days."]
    write(tmp_path, returns="# Returns\nSend it back within 15 days.", shipping="# Shipping\nParcels leave at noon.")
    command = [sys.executable, "-c", LOADS_AND_HANGS, str(tmp_path), "99"]
    loading = asyncio.ensure_future(asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=120))
    while not loading.done():  # at no time is there no answer
        [*_, last] = await found(serving, "how many days to send it back")
        assert last
    assert loading.result().stdout == b"hanging\n"
    hits = await Search(serving, HashingEncoder()).find(Query("when do parcels leave", "en", NOW))
    assert hits[0].entry.text == "Parcels leave at noon."
    assert hits[0].cosine > 0


async def test_a_generation_whose_vectors_are_gone_is_not_ranked_by_words_alone(tmp_path: Path) -> None:
    class Gone:
        def nearest(self, vector: object, count: int) -> list[tuple[str, float]]:
            return []

        def fetch(self, names: object) -> dict[str, object]:
            return {}

    write(tmp_path, returns="# Returns\nSend it back within 7 days.")
    index = Index(tmp_path / "index", HashingEncoder())
    await load(tmp_path, index)
    generation, _ = await index.ready()
    [vector] = await HashingEncoder().encode_queries(["send it back"])
    with pytest.raises(StorageUnavailable):
        rank(generation, Gone(), Query("send it back", "en", NOW), vector)  # type: ignore[arg-type]


async def test_watching_loads_what_changes_and_leaves_the_rest(tmp_path: Path) -> None:
    write(tmp_path, returns="# Returns\nSend it back within 7 days.")
    base = KnowledgeBase(MemoryShop(), HashingEncoder(), tmp_path / "index")
    await base.load(tmp_path / "documents")
    parts: Any = SimpleNamespace(knowledge=base)
    reports = watch_documents(tmp_path, parts, timedelta())
    waiting = asyncio.ensure_future(anext(reports))
    deadline = time.monotonic() + 30
    (tmp_path / "orders.csv").write_text("none of its business", encoding="utf-8")
    while not waiting.done() and time.monotonic() < deadline:  # until the watcher has begun to watch
        write(tmp_path, shipping=f"# Shipping\nParcels leave at noon, {time.monotonic()}.")
        await asyncio.sleep(0.3)
    report = await waiting
    assert statuses(report) == {"returns": "unchanged", "shipping": "taken"}
    assert await base.open() == 2
    await reports.aclose()
