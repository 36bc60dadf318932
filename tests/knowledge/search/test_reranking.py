"""A cross-encoder by name orders what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadSettings
from knowledge.encoders.hashing import HashingEncoder
from knowledge.index import Index
from knowledge.ingest.manifest import Calendar
from knowledge.reranking import load_reranker
from knowledge.search import Query, Search
from tests.knowledge.shop import NOW

DOCUMENTS = {
    "washing": "# Washing\nWash the jacket at 30 degrees.",
    "drying": "# Drying\nDry the jacket in the shade.",
    "ironing": "# Ironing\nDo not iron the jacket.",
}


class CrossEncoder:
    """As sentence-transformers has it; the longest passage is the best."""

    def __init__(self, model: str, *, device: str, local_files_only: bool) -> None:
        if model != "longest":
            raise OSError("no such file")
        assert local_files_only
        assert device == "cpu"

    def predict(self, pairs: Sequence[tuple[str, str]], *, show_progress_bar: bool) -> list[float]:
        assert {question for question, _ in pairs} == {"can I iron the jacket"}
        return [len(passage) for _, passage in pairs]


@pytest.fixture
def sentence_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(CrossEncoder=CrossEncoder))


async def test_it_orders_the_candidates_and_their_scores_stay(tmp_path: Path, sentence_transformers: None) -> None:
    (tmp_path / "documents").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / f"documents/{name}.md").write_text(text, encoding="utf-8")
    index = Index(tmp_path / "index", HashingEncoder())
    await index.load(tmp_path / "documents", Calendar(ZoneInfo("UTC")), lambda doing, done, total: None)
    query = Query("can I iron the jacket", "en", NOW, limit=2)
    plain = await Search(index, HashingEncoder()).find(query)
    ordered = await Search(index, HashingEncoder(), await load_reranker("sentence-transformers:longest")).find(query)
    assert plain[0].entry.path == "ironing.md"
    lengths = sorted((len(hit.entry.searchable) for hit in ordered), reverse=True)
    assert [len(hit.entry.searchable) for hit in ordered] == lengths
    assert [hit.entry.path for hit in ordered] == ["washing.md", "drying.md"]
    assert {hit.entry.path: hit.score for hit in plain}.items() & {hit.entry.path: hit.score for hit in ordered}.items()


async def test_no_name_is_none(sentence_transformers: None) -> None:
    assert await load_reranker("") is None


@pytest.mark.parametrize(
    ("name", "words"), [("bge", "sentence-transformers:NAME"), ("sentence-transformers:nowhere", "path")]
)
async def test_an_unknown_one_is_named(sentence_transformers: None, name: str, words: str) -> None:
    with pytest.raises(BadSettings) as refused:
        await load_reranker(name)
    assert "knowledge.reranker" in str(refused.value)
    assert words in str(refused.value)


async def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(BadSettings, match=r"streamdesk\[encoders\]"):
        await load_reranker("sentence-transformers:longest")
