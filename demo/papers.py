"""The documents that are not plain text: PDF, DOCX and XLSX, rendered from Markdown and CSV sources."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from demo.tables import write_csv

SOURCES = Path(__file__).parent / "sources" / "documents"
# Written into every file, so that rendering again gives the same bytes where the format allows it.
STAMP = datetime(2026, 6, 18)  # noqa: DTZ001 - office formats know no zones

# path, title, language, products, categories, audience, valid_from, valid_until
MANIFEST = (
    ("size-guide.zh.pdf", "尺码指南", "zh", "", "apparel|shoes", "public", "", ""),
    ("electronics-safety.en.pdf", "Electronics: safe use", "en", "", "electronics", "public", "", ""),
    ("skincare-guide.zh.docx", "护肤品使用说明", "zh", "", "beauty", "public", "", ""),
    ("privacy.en.docx", "Privacy", "en", "", "", "public", "", ""),
    ("shipping-regions.xlsx", "运费与时效表 Shipping by region", "both", "", "", "public", "", ""),
    ("warranty-periods.xlsx", "质保期一览 Warranty periods", "both", "", "", "public", "", ""),
    ("faq.zh.csv", "常见问题", "zh", "", "", "public", "", ""),
    ("faq.en.csv", "Frequently asked questions", "en", "", "", "public", "", ""),
)


def write_documents(folder: Path) -> None:
    """Render the binary documents and write the manifest."""
    documents = folder / "documents"
    for name, *_ in MANIFEST:
        target = documents / name
        if target.suffix == ".pdf":
            _write_pdf(SOURCES / f"{target.stem}.md", target)
        elif target.suffix == ".docx":
            _write_docx(SOURCES / f"{target.stem}.md", target)
        elif target.suffix == ".xlsx":
            _write_xlsx(SOURCES / f"{target.stem}.csv", target)
    keys = ("path", "title", "language", "products", "categories", "audience", "valid_from", "valid_until")
    write_csv(folder / "documents.csv", (dict(zip(keys, row, strict=True)) for row in MANIFEST))


def _blocks(source: Path) -> list[tuple[str, list[str]]]:
    """Markdown as (kind, lines) blocks; kind is h1, h2, p or table. Only what the sources use."""
    blocks: list[tuple[str, list[str]]] = []
    for block in source.read_text(encoding="utf-8").split("\n\n"):
        for line in filter(None, block.strip().splitlines()):
            kind = "h2" if line.startswith("## ") else "h1" if line.startswith("# ") else "table" if line[0] == "|" else "p"
            if kind == "table" and blocks and blocks[-1][0] == "table":
                blocks[-1][1].append(line)
            else:
                blocks.append((kind, [line.lstrip("# ")]))
    return blocks


def _cells(lines: list[str]) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if not set("".join(row)) <= set("-")]


def _write_pdf(source: Path, target: Path) -> None:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    sizes = {"h1": 20, "h2": 14, "p": 11}
    styles = {
        kind: ParagraphStyle(kind, fontName="STSong-Light", fontSize=size, leading=size * 1.6, wordWrap="CJK", spaceAfter=6)
        for kind, size in sizes.items()
    }
    story: list[object] = []
    for kind, lines in _blocks(source):
        if kind == "table":
            grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("FONT", (0, 0), (-1, -1), "STSong-Light", 11)]
            story += [Table(_cells(lines), style=TableStyle(grid)), Spacer(1, 8)]
        else:
            story.append(Paragraph(lines[0], styles[kind]))
    SimpleDocTemplate(str(target), title=source.stem, invariant=1).build(story)


def _write_docx(source: Path, target: Path) -> None:
    from docx import Document

    document = Document()
    document.core_properties.created = document.core_properties.modified = STAMP
    for kind, lines in _blocks(source):
        if kind == "p":
            document.add_paragraph(lines[0])
        else:
            document.add_heading(lines[0], level=1 if kind == "h1" else 2)
    document.save(str(target))


def _write_xlsx(source: Path, target: Path) -> None:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.properties.created = workbook.properties.modified = STAMP
    sheet = workbook.active
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    workbook.save(target)
