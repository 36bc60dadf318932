"""Shopify's exports and tau-bench's JSON as shops of ours: what is taken, and what is refused and why."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from actions.shop.importers.choosing import load_shop, read_shop
from actions.shop.importers.report import LoadReport
from actions.shop.sql import SqlShop
from bot.commerce import Money, OrderStatus
from bot.errors import BadDocument
from tests.actions.counter import Counter

TODAY = date(2026, 6, 18)
# Exports as Shopify writes them, with some rows that cannot be taken.
EXPORTS = Path(__file__).with_name("shopify")


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[SqlShop]:
    opened = await SqlShop.open(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    yield opened
    await opened.close()


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXPORTS, tmp_path / "exports"))


def refusals(report: LoadReport) -> dict[str, list[str]]:
    return {file.name: [str(refusal) for refusal in file.refused] for file in report.files}


async def test_shopify_products(empty: SqlShop, exports: Path) -> None:
    report = await load_shop(exports, empty, TODAY)
    jacket = await empty.product("rain-jacket")
    assert jacket is not None
    assert (jacket.name.en, jacket.brand, jacket.category, jacket.tags) == (
        "Rain Jacket",
        "Nimbus",
        "Jackets",
        ("outdoor", "rain"),
    )
    assert jacket.description.en == "Keeps the rain out."
    assert [(v.sku, v.color.en, v.size, v.price, v.compare_at, v.stock) for v in jacket.variants] == [
        ("RJ-B-M", "Blue", "M", Money(8900, "USD"), Money(10900, "USD"), 7),
        ("RJ-B-L", "Blue", "L", Money(8900, "USD"), None, 0),
    ]
    assert [product.id for product in await empty.products()] == ["rain-jacket"], "a draft is not sold"
    assert [file.taken for file in report.files] == [2, 1, 3]


async def test_shopify_orders_and_what_is_refused(empty: SqlShop, exports: Path) -> None:
    said = refusals(await load_shop(exports, empty, TODAY))
    assert said["products_export_1.csv"] == ["row 6, Variant Price = '': must not be empty"]
    assert [line.partition(":")[2] for line in said["orders_export_1.csv"]] == [
        " is more than items and shipping: prices have to include taxes",
        " must not be empty: the order would be nobody's",
        " must be a time like 2026-06-18T19:00:00+08:00",
    ]
    first, guest, cancelled = [await empty.order(number) for number in ("1001", "1002", "1003")]
    assert first and guest and cancelled
    assert (first.status, first.customer_id, first.discount, first.shipping_fee, first.total, first.coupon_code) == (
        OrderStatus.PENDING, "501", Money(1000, "USD"), Money(500, "USD"), Money(9650, "USD"), "TEN",
    )  # fmt: skip
    assert [(line.sku, line.quantity) for line in first.lines] == [("RJ-B-M", 1), ("Enamel Mug", 1)]
    assert (guest.status, guest.customer_id) == (OrderStatus.SHIPPED, "guest@example.com")
    assert (cancelled.status, [payment.kind for payment in await empty.payments("1003")]) == (
        OrderStatus.CANCELLED, ["payment", "refund"],
    )  # fmt: skip


async def test_an_imported_order_can_be_worked_on(empty: SqlShop, exports: Path) -> None:
    await load_shop(exports, empty, TODAY)
    counter = Counter(empty, verified=("customer:501",))
    done = await counter.do("action_cancel_order", order_number="1001")
    assert done.ok
    assert [(payment.kind, payment.amount) for payment in await empty.payments("1001")] == [
        ("payment", Money(9650, "USD")), ("refund", Money(9650, "USD")),
    ]  # fmt: skip


async def test_what_is_there_already_is_kept(empty: SqlShop, exports: Path) -> None:
    await load_shop(exports, empty, TODAY)
    counter = Counter(empty, verified=("customer:501",))
    await counter.do("action_cancel_order", order_number="1001")
    report = await load_shop(exports, empty, TODAY)
    assert [file.kept for file in report.files] == [0, 1, 3]
    order = await empty.order("1001")
    assert order and order.status is OrderStatus.CANCELLED
    await load_shop(exports, empty, TODAY, replace=True)
    order = await empty.order("1001")
    assert order and order.status is OrderStatus.PENDING


def test_a_missing_column_is_named(exports: Path) -> None:
    (exports / "orders_export_1.csv").write_text("Name,Email\n#1,a@example.com\n", "utf-8")
    with pytest.raises(BadDocument, match="'Financial Status' is missing"):
        read_shop(exports, TODAY)


def test_a_folder_that_is_none_of_them(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="is no shop folder"):
        read_shop(tmp_path, TODAY)


# ---------------------------------------------------------------- tau-bench

_ADDRESS = {"address1": "1 Main St", "address2": "Apt 2", "city": "Austin", "state": "TX", "zip": "78701", "country": "USA"}
RETAIL: dict[str, Any] = {
    "users": {
        "ann_example_1": {
            "name": {"first_name": "Ann", "last_name": "Example"},
            "address": _ADDRESS,
            "email": "Ann@example.com",
            "payment_methods": {
                "gift_card_1": {"source": "gift_card", "id": "gift_card_1", "balance": 50},
                "paypal_1": {"source": "paypal", "id": "paypal_1"},
            },
            "orders": ["#W1"],
        },
        "nobody": {"name": {"first_name": "No", "last_name": "Body"}},
    },
    "products": {
        "10": {
            "name": "T-Shirt",
            "product_id": "10",
            "variants": {
                "11": {"item_id": "11", "options": {"color": "blue", "size": "M"}, "available": True, "price": 30.1},
                "12": {"item_id": "12", "options": {"color": "blue", "size": "L"}, "available": False, "price": 31},
            },
        }
    },
    "orders": {
        "#W1": {
            "order_id": "#W1",
            "user_id": "ann_example_1",
            "address": _ADDRESS,
            "items": [{"name": "T-Shirt", "product_id": "10", "item_id": "11", "price": 30.1, "options": {}}],
            "fulfillments": [{"tracking_id": ["77"], "item_ids": ["11"]}],
            "status": "delivered",
            "payment_history": [{"transaction_type": "payment", "amount": 30.1, "payment_method_id": "paypal_1"}],
        }
    },
}


@pytest.mark.parametrize("whole", [True, False])
async def test_tau_bench(empty: SqlShop, tmp_path: Path, *, whole: bool) -> None:
    folder = tmp_path / "retail"
    folder.mkdir()
    for name, content in ({"db": RETAIL} if whole else RETAIL).items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(content))
    report = await load_shop(folder, empty, TODAY)
    assert refusals(report)["users.json"] == ["row 2, email = '': is missing"]
    order, customer, product = await empty.order("W1"), await empty.customer("ann_example_1"), await empty.product("10")
    assert order and customer and product
    assert (order.status, order.total, order.payment_method) == (OrderStatus.DELIVERED, Money(3010, "USD"), "paypal_1")
    assert (customer.name, customer.email, customer.address.line) == ("Ann Example", "ann@example.com", "1 Main St, Apt 2")
    assert [(v.sku, v.color.en, v.size, v.stock > 0) for v in product.variants] == [
        ("11", "blue", "M", True),
        ("12", "blue", "L", False),
    ]
    assert [(method.id, method.balance) for method in await empty.payment_methods("ann_example_1")] == [
        ("gift_card_1", Money(5000, "USD")), ("paypal_1", None),
    ]  # fmt: skip
    assert [shipment.tracking_no for shipment in await empty.shipments("W1")] == ["77"]


def test_no_json_is_said_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "db.json").write_text("{", "utf-8")
    with pytest.raises(BadDocument, match="no valid JSON"):
        read_shop(tmp_path, TODAY)
    (tmp_path / "db.json").write_text('{"users": {}}', "utf-8")
    with pytest.raises(BadDocument, match="'products' is missing"):
        read_shop(tmp_path, TODAY)
