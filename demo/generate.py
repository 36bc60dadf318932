"""Render the demo shop: `python -m demo.generate` writes demo/shop, `--check` says whether it is up to date.

Markdown, HTML and CSV documents are written by hand in demo/shop/documents; everything else in demo/shop comes from
demo/sources and a fixed seed.
"""

from __future__ import annotations

import filecmp
import sys
import tempfile
from pathlib import Path

from demo.catalogue import AS_OF, write_catalogue
from demo.history import write_history
from demo.offers import write_offers
from demo.papers import write_documents
from demo.pictures import write_pictures

SHOP = Path(__file__).parent / "shop"
SEED = 20260618
# Zip archives carry times of their own; these are rendered but not compared byte by byte.
ARCHIVES = {".docx", ".xlsx"}

SHOP_YML = f"""\
id: yunzhan
name_zh: 云栈生活
name_en: Cloudstack Living
currency: CNY
languages: [zh, en]
timezone: Asia/Shanghai
# All dates in this folder are written as of this day; loading shifts them so that it is today. Leave it out for real data.
dates_as_of: {AS_OF}
contact_email: hello@shop.example
website: https://shop.example
rooms:
  - {{id: main, title_zh: 云栈生活直播间, title_en: Cloudstack Living live, host: 小云}}
"""


def generate(folder: Path) -> None:
    """Write everything that is not written by hand into `folder`."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    (folder / "shop.yml").write_text(SHOP_YML, encoding="utf-8")
    items = write_catalogue(folder, SEED)
    write_offers(folder)
    write_history(folder, items, SEED)
    write_documents(folder)
    write_pictures(folder)


def outdated() -> list[str]:
    """The generated files that differ from what the sources give now."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        files = (path.relative_to(scratch) for path in Path(scratch).rglob("*") if path.is_file())
        return sorted(str(file) for file in files if not _same(SHOP / file, Path(scratch) / file))


def _same(kept: Path, fresh: Path) -> bool:
    return kept.exists() and (kept.suffix in ARCHIVES or filecmp.cmp(kept, fresh, shallow=False))


if __name__ == "__main__":
    if "--check" in sys.argv:
        stale = outdated()
        print("\n".join(stale) or "demo/shop is up to date")
        sys.exit(1 if stale else 0)
    generate(SHOP)
