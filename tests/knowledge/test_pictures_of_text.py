"""Pictures of text and scanned pages, where the extra `ocr` is installed; a clear refusal where it is not."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.errors import BadDocument
from knowledge.ingest import picture
from knowledge.ingest.manifest import Calendar
from knowledge.ingest.reader import read_document

CALENDAR = Calendar(ZoneInfo("UTC"))


def draw(file: Path) -> None:
    """A heading, a paragraph of two lines, and a table of two rows."""
    page = Image.new("RGB", (1000, 620), "white")
    pen = ImageDraw.Draw(page)
    pen.text((40, 30), "Returns", font=ImageFont.load_default(size=60), fill="black")
    font = ImageFont.load_default(size=30)
    for x, y, text in (
        (40, 140, "Send it back within 7 days"),
        (40, 180, "after the delivery."),
        (40, 300, "Size"),
        (500, 300, "Chest"),
        (40, 400, "M"),
        (500, 400, "96 cm"),
    ):
        pen.text((x, y), text, font=font, fill="black")
    page.save(file)


@pytest.mark.parametrize("name", ["scan.png", "scan.jpg", "scan.pdf"])
def test_text_headings_and_rows_are_read(tmp_path: Path, name: str) -> None:
    pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
    draw(tmp_path / name)
    document = read_document(tmp_path, name, {}, CALENDAR)
    assert document.details.title == "Returns"
    assert [(section.headings, section.text) for section in document.sections] == [
        (("Returns",), "Send it back within 7 days after the delivery."),
        (("Returns",), "Size  Chest"),
        (("Returns",), "M  96 cm"),
    ]
    assert {section.page for section in document.sections} == {1 if name.endswith("pdf") else None}


def test_a_picture_without_text_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
    Image.new("RGB", (400, 300), "white").save(tmp_path / "white.png")
    with pytest.raises(BadDocument, match=r"white\.png.*no text"):
        read_document(tmp_path, "white.png", {}, CALENDAR)


@pytest.mark.parametrize("name", ["scan.png", "scan.pdf"])
def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    picture._engine.cache_clear()
    draw(tmp_path / name)
    with pytest.raises(BadDocument, match=r"streamdesk\[ocr\]") as refused:
        read_document(tmp_path, name, {}, CALENDAR)
    assert name in str(refused.value)


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadDocument, match="damaged"):
        read_document(tmp_path, "half.png", {}, CALENDAR)
