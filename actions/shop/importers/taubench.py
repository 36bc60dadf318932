"""The retail shop of tau-bench and tau2-bench, as JSON: `users.json`, `products.json`, `orders.json`, or all in `db.json`.

Yao et al., "tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains", 2024 (arXiv 2406.12045). Its data
has no times: all orders are taken as placed at one moment, so that rules with windows would find them old. Items that are
available are in stock with STOCK pieces; it counts none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from actions.shop import rows, tables
from actions.shop.importers.json_files import read_object, read_rows
from actions.shop.importers.records import Catalogue, History, type_row
from actions.shop.importers.report import LoadReport
from actions.shop.importers.writing import Taken
from bot.commerce import Address, Money, OrderStatus, Product, Text
from bot.errors import BadDocument

CURRENCY = "USD"
STOCK = 1000
PLACED_AT = rows.time_text(datetime(2024, 5, 15, 12, tzinfo=UTC))
_WHOLE = "db.json"
_PARTS = ("users", "products", "orders")


def is_taubench(path: Path) -> bool:
    """Whether a folder holds these files."""
    return (path / _WHOLE).is_file() or all((path / f"{part}.json").is_file() for part in _PARTS)


def read_taubench(path: Path) -> Taken:
    """Everything in the files. Raises BadDocument when one is no JSON object."""
    users, products, orders = _read(path)
    report = LoadReport()
    rows_of = partial(read_rows, report)
    heads = rows_of("products.json", "products", products, lambda product: [_product(product)])
    variants = rows_of("products.json, variants", "variants", products, _variants)
    customers = rows_of("users.json", "customers", users, lambda user: [_customer(user)])
    methods = rows_of("users.json, payment methods", "payment_methods", users, _methods)
    placed = rows_of("orders.json", "orders", orders, lambda order: [_order(order)])
    lines = rows_of("orders.json, items", "order_lines", orders, _lines)
    money = rows_of("orders.json, payments", "payments", orders, _payments)
    parcels = rows_of("orders.json, parcels", "shipments", orders, _parcels)
    catalogue = Catalogue(heads, variants, {row["id"] for row in heads}, {row["sku"] for row in variants})
    return Taken(
        catalogue,
        report,
        history=(
            History(tables.customers, customers),
            History(tables.payment_methods, methods),
            History(tables.orders, placed, tables.order_lines, tuple(lines), "order_id"),
            History(tables.shipments, parcels),
            History(tables.payments, money),
        ),
    )


def order_id_of(number: str) -> str:
    """An order's number as ours are: without the `#` before it."""
    return number.removeprefix("#")


def address_of(entry: Mapping[str, Any], name: str) -> Address:
    """An address of theirs; its two lines are one."""
    line = ", ".join(filter(None, (str(entry["address1"]), str(entry["address2"]))))
    place = (str(entry[part]) for part in ("city", "state", "zip", "country"))
    return Address(name, "", line, *place)


def minor(amount: Any) -> int:
    """A sum of theirs (a float of dollars, with the noise of sums) in cents."""
    return Money.of(repr(amount) if isinstance(amount, float) else str(amount), CURRENCY).minor


# ---------------------------------------------------------------- reading


def _read(path: Path) -> tuple[list[Mapping[str, Any]], ...]:
    if (path / _WHOLE).is_file():
        whole = read_object(path / _WHOLE)
        missing = [part for part in _PARTS if not isinstance(whole.get(part), dict)]
        if missing:
            raise BadDocument(f"{missing[0]!r} is missing.", where=_WHOLE, remedy=f"It needs {', '.join(_PARTS)}.")
        found = [whole[part] for part in _PARTS]
    else:
        found = [read_object(path / f"{part}.json") for part in _PARTS]
    users, products, orders = found
    return [{"user_id": key, **user} for key, user in users.items()], list(products.values()), list(orders.values())


# ---------------------------------------------------------------- rows


def _product(entry: Mapping[str, Any]) -> type_row:
    number = str(entry["product_id"])
    product = Product(number, Text("", str(entry["name"])), "", "", ())
    return {"id": number, "active": 1, "category": "", "data": rows.product_data(product)}


