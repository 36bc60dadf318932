"""ECom-Bench's JSON as a shop of ours: what is taken, where it goes, and what is refused and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from actions.shop.importers.choosing import load_shop, read_shop
from actions.shop.importers.ecombench_rows import ecard_of, exchange_sku
from actions.shop.sql import SqlShop
from bot.commerce import Money, OrderStatus
from bot.errors import BadDocument
from tests.actions.appliances import USER, files, written

TODAY = date(2026, 6, 18)


@pytest.fixture
async def loaded(tmp_path: Path) -> AsyncIterator[SqlShop]:
    shop = await SqlShop.open(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    report = await load_shop(written(tmp_path / "files"), shop, TODAY)
    assert not report.refused
    yield shop
    await shop.close()


async def test_what_a_product_may_be_exchanged_for_is_a_variant_of_it(loaded: SqlShop) -> None:
    product = await loaded.product("201")
    assert product is not None
    assert [(v.sku, v.size, v.price, bool(v.stock)) for v in product.variants] == [
        ("201", "", Money(99950), True),
        ("201>202", "202 80 升", Money(99950), True),
        ("201>203", "203 100 升", Money(99950), False),
    ]
    assert await loaded.product("211") is not None, "one thing may be the choice of two products"
    assert {attribute.key: attribute.value.zh for attribute in product.attributes} == {
        "installation": "免费安装",
        "repair": "保修八年",
        "gifts": "风扇：签收后寄出",
    }
    assert exchange_sku("201", "202") == "201>202"


async def test_orders_have_the_times_of_their_parcels(loaded: SqlShop) -> None:
    paid, arrived = await loaded.order("100"), await loaded.order("101")
    assert paid is not None and arrived is not None
    assert (paid.status, paid.total, paid.payment_method) == (OrderStatus.PENDING, Money(204900), ecard_of(USER))
    assert (arrived.status, arrived.delivered_at) == (OrderStatus.DELIVERED, datetime(2025, 6, 7, 1, tzinfo=UTC))
    assert (paid.ship_to.line, paid.ship_to.city, paid.ship_to.country) == ("文一路 1 号", "杭州市西湖区", "CN")
    assert [(p.kind, p.amount) for p in await loaded.payments("100")] == [("payment", paid.total)]
    assert (await loaded.payment_methods(USER))[0].balance == Money(300000)


async def test_an_order_of_which_only_the_parcel_is_there_has_no_lines(loaded: SqlShop) -> None:
    order = await loaded.order("103")
    assert order is not None and order.lines == () and order.status is OrderStatus.DELIVERED
    assert len(await loaded.shipments("103")) == 1


async def test_what_no_table_holds_is_a_document(loaded: SqlShop) -> None:
    found = {}
    for kind, number in (("rush", "102"), ("rush", "100"), ("cashback", "101"), ("appointment", "102"), ("fault", "201/E1")):
        entry = await loaded.entry(kind, number)
        found[kind, number] = entry.data if entry else None
    assert found == {
        ("rush", "102"): {"urgent": True},
        ("rush", "100"): None,
        ("cashback", "101"): {"registered": False},
        ("appointment", "102"): {"service": "installation", "day": "saturday", "name": "李雷", "phone": "13800000001"},
        ("fault", "201/E1"): {"name": "不点火", "remedy": "换电池"},
    }
    invoice = await loaded.entry("invoice", "102")
    assert invoice is not None and invoice.data == {"title": "某某公司", "type": "company", "phone": "13800000001"}


async def test_loading_again_keeps_what_was_changed_since(loaded: SqlShop, tmp_path: Path) -> None:
    report = await load_shop(tmp_path / "files", loaded, TODAY)
    assert not report.refused
    assert {file.kept for file in report.files if file.table == "orders"} == {4}


def test_what_cannot_be_taken_is_refused_by_name(tmp_path: Path) -> None:
    content = files()
    orders = content["orders"]["jd"]["s1"][USER]
    orders["100"]["订单状态"] = "飞走了"
    del orders["101"]["支付方式"]
    taken = read_shop(written(tmp_path, content), TODAY)
    report = next(file for file in taken.report.files if file.name == "orders.json")
    assert [str(refusal) for refusal in report.refused] == [
        "row 1, 飞走了 = '': is missing, or not known",
        "row 2, 支付方式 = '': is missing, or not known",
    ]


def test_a_file_that_is_no_object_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "service.json").write_text("[1]")
    with pytest.raises(BadDocument, match=r"service\.json"):
        read_shop(folder, TODAY)
