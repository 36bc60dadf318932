"""The demo shop: as large as a real one, in both languages, in every state, and exactly what its sources say."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from bot.commerce import OrderStatus
from demo.generate import outdated

SHOP = Path("demo/shop")


def rows(name: str) -> list[dict[str, str]]:
    with (SHOP / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_is_what_its_sources_and_the_seed_give() -> None:
    assert outdated() == []


def test_the_catalogue_is_large_and_bilingual() -> None:
    products = rows("products.csv")
    assert len(products) >= 80
    for column in ("name_zh", "name_en", "description_zh", "description_en"):
        assert [product["product_id"] for product in products if not product[column]] == []
    assert all((SHOP / product["picture"]).is_file() for product in products)
    variants = Counter(variant["product_id"] for variant in rows("variants.csv"))
    assert variants.keys() == {product["product_id"] for product in products}
    assert max(variants.values()) > 4
    charts = {row["chart_id"] for row in rows("size_charts.csv")}
    assert {product["size_chart"] for product in products} - {""} <= charts


def test_orders_are_in_every_state_of_their_life() -> None:
    orders = rows("orders.csv")
    assert len(rows("customers.csv")) >= 200
    assert len(orders) >= 1000
    assert {order["status"] for order in orders} == {status.value for status in OrderStatus}
    lines = {line["order_id"] for line in rows("order_lines.csv")}
    assert lines == {order["order_id"] for order in orders}


def test_offers_begin_and_end() -> None:
    for name in ("promotions.csv", "coupons.csv"):
        offers = rows(name)
        assert offers
        assert all(offer["starts_at"] and offer["ends_at"] for offer in offers), name


def test_documents_come_in_every_form_and_both_languages() -> None:
    documents = [file for file in (SHOP / "documents").iterdir() if file.is_file()]
    assert len(documents) >= 30
    assert {file.suffix for file in documents} >= {".md", ".html", ".pdf", ".docx", ".csv", ".xlsx"}
    assert sum(".zh." in file.name for file in documents) >= 10
    assert sum(".en." in file.name for file in documents) >= 10
