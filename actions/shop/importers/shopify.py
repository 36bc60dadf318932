"""Shopify's CSV exports: products, customers and orders, under the names that Shopify gives them or others with these words.

Forms: https://help.shopify.com/en/manual/products/import-export/using-csv,
https://help.shopify.com/en/manual/customers/import-export-customers and
https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders. A product has a row for each variant and
each further picture, an order one for each item; only the first has what is of the whole.

The exports do not say when a parcel arrived: a fulfilled order counts as shipped. Prices have to include taxes, as our
orders know none on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from actions.shop import rows, tables
from actions.shop.importers.cells import Cells, RowRefused, read_rows
from actions.shop.importers.records import Catalogue, History, payment_row, type_row
from actions.shop.importers.report import FileReport, LoadReport
from actions.shop.importers.writing import Taken
from bot.commerce import Address, OrderStatus, Product, Text

_PRODUCTS = ("Handle", "Title", "Variant Price")
_CUSTOMERS = ("Email", "First Name", "Last Name")
_ORDERS = (
    "Name",
    "Email",
    "Financial Status",
    "Created at",
    "Total",
    "Lineitem name",
    "Lineitem quantity",
    "Lineitem price",
)
_COLORS, _SIZES = ("color", "colour", "颜色", "顏色"), ("size", "尺码", "尺寸", "尺碼")
_OPTIONS = (1, 2, 3)
_DEFAULT_CURRENCY = "USD"

type_group = Sequence[Cells]


@dataclass(slots=True)
class _Export:
    """The files while they are read: the currency of the shop, and what is said of them."""

    path: Path
    currency: str
    report: LoadReport = field(default_factory=LoadReport)

    def groups(
        self, kind: str, columns: tuple[str, ...], key: str, table: str, read: Callable[[type_group], type_row]
    ) -> list[type_row]:
        """What `read` makes of the rows that share a `key` in a file of this kind; what it cannot take is refused."""
        file = _file(self.path, kind)
        if file is None:
            return []
        report = FileReport(file.name, table=table)
        self.report.files.append(report)
        taken: list[type_row] = []
        cells = (cells for cells in read_rows(file, columns, timedelta(), UTC) if any(cells.values.values()))
        for _, group in groupby(cells, key=lambda row: row.text(key)):
            try:
                taken.append(read(list(group)))
            except RowRefused as refused:
                report.refused.append(refused.refusal)
        report.taken = len(taken)
        return taken


def is_shopify(path: Path) -> bool:
    """Whether a folder holds an export of products that is no table of ours."""
    file = _file(path, "products")
    return file is not None and _PRODUCTS[0] in _header(file)


def read_shopify(path: Path) -> Taken:
    """Everything in the exports. Raises BadDocument when one is no UTF-8 or lacks a column."""
    export = _Export(path, _currency(path))
    products = export.groups("products", _PRODUCTS, "Handle", "products", lambda group: _product(group, export.currency))
    variants = [variant for product in products for variant in product.pop("variants")]
    customers = export.groups("customers", _CUSTOMERS, "Email", "customers", lambda group: _customer(group[0]))
    by_email = {row["email"]: row["id"] for row in customers if row["email"]}
    orders = export.groups("orders", _ORDERS, "Name", "orders", lambda group: _order(group, export.currency, by_email))
    guests = {order["customer_id"]: order.pop("guest") for order in orders if "guest" in order}
    lines = [line for order in orders for line in order.pop("lines")]
    money = [row for order in orders for row in order.pop("payments")]
    catalogue = Catalogue(products, variants, {row["id"] for row in products}, {row["sku"] for row in variants})
    return Taken(
        catalogue,
        export.report,
        history=(
            History(tables.customers, customers),
            History(tables.customers, list(guests.values()), counted=False),
            History(tables.orders, orders, tables.order_lines, tuple(lines), "order_id"),
            History(tables.payments, money),
        ),
    )


# ---------------------------------------------------------------- files


def _file(path: Path, kind: str) -> Path | None:
    """The newest file by name that is of a kind: `products_export_1.csv`, `orders_export.csv`."""
    found = sorted(file for file in path.glob("*.csv") if file.stem.lower().startswith(kind)) if path.is_dir() else []
    return found[-1] if found else None


def _header(file: Path) -> str:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return lines.readline()


def _currency(path: Path) -> str:
    """The currency of the orders; the export of products names none."""
    file = _file(path, "orders")
    if file is None:
        return _DEFAULT_CURRENCY
    return next((cells.text("Currency") for cells in read_rows(file, _ORDERS, timedelta(), UTC) if cells.text("Currency")),
                _DEFAULT_CURRENCY)  # fmt: skip


# ---------------------------------------------------------------- products


def _product(group: type_group, currency: str) -> type_row:
    first = group[0]
    handle, title = first.required("Handle"), first.required("Title")
    category = first.text("Type") or first.text("Product Category").rpartition(" > ")[2]
    product = Product(
        id=handle,
        name=_text(title),
        category=category,
        brand=first.text("Vendor"),
        variants=(),
        category_name=_text(category),
        description=_text(_plain(first.text("Body (HTML)"))),
        tags=tuple(tag.strip() for tag in first.text("Tags").split(",") if tag.strip()),
        active=first.text("Status").lower() in ("", "active"),
    )
    names = [first.text(f"Option{n} Name") for n in _OPTIONS]
    sold = [cells for cells in group if cells.text("Variant Price")]
    if not sold:
        raise first.refuse("Variant Price", "must not be empty")
    variants = [_variant(cells, handle, names, position, currency) for position, cells in enumerate(sold)]
    data = {"id": handle, "active": int(product.active), "category": category, "data": rows.product_data(product)}
    return {**data, "variants": variants}


def _variant(cells: Cells, handle: str, names: Sequence[str], position: int, currency: str) -> type_row:
    options = {
        name.lower(): cells.text(f"Option{n} Value")
        for n, name in zip(_OPTIONS, names, strict=True)
        if name and cells.text(f"Option{n} Value") not in ("", "Default Title")
    }
    color = next((options.pop(name) for name in _COLORS if name in options), "")
    size = next((options.pop(name) for name in _SIZES if name in options), "")
    compare_at = cells.money_or_none("Variant Compare At Price", currency)
    return {
        "sku": cells.text("Variant SKU").removeprefix("'") or f"{handle}-{position + 1}",
        "product_id": handle,
        "position": position,
        "color_zh": _text(color).zh,
        "color_en": _text(color).en,
        "size": ", ".join(filter(None, (size, *options.values()))),
        "price": cells.money("Variant Price", currency),
        "compare_at": compare_at or None,
        "currency": currency,
        "stock": max(_whole(cells, "Variant Inventory Qty"), 0),
        "weight_g": int(cells.number_or_none("Variant Grams") or 0),
    }


# ---------------------------------------------------------------- customers and orders


def _customer(cells: Cells) -> type_row:
    email = cells.text("Email").lower()
    name = f"{cells.text('First Name')} {cells.text('Last Name')}".strip()
    number = cells.text("Customer ID").removeprefix("'") or email
    if not number:
        raise cells.refuse("Email", "must not be empty where there is no Customer ID")
    phone = cells.text("Phone") or cells.text("Default Address Phone")
    line = ", ".join(filter(None, (cells.text("Default Address Address1"), cells.text("Default Address Address2"))))
    place = (cells.text(f"Default Address {part}") for part in ("City", "Province Code", "Zip", "Country Code"))
    address = Address(name, phone.removeprefix("'"), line, *(part.removeprefix("'") for part in place))
    return _person(number, name or email, email, address, None)


def _person(number: str, name: str, email: str, address: Address, since: datetime | None) -> type_row:
    return {
        "id": number,
        "name": name,
        "email": email,
        "phone": address.phone,
        "locale": "zh" if _text(name).zh else "en",
        "level": "basic",
        "points": 0,
        "created_at": rows.time_text(since or datetime(1970, 1, 1, tzinfo=UTC)),
        "address": rows.address_data(address),
    }


def _order(group: type_group, shop_currency: str, by_email: Mapping[str, str]) -> type_row:
    first = group[0]
    number = "".join(char for char in first.required("Name").upper() if char.isascii() and char.isalnum())
    currency = first.text("Currency") or shop_currency
    lines = [_line(cells, number, place, currency) for place, cells in enumerate(group, 1)]
    items = sum(line["unit_price"] * line["quantity"] for line in lines)
    total, shipping = first.money("Total", currency), first.money_or_none("Shipping", currency) or 0
    discount = items + shipping - total
    if discount < 0:
        raise first.refuse("Total", "is more than items and shipping: prices have to include taxes")
    placed = _time(first, "Created at")
    if placed is None:
        raise first.refuse("Created at", "must not be empty")
    paid, shipped, cancelled = (_time(first, column) for column in ("Paid at", "Fulfilled at", "Cancelled at"))
    street = first.text("Shipping Street") or first.text("Shipping Address1")
    place = (first.text(f"Shipping {part}").removeprefix("'") for part in ("City", "Province", "Zip", "Country"))
    address = Address(first.text("Shipping Name"), first.text("Shipping Phone").removeprefix("'"), street, *place)
    email = first.text("Email").lower()
    if not email:
        raise first.refuse("Email", "must not be empty: the order would be nobody's")
    customer = by_email.get(email, email)
    row = {
        "id": number,
        "customer_id": customer,
        "status": _status(first, paid, cancelled).value,
        "placed_at": rows.time_text(placed),
        "paid_at": rows.time_text(paid),
        "shipped_at": rows.time_text(shipped),
        "delivered_at": None,
        "closed_at": rows.time_text(cancelled),
        "currency": currency,
        "items_total": items,
        "discount": discount,
        "shipping_fee": shipping,
        "total": total,
        "coupon_code": first.text("Discount Code"),
        "payment_method": first.text("Payment Method").lower(),
        "points_earned": 0,
        "points_used": 0,
        "ship_to": rows.address_data(address),
        "room": "",
        "note": first.text("Notes"),
        "lines": lines,
    }
    guest = {} if email in by_email else {"guest": _person(email, address.name or email, email, address, placed)}
    return {**row, **guest, "payments": list(_money(first, row, paid, cancelled))}


def _line(cells: Cells, order_id: str, number: int, currency: str) -> type_row:
    return {
        "order_id": order_id,
        "number": number,
        "sku": cells.text("Lineitem sku").removeprefix("'") or cells.required("Lineitem name"),
        "quantity": cells.whole("Lineitem quantity", least=1),
        "unit_price": cells.money("Lineitem price", currency),
        "discount": 0,
    }


def _status(cells: Cells, paid: datetime | None, cancelled: datetime | None) -> OrderStatus:
    if cancelled:
        return OrderStatus.CANCELLED
    if cells.text("Financial Status").lower() == "refunded":
        return OrderStatus.RETURNED
    match cells.text("Fulfillment Status").lower():
        case "fulfilled":
            return OrderStatus.SHIPPED
        case "partial":
            return OrderStatus.PROCESSED
    return OrderStatus.PENDING if paid else OrderStatus.PENDING_PAYMENT


def _money(cells: Cells, order: type_row, paid: datetime | None, cancelled: datetime | None) -> Iterator[type_row]:
    refunded = cells.money_or_none("Refunded Amount", order["currency"]) or 0
    moved: Iterable[tuple[str, int, datetime | None]] = (
        ("payment", order["total"] if paid else 0, paid),
        ("refund", refunded, cancelled or paid),
    )
    for kind, amount, at in moved:
        if amount and at:
            yield payment_row(order, kind, amount, rows.time_text(at))


# ---------------------------------------------------------------- cells


def _time(cells: Cells, column: str) -> datetime | None:
    """A moment as Shopify writes it: `2026-05-15 12:00:00 -0400`."""
    value = cells.text(column)
    if not value:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return cells.time_or_none(column)


def _whole(cells: Cells, column: str) -> int:
    """A whole number, negative ones too: what was sold beyond the stock."""
    return int(cells.number_or_none(column) or 0)


def _text(text: str) -> Text:
    """A text in the language that it is written in."""
    return Text(zh=text) if any("一" <= char <= "鿿" for char in text) else Text(en=text)


def _plain(html: str) -> str:
    from bs4 import BeautifulSoup  # only where there is something to read

    return " ".join(BeautifulSoup(html, "lxml").get_text(" ").split()) if html else ""
