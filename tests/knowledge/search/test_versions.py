"""Documents that contradict each other, and answers that hold for a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.responding.responder import Responder
from bot.types import Findings, Language, Question, Reply
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase
from tests.knowledge.shop import MemoryShop

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 18, 12, 0, tzinfo=BEIJING)
RULE = """---
title: {title}
{dates}
---
# {title}
## 退货期限
{text}
"""
OLD = RULE.format(title="2025 售后规则", dates="valid_from: 2025-01-01", text="签收次日起 15 天内，商品完好可以退货。")
NEW = RULE.format(
    title="2026 售后规则", dates="valid_from: 2026-05-01", text="签收次日起 7 天内，商品完好可以退货，运费自理。"
)
COMING = RULE.format(title="7 月售后规则", dates="valid_from: 2026-07-01", text="签收次日起 30 天内，商品完好可以退货。")
UNDATED = RULE.format(title="售后规则", dates="language: zh", text="签收次日起 9 天内，商品完好可以退货。")
ASKED = "退货期限是几天"


async def base_of(folder: Path, documents: Mapping[str, str]) -> KnowledgeBase:
    (folder / "documents").mkdir()
    for name, text in documents.items():
        (folder / "documents" / name).write_text(text, "utf-8")
    base = KnowledgeBase(MemoryShop(), HashingEncoder(), folder / "index")
    await base.load(folder / "documents")
    return base


async def find(base: KnowledgeBase, at: datetime = NOW) -> Findings:
    return await base.find(Question(ASKED, Language.ZH, asked_at=at))


async def answer(found: Findings) -> Reply:
    responder = Responder([Path("bot")], threshold=0.0)
    return (await responder.answer(Question(ASKED, Language.ZH), found))[0]


@pytest.mark.parametrize("names", [("a.md", "b.md"), ("b.md", "a.md")])
async def test_the_newest_that_holds_wins_and_both_are_cited(tmp_path: Path, names: tuple[str, str]) -> None:
    base = await base_of(tmp_path, {names[0]: OLD, names[1]: NEW, "c.md": COMING})
    found = await find(base)
    assert [passage.title for passage in found.passages] == ["2026 售后规则"]
    reply = await answer(found)
    assert "7 天" in reply.text and "15" not in reply.text
    assert [(cited.title, cited.superseded) for cited in reply.citations] == [
        ("2026 售后规则", False),
        ("2025 售后规则", True),
    ]


async def test_what_is_dated_is_newer_than_what_is_not(tmp_path: Path) -> None:
    found = await find(await base_of(tmp_path, {"a.md": UNDATED, "b.md": NEW}))
    assert [passage.title for passage in found.passages] == ["2026 售后规则"]
    assert [older.title for older in found.passages[0].older] == ["售后规则"]


async def test_who_says_the_same_is_not_contradicted(tmp_path: Path) -> None:
    same = NEW.replace("2026-05-01", "2026-01-01").replace("2026 售后规则", "老规则")
    found = await find(await base_of(tmp_path, {"a.md": NEW, "b.md": same}))
    assert [(passage.title, passage.older) for passage in found.passages] == [("2026 售后规则", ())]


async def test_other_rules_under_the_same_words_are_no_versions(tmp_path: Path) -> None:
    other = OLD.replace(
        "签收次日起 15 天内，商品完好可以退货。", "海外仓的包裹要先联系客服，由专人寄出退货标签，不走国内快递。"
    )
    found = await find(await base_of(tmp_path, {"a.md": NEW, "b.md": other}))
    assert {passage.title for passage in found.passages} == {"2026 售后规则", "2025 售后规则"}
    assert not any(passage.older for passage in found.passages)


async def test_the_same_question_is_answered_by_what_holds_when_it_is_asked(tmp_path: Path) -> None:
    base = await base_of(tmp_path, {"a.md": NEW, "b.md": COMING})
    last, first = datetime(2026, 6, 30, 23, 59, 59, tzinfo=BEIJING), datetime(2026, 7, 1, tzinfo=BEIJING)
    said = [(await find(base, at)).passages[0].title for at in (NOW, last, first, last)]
    assert said == ["2026 售后规则", "2026 售后规则", "7 月售后规则", "2026 售后规则"]


async def test_a_question_asked_again_finds_what_was_loaded_meanwhile(tmp_path: Path) -> None:
    base = await base_of(tmp_path, {"a.md": NEW})
    assert "7 天" in (await find(base)).passages[0].text
    (tmp_path / "documents" / "a.md").write_text(NEW.replace("7 天", "8 天"), "utf-8")
    await base.load(tmp_path / "documents")
    assert "8 天" in (await find(base)).passages[0].text
