"""The shop folder: columns nobody knows, orders of products that were refused, amounts in an order's own currency."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from actions.shop.importers import cells as reading
from actions.shop.importers.choosing import load_shop, read_shop
from actions.shop.importers.columns import COLUMNS
from actions.shop.importers.report import LoadReport
from actions.shop.sql import SqlShop
from bot.commerce import Money
from tests.shop_folder import FILES, write_shop

TODAY = date(2026, 6, 18)
DEMO = Path("demo/shop")


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[SqlShop]:
    opened = await SqlShop.open(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    yield opened
    await opened.close()


def complaints(report: LoadReport) -> dict[str, list[str]]:
    said = {file.name: [*map(str, (*file.unknown, *file.refused, *file.noted))] for file in report.files}
    return {name: lines for name, lines in said.items() if lines}


# ---------------------------------------------------------------- columns


def test_a_misspelt_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    coupons = FILES["coupons.csv"].replace("min_spend", "min_spent")
    products = FILES["products.csv"].replace("picture", "Picture ").replace("P1.png", "P1.png,1", 1)
    products = products.replace("Picture ", "Picture ,return_able")
    report = read_shop(write_shop(tmp_path, coupons_csv=coupons, products_csv=products), TODAY).report
    assert complaints(report) == {
        "products.csv": [
            "row 1: there is no column 'Picture ', and it was not read. The nearest is 'picture'.",
            "row 1: there is no column 'return_able', and it was not read. The nearest is 'returnable'.",
        ],
        "coupons.csv": ["row 1: there is no column 'min_spent', and it was not read. The nearest is 'min_spend'."],
    }
    assert report.refused == 3
    assert {file.name: file.taken for file in report.files}["coupons.csv"] == 1, "the rows are taken"


def test_the_nearest_is_one_that_is_not_there(tmp_path: Path) -> None:
    coupons = FILES["coupons.csv"].replace("min_spend", "name")
    report = read_shop(write_shop(tmp_path, coupons_csv=coupons), TODAY).report
    [said] = complaints(report)["coupons.csv"]
    assert "'name'" in said
    assert "name_zh" not in said and "name_en" not in said


def test_columns_without_a_name_are_nobodys(tmp_path: Path) -> None:
    """Spreadsheets write commas behind the last column."""
    variants = "\n".join(f"{line},," for line in FILES["variants.csv"].splitlines()) + "\n"
    assert complaints(read_shop(write_shop(tmp_path, variants_csv=variants), TODAY).report) == {}


def test_every_known_column_is_read_and_the_demo_shop_has_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = defaultdict(set)
    text, rows = reading.Cells.text, inspect.getattr_static(reading, "read_rows")
    file = ""

    def watched(path: Path, *arguments: object) -> object:
        for row in rows(path, *arguments):
            nonlocal file
            file = path.name
            yield row

    def noticed(self: reading.Cells, column: str) -> str:
        read[file].add(column)
        return text(self, column)

    monkeypatch.setattr("actions.shop.importers.folder.read_rows", watched)
    monkeypatch.setattr(reading.Cells, "text", noticed)
    assert complaints(read_shop(DEMO, TODAY).report) == {}
    assert {name: read[name] for name in COLUMNS} == {name: set(columns) for name, columns in COLUMNS.items()}


# ---------------------------------------------------------------- orders


async def test_an_order_of_a_refused_product_is_kept_whole(empty: SqlShop, tmp_path: Path) -> None:
    products = FILES["products.csv"].replace("home/lamps,台灯", "home/lamps,")
    report = await load_shop(write_shop(tmp_path / "shop", products_csv=products), empty, TODAY)
    assert complaints(report) == {
        "products.csv": ["row 2, name_zh = '': must not be empty"],
        "variants.csv": ["row 2, product_id = 'P1': is not among the rows that were taken"],
        "order_lines.csv": [
            "row 2, sku = 'P1-1': is no variant that was taken. Order A1 is kept whole, this line of it without a product."
        ],
    }
    order = await empty.order("A1")
    assert order
    assert [(line.sku, line.quantity, line.unit_price, line.product_id) for line in order.lines] == [
        ("P1-1", 1, Money(19900), "")
    ]
    assert order.total == Money(17900)


async def test_an_order_without_lines_is_said(empty: SqlShop, tmp_path: Path) -> None:
    lines = FILES["order_lines.csv"].replace("P1-1,1,", "P1-1,0,")
    report = await load_shop(write_shop(tmp_path / "shop", order_lines_csv=lines), empty, TODAY)
    assert complaints(report) == {
        "orders.csv": [
            "row 2, order_id = 'A1': has no line that was taken from order_lines.csv. "
            "The order is kept, with its amounts and no items."
        ],
        "order_lines.csv": ["row 2, quantity = '0': must be at least 1"],
    }
    assert await empty.order("A1")


async def test_a_line_that_stands_twice_is_refused_and_the_rest_is_loaded(empty: SqlShop, tmp_path: Path) -> None:
    lines = FILES["order_lines.csv"] + "A1,1,P2-1,1,350.00,0\n"
    report = await load_shop(write_shop(tmp_path / "shop", order_lines_csv=lines), empty, TODAY)
    assert complaints(report) == {"order_lines.csv": ["row 3, line_no = '1': stands in an earlier row already"]}


async def test_lines_are_in_the_currency_of_their_order(empty: SqlShop, tmp_path: Path) -> None:
    """A yen has no minor unit: read as yuan, 3000 yen would be 300000."""
    orders = (
        "order_id,customer_id,status,placed_at,currency,items_total,total\n"
        "J1,C1,pending,2026-06-17T10:00:00+08:00,JPY,3000,3000\n"
    )
    lines = "order_id,line_no,sku,quantity,unit_price\nJ1,1,P1-1,2,1500\n"
    await load_shop(write_shop(tmp_path / "shop", orders_csv=orders, order_lines_csv=lines), empty, TODAY)
    order = await empty.order("J1")
    assert order
    assert (order.total, order.lines[0].unit_price) == (Money(3000, "JPY"), Money(1500, "JPY"))
