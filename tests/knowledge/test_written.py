"""Answers that the merchant wrote: documents at once, whatever is loaded, until they are removed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadDocument, BadInput, BadSettings
from bot.types import Language, Passage, Question
from bot.written import Wording, WrittenAnswer
from knowledge.encoders.hashing import HashingEncoder
from knowledge.finder import KnowledgeBase
from knowledge.ingest.manifest import Calendar
from knowledge.written import LONGEST_ANSWER, LONGEST_QUESTION, MOST_WORDINGS, DocumentAnswers
from tests.knowledge.shop import NOW, MemoryShop

ASKED = "Do you engrave names on the bottle"
EN = Wording((ASKED, "Can a name be engraved"), 'Yes: up to 12 letters, "free"\n- and in two days, = no fee.')
ZH = Wording(("杯子上可以刻字吗",), "可以，最多 12 个字母，免费。")


@dataclass
class Kept:
    """A knowledge base with a shop's folder of documents, and the answers of our own beside its index."""

    folder: Path
    base: KnowledgeBase = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "documents").mkdir(exist_ok=True)
        (self.folder / "documents" / "returns.en.md").write_text("# Returns\n\nReturn goods within 30 days.\n", "utf-8")
        self.open()

    def open(self) -> None:
        """As another process would."""
        self.base = KnowledgeBase(MemoryShop(), HashingEncoder(), self.folder / "index", own=self.folder / "written")
        zone = ZoneInfo("Asia/Shanghai")
        self.answers = DocumentAnswers(self.folder / "written", Calendar(zone), self.base.load_own)

    async def found(self, text: str = ASKED, language: Language = Language.EN) -> Passage | None:
        """The passage of ours that is found for a question."""
        return next((one for one in await self.ask(text, language) if one.source.startswith("console/")), None)

    async def ask(self, text: str, language: Language) -> tuple[Passage, ...]:
        """Everything that is found."""
        return (await self.base.find(Question(text, language, asked_at=NOW))).passages


@pytest.fixture
async def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path)
    await made.base.load(tmp_path / "documents")
    return made


async def test_it_is_found_at_once_changed_and_gone(kept: Kept) -> None:
    assert await kept.found() is None
    written = await kept.answers.write(WrittenAnswer({Language.EN: EN, Language.ZH: ZH}))
    passage = await kept.found()
    assert passage is not None and "two days, = no fee." in passage.text and passage.title == "Answers of the shop"
    chinese = await kept.found(ZH.questions[0], Language.ZH)
    assert chinese is not None and "免费" in chinese.text and chinese.title == "店主的回答"
    again = WrittenAnswer({Language.EN: Wording((ASKED,), "Not any more.")}, written.id)
    assert await kept.answers.write(again) == again and await kept.answers.answers() == [again]
    changed = await kept.found()
    assert changed is not None and "Not any more." in changed.text
    assert all("刻字" not in one.text for one in (await kept.ask(ZH.questions[0], Language.ZH)))
    assert await kept.answers.remove(written.id) and not await kept.answers.remove(written.id)
    assert await kept.found() is None and await kept.answers.answers() == []


async def test_it_outlives_a_reload_and_a_restart(kept: Kept) -> None:
    written = await kept.answers.write(WrittenAnswer({Language.EN: EN}))
    (kept.folder / "documents" / "more.en.md").write_text("# More\n\nGift wrapping is free.\n", "utf-8")
    report = await kept.base.load(kept.folder / "documents")
    assert {(file.path, file.status) for file in report.files} == {
        ("returns.en.md", "unchanged"), ("more.en.md", "taken")
    }  # fmt: skip
    assert await kept.found() is not None
    kept.open()
    assert await kept.found() is not None
    assert await kept.answers.answers() == [replace(written, wordings={Language.EN: EN})]
    source = await kept.base.source(f"console/{written.id}.en.json")
    assert source is not None and source[0] == "Answers of the shop"


async def test_a_new_index_has_it_again(kept: Kept) -> None:
    await kept.answers.write(WrittenAnswer({Language.EN: EN}))
    fresh = KnowledgeBase(MemoryShop(), HashingEncoder(), kept.folder / "other", own=kept.folder / "written")
    await fresh.load(kept.folder / "documents")
    assert (await fresh.find(Question(ASKED, Language.EN, asked_at=NOW))).passages[0].source.startswith("console/")


@pytest.mark.parametrize(
    "wording",
    [
        Wording((), "a"),
        Wording(("q",) * (MOST_WORDINGS + 1), "a"),
        Wording((" ",), "a"),
        Wording(("q" * (LONGEST_QUESTION + 1),), "a"),
        Wording(("q",), " "),
        Wording(("q",), "a" * (LONGEST_ANSWER + 1)),
    ],
)
async def test_bounds_are_kept(kept: Kept, wording: Wording) -> None:
    with pytest.raises(BadInput):
        await kept.answers.write(WrittenAnswer({Language.EN: wording}))
    assert await kept.answers.answers() == []


async def test_nothing_unknown_ids_and_spoiled_files_are_refused(kept: Kept) -> None:
    with pytest.raises(BadInput, match="no answer"):
        await kept.answers.write(WrittenAnswer({}))
    for unknown in ("0" * 16, "../../etc/passwd"):
        with pytest.raises(BadInput, match="no written answer"):
            await kept.answers.write(WrittenAnswer({Language.EN: EN}, unknown))
        assert not await kept.answers.remove(unknown)
    written = await kept.answers.write(WrittenAnswer({Language.EN: EN}))
    (kept.folder / "written" / "console" / f"{written.id}.en.json").write_text("[]")
    with pytest.raises(BadDocument):
        await kept.answers.answers()


async def test_a_folder_that_is_none_is_said_to_be_none(kept: Kept) -> None:
    (kept.folder / "written").write_text("a file")
    with pytest.raises(BadSettings, match="cannot be written"):
        await kept.answers.write(WrittenAnswer({Language.EN: EN}))
