"""Signs of a ranking that mean the same in every shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest_asyncio

from knowledge.confidence import FEATURES, confidence, features
from knowledge.encoders.hashing import HashingEncoder
from knowledge.index import Index
from knowledge.ingest.manifest import Calendar
from knowledge.search import FAR, Query, Search
from tests.knowledge.shop import NOW

RULES = """# 规则
## 邮费
满 88 元免邮费，不满每单 9 元。
## 退货
签收后 15 天内可以退货。
## 发票
订单页可以申请电子发票。
## 门店
门店在钟楼街 12 号。
"""


@pytest_asyncio.fixture
async def search(tmp_path: Path) -> AsyncIterator[Search]:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "rules.zh.md").write_text(RULES, "utf-8")
    index = Index(tmp_path / "index", HashingEncoder())
    await index.load(tmp_path / "documents", Calendar(ZoneInfo("UTC")), lambda doing, done, total: None)
    yield Search(index, HashingEncoder())


async def test_distances_are_in_the_shops_own_spreads(search: Search) -> None:
    hits = await search.find(Query("退货几天", "zh", NOW))
    assert hits[0].entry.headings[-1] == "退货"
    assert max(hit.near for hit in hits) == 0.0
    assert all(FAR <= hit.near <= 0.0 and 0.0 <= hit.words <= 1.0 for hit in hits)


async def test_what_is_asked_put_plainly_leads_to_the_passage(search: Search) -> None:
    """Words that no document has find nothing by themselves; the intent's own words do."""
    alone = await search.find(Query("寄过来收不收钱", "zh", NOW))
    plainly = await search.find(Query("寄过来收不收钱", "zh", NOW, plain="邮费多少，满多少免邮费"))
    assert plainly[0].entry.headings[-1] == "邮费"
    assert plainly[0].plain == 0.0 and plainly[0].planned and not alone[0].planned


async def test_a_question_that_a_passage_answers_is_surer_than_one_that_none_does(search: Search) -> None:
    name = HashingEncoder().name
    answered, other = [await search.find(Query(text, "zh", NOW)) for text in ("邮费多少钱", "你们老板叫什么")]
    assert len(features(answered)) == len(FEATURES)
    assert confidence(answered, name) > confidence(other, name)
    assert confidence([], name) == 0.0
