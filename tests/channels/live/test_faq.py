"""Answers of a show that go into the FAQ documents of the shop's folder."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadSettings
from bot.types import Language
from channels.live.faq import add_to_faq, faq_file
from channels.live.report import Candidate
from knowledge.ingest.manifest import Calendar
from knowledge.ingest.reader import read_document

PAIR = Candidate("x", ("多久发货？", "什么时候发"), "48 小时内发货。\n偏远地区晚一天。", Language.ZH, 3, False)


def rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))


def test_every_wording_is_a_row_that_a_load_reads_as_a_question(tmp_path: Path) -> None:
    file, added = add_to_faq(tmp_path, PAIR)
    assert (file, added) == (tmp_path / "documents/faq-from-shows.zh.csv", 2)
    answer = "48 小时内发货。 偏远地区晚一天。"
    assert rows(file) == [["question", "answer"], ["多久发货？", answer], ["什么时候发", answer]]
    sections = read_document(file.parent, file.name, {}, Calendar(ZoneInfo("UTC"))).sections
    assert [(one.kind, one.text) for one in sections] == [("qa", f"多久发货？\n{answer}"), ("qa", f"什么时候发\n{answer}")]


def test_the_same_again_changes_nothing_and_what_the_merchant_mended_stays(tmp_path: Path) -> None:
    file, _ = add_to_faq(tmp_path, PAIR)
    file.write_text("question,answer\n多久发货?,三天内\n", "utf-8-sig")
    assert add_to_faq(tmp_path, PAIR)[1] == 1
    before = file.read_bytes()
    assert add_to_faq(tmp_path, PAIR) == (file, 0)
    assert (file.read_bytes(), rows(file)[1]) == (before, ["多久发货?", "三天内"])
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_each_language_has_its_own_document(tmp_path: Path) -> None:
    english = replace(PAIR, wordings=("When does it ship?",), answer="Within 48 hours.", language=Language.EN)
    assert add_to_faq(tmp_path, english)[0].name == "faq-from-shows.en.csv"
    assert faq_file(tmp_path, Language.ZH_HANT).name == "faq-from-shows.zh.csv"


def test_what_viewers_write_is_no_formula(tmp_path: Path) -> None:
    file, _ = add_to_faq(tmp_path, replace(PAIR, wordings=('=HYPERLINK("x")多久发货',), answer="-1+1"))
    assert rows(file)[1] == ['HYPERLINK("x")多久发货', "1+1"]


@pytest.mark.parametrize("folder", [None, Path("/nowhere/at/all")])
def test_without_a_folder_it_is_refused_with_the_setting_to_mend(folder: Path | None) -> None:
    with pytest.raises(BadSettings, match=r"live\.faq_folder: .*streamdesk load"):
        add_to_faq(folder, PAIR)


@pytest.mark.parametrize("there", [b"frage,antwort\n", b"\xff\xfe\x00"])
def test_a_document_that_is_no_such_table_is_left_as_it_is(tmp_path: Path, there: bytes) -> None:
    file = faq_file(tmp_path, Language.ZH)
    file.parent.mkdir()
    file.write_bytes(there)
    with pytest.raises(BadSettings, match=r"faq-from-shows\.zh\.csv cannot be written"):
        add_to_faq(tmp_path, PAIR)
    assert file.read_bytes() == there


def test_where_nothing_can_be_written_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "documents").write_text("a file where the folder should be")
    with pytest.raises(BadSettings, match="Let the service write there"):
        add_to_faq(tmp_path, PAIR)


def test_a_write_that_fails_leaves_the_old_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = add_to_faq(tmp_path, PAIR)
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadSettings, match="no space left"):
        add_to_faq(tmp_path, replace(PAIR, wordings=("又一个问题",)))
    assert (file.read_bytes(), len(list(file.parent.iterdir()))) == (before, 1)