def _variants(entry: Mapping[str, Any]) -> list[type_row]:
    found = []
    for position, item in enumerate(entry["variants"].values()):
        options = {str(name): str(value) for name, value in item["options"].items()}
        color = options.pop("color", "")
        found.append(
            {
                "sku": str(item["item_id"]),
                "product_id": str(entry["product_id"]),
                "position": position,
                "color_zh": "",
                "color_en": color,
                "size": ", ".join(options.values()),
                "price": minor(item["price"]),
                "compare_at": None,
                "currency": CURRENCY,
                "stock": STOCK if item["available"] else 0,
                "weight_g": None,
            }
        )
    return found


def _customer(entry: Mapping[str, Any]) -> type_row:
    name = f"{entry['name']['first_name']} {entry['name']['last_name']}"
    return {
        "id": str(entry["user_id"]),
        "name": name,
        "email": str(entry["email"]).lower(),
        "phone": "",
        "locale": "en",
        "level": "basic",
        "points": 0,
        "created_at": PLACED_AT,
        "address": rows.address_data(address_of(entry["address"], name)),
    }


def _methods(entry: Mapping[str, Any]) -> list[type_row]:
    return [
        {
            "id": str(method["id"]),
            "customer_id": str(entry["user_id"]),
            "kind": str(method["source"]),
            "balance": minor(method["balance"]) if method["source"] == "gift_card" else None,
            "currency": CURRENCY,
        }
        for method in entry["payment_methods"].values()
    ]


def _order(entry: Mapping[str, Any]) -> type_row:
    status = OrderStatus(entry["status"])
    total = sum(minor(item["price"]) for item in entry["items"])
    delivered = PLACED_AT if status is OrderStatus.DELIVERED else None
    return {
        "id": order_id_of(entry["order_id"]),
        "customer_id": str(entry["user_id"]),
        "status": status.value,
        "placed_at": PLACED_AT,
        "paid_at": PLACED_AT,
        "shipped_at": delivered,
        "delivered_at": delivered,
        "closed_at": PLACED_AT if status is OrderStatus.CANCELLED else None,
        "currency": CURRENCY,
        "items_total": total,
        "total": total,
        "discount": 0,
        "shipping_fee": 0,
        "coupon_code": "",
        "payment_method": str(entry["payment_history"][0]["payment_method_id"]),
        "points_earned": 0,
        "points_used": 0,
        "ship_to": rows.address_data(address_of(entry["address"], "")),
        "room": "",
        "note": "",
    }


def _lines(entry: Mapping[str, Any]) -> list[type_row]:
    return [
        {
            "order_id": order_id_of(entry["order_id"]),
            "number": number,
            "sku": str(item["item_id"]),
            "quantity": 1,
            "unit_price": minor(item["price"]),
            "discount": 0,
        }
        for number, item in enumerate(entry["items"], 1)
    ]


def _payments(entry: Mapping[str, Any]) -> list[type_row]:
    order_id = order_id_of(entry["order_id"])
    return [
        {
            "id": f"{order_id}-{number}",
            "order_id": order_id,
            "kind": str(moved["transaction_type"]),
            "amount": minor(moved["amount"]),
            "currency": CURRENCY,
            "method": str(moved["payment_method_id"]),
            "at": PLACED_AT,
            "status": "done",
            "reason": "",
            "line": None,
        }
        for number, moved in enumerate(entry["payment_history"], 1)
    ]


def _parcels(entry: Mapping[str, Any]) -> list[type_row]:
    delivered = entry["status"] == OrderStatus.DELIVERED
    return [
        {
            "id": f"{order_id_of(entry['order_id'])}-{number}",
            "order_id": order_id_of(entry["order_id"]),
            "carrier": "",
            "tracking_no": ", ".join(map(str, parcel["tracking_id"])),
            "status": "delivered" if delivered else "in_transit",
            "shipped_at": PLACED_AT,
            "eta": None,
            "delivered_at": PLACED_AT if delivered else None,
        }
        for number, parcel in enumerate(entry["fulfillments"], 1)
    ]
