"""From cells to rows: one reader a file, and the checks that hold files together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from actions.shop import rows, tables
from actions.shop.importers.cells import Cells
from bot.commerce import Address, Attribute, OrderStatus, Product, SizeRow, Text

if TYPE_CHECKING:
    from actions.shop.importers.folder import Folder

type_row = dict[str, Any]
type_read = Callable[[Cells], type_row]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Rows of products and variants, and what other files may refer to."""

    products: list[type_row]
    variants: list[type_row]
    product_ids: set[str]
    skus: set[str]


@dataclass(frozen=True, slots=True)
class History:
    """Rows of one table with the rows that belong to them (order lines, track events) by `owner`.

    `counted`: they are what the report says of a file, rather than made up from others.
    """

    table: sa.Table
    heads: list[type_row]
    parts_table: sa.Table | None = None
    parts: tuple[type_row, ...] = ()
    owner: str = ""
    counted: bool = True


def read_catalogue(folder: Folder) -> Catalogue:
    """products.csv with its attributes, categories and size charts, and variants.csv."""
    names: dict[str, tuple[Text, tuple[str, ...]]] = {}
    attributes: dict[str, list[Attribute]] = {}
    charts: dict[str, list[SizeRow]] = {}

    def category(cells: Cells) -> type_row:
        name = Text(cells.text("name_zh"), cells.text("name_en"))
        names[cells.required("category")] = (name, cells.words("aliases_zh") + cells.words("aliases_en"))
        return {}

    def attribute(cells: Cells) -> type_row:
        label = Text(cells.text("label_zh"), cells.text("label_en"))
        value = Text(cells.text("value_zh"), cells.text("value_en"))
        attributes.setdefault(cells.required("product_id"), []).append(Attribute(cells.required("key"), label, value))
        return {}

    def size(cells: Cells) -> type_row:
        charts.setdefault(cells.required("chart_id"), []).append(_size_row(cells))
        return {}

    folder.rows("categories.csv", ("category", "name_zh", "name_en"), category)
    folder.rows("attributes.csv", ("product_id", "key", "value_zh", "value_en"), attribute)
    folder.rows("size_charts.csv", ("chart_id", "size"), size)
    product_ids: set[str] = set()

    def product(cells: Cells) -> type_row:
        found = _product(cells, names, attributes, charts)
        _unique(cells, "product_id", found.id, product_ids)
        data = {"id": found.id, "active": int(found.active), "category": found.category}
        return {**data, "data": rows.product_data(found)}

    products = folder.rows("products.csv", ("product_id", "category", "name_zh", "name_en"), product)
    skus: set[str] = set()
    positions: dict[str, int] = {}

    def variant(cells: Cells) -> type_row:
        product_id = _known(cells, "product_id", product_ids)
        sku = cells.required("sku")
        currency = cells.text("currency") or folder.currency
        row = {
            "sku": sku,
            "product_id": product_id,
            "position": positions.setdefault(product_id, 0),
            "color_zh": cells.text("color_zh"),
            "color_en": cells.text("color_en"),
            "size": cells.text("size"),
            "price": cells.money("price", currency),
            "compare_at": cells.money_or_none("compare_at_price", currency),
            "currency": currency,
            "stock": cells.whole("stock"),
            "weight_g": cells.whole("weight_g", default=0),
        }
        _unique(cells, "sku", sku, skus)
        positions[product_id] += 1
        return row

    variants = folder.rows("variants.csv", ("sku", "product_id", "price", "stock"), variant)
    return Catalogue(products, variants, product_ids, skus)


def read_offers(folder: Folder, product_ids: set[str]) -> list[tuple[sa.Table, list[type_row]]]:
    """links.csv, promotions.csv and coupons.csv."""
    codes: set[str] = set()

    def link(cells: Cells) -> type_row:
        number = cells.whole("number", least=1)
        product = _known(cells, "product_id", product_ids)
        return {"room": cells.required("room"), "number": number, "product_id": product, **_window(cells)}

    def promotion(cells: Cells) -> type_row:
        row = _offer(cells, folder.currency, ("percent", "amount", "gift"))
        return {"id": cells.required("promotion_id"), "room": cells.text("room"), **row}

    def coupon(cells: Cells) -> type_row:
        row = _offer(cells, folder.currency, ("percent", "amount", "shipping"))
        code = cells.required("code")
        _unique(cells, "code", code, codes)
        return {
            "code": code,
            **row,
            "max_discount": cells.money_or_none("max_discount", row["currency"]),
            "per_customer": cells.whole("per_customer", default=0) or None,
            "total": cells.whole("total", default=0) or None,
            "used": cells.whole("used", default=0),
            "stackable": int(cells.one_of("stackable", ("yes", "no"), "no") == "yes"),
        }

    return [
        (tables.links, folder.rows("links.csv", ("room", "number", "product_id"), link)),
        (tables.promotions, folder.rows("promotions.csv", ("promotion_id", "kind", "value", "applies_to"), promotion)),
        (tables.coupons, folder.rows("coupons.csv", ("code", "kind", "value", "applies_to"), coupon)),
    ]


def read_history(folder: Folder, skus: set[str]) -> list[History]:
    """Customers, orders with their lines, parcels with their tracks, and returns."""
    customer_ids: set[str] = set()
    order_ids: set[str] = set()
    placed: dict[str, tuple[Cells, str]] = {}  # each order's own cells, and its currency: its lines are in it
    line_ids: set[str] = set()
    shipment_ids: set[str] = set()

    def customer(cells: Cells) -> type_row:
        number = cells.required("customer_id")
        _unique(cells, "customer_id", number, customer_ids)
        return {
            "id": number,
            "name": cells.required("name"),
            "email": cells.text("email").lower(),
            "phone": cells.text("phone"),
            "locale": cells.text("locale") or "zh",
            "level": cells.one_of("member_level", ("basic", "silver", "gold", "black"), "basic"),
            "points": cells.whole("points", default=0),
            "created_at": rows.time_text(cells.time("created_at")),
            "address": rows.address_data(_address(cells, "", "name", "phone", "address")),
        }

    def order(cells: Cells) -> type_row:
        row = _order(cells, folder.currency, _known(cells, "customer_id", customer_ids))
        _unique(cells, "order_id", row["id"], order_ids)
        placed[row["id"]] = (cells, row["currency"])
        return row

    def line(cells: Cells) -> type_row:
        order_id = _known(cells, "order_id", order_ids)
        currency = placed[order_id][1]
        number = cells.whole("line_no", least=1)
        row = {
            "order_id": order_id,
            "number": number,
            "sku": cells.required("sku"),
            "quantity": cells.whole("quantity", least=1),
            "unit_price": cells.money("unit_price", currency),
            "discount": cells.money_or_none("discount", currency) or 0,
        }
        _unique(cells, "line_no", f"{order_id}/{number}", line_ids)
        if row["sku"] not in skus:
            why = f"is no variant that was taken. Order {order_id} is kept whole, this line of it without a product."
            folder.note("order_lines.csv", cells.refuse("sku", why).refusal)
        return row

    def shipment(cells: Cells) -> type_row:
        number = cells.required("shipment_id")
        _unique(cells, "shipment_id", number, shipment_ids)
        states = ("label", "in_transit", "out_for_delivery", "delivered", "exception", "returned")
        row = {"id": number, "order_id": _known(cells, "order_id", order_ids), "status": cells.one_of("status", states)}
        times = {name: rows.time_text(cells.time_or_none(name)) for name in ("shipped_at", "eta", "delivered_at")}
        return {**row, "carrier": cells.text("carrier"), "tracking_no": cells.text("tracking_no"), **times}

    def event(cells: Cells) -> type_row:
        texts = {name: cells.text(name) for name in ("place_zh", "place_en", "text_zh", "text_en")}
        number = _known(cells, "shipment_id", shipment_ids)
        return {"shipment_id": number, "at": rows.time_text(cells.time("at")), **texts}

    def returned(cells: Cells) -> type_row:
        order_id = _known(cells, "order_id", order_ids)
        refund = cells.money_or_none("refund_amount", placed[order_id][1])
        return {
            "id": cells.required("return_id"),
            "order_id": order_id,
            "line": cells.whole("line_no", least=1),
            "quantity": cells.whole("quantity", least=1),
            "kind": cells.one_of("kind", ("return", "exchange")),
            "reason": cells.text("reason"),
            "status": cells.required("status"),
            "requested_at": rows.time_text(cells.time("requested_at")),
            "refund": refund,
            "refund_method": cells.text("refund_method"),
            "refunded_at": rows.time_text(cells.time_or_none("refunded_at")),
            "exchange_sku": cells.text("exchange_sku"),
            "goods": refund,
        }

    customers = folder.rows("customers.csv", ("customer_id", "name", "phone", "created_at"), customer)
    orders = folder.rows("orders.csv", ("order_id", "customer_id", "status", "placed_at", "total"), order)
    lines = tuple(folder.rows("order_lines.csv", ("order_id", "line_no", "sku", "quantity", "unit_price"), line))
    if (folder.path / "order_lines.csv").exists():
        _note_empty(folder, {order_id: cells for order_id, (cells, _) in placed.items()}, lines)
    parcels = folder.rows("shipments.csv", ("shipment_id", "order_id", "status"), shipment)
    track = tuple(folder.rows("shipment_events.csv", ("shipment_id", "at"), event))
    given_back = folder.rows("returns.csv", ("return_id", "order_id", "line_no", "quantity", "kind"), returned)
    return [
        History(tables.customers, customers),
        History(tables.orders, orders, tables.order_lines, lines, "order_id"),
        History(tables.shipments, parcels, tables.shipment_events, track, "shipment_id"),
        History(tables.returns, given_back),
        History(tables.payments, [*_paid(orders), *_refunded(orders, given_back)]),
    ]


def _note_empty(folder: Folder, orders: Mapping[str, Cells], lines: Sequence[type_row]) -> None:
    """Say which orders hold nothing, because no line names them or each that does was refused."""
    held = {row["order_id"] for row in lines}
    for order_id, cells in orders.items():
        if order_id not in held:
            why = "has no line that was taken from order_lines.csv. The order is kept, with its amounts and no items."
            folder.note("orders.csv", cells.refuse("order_id", why).refusal)


def _paid(orders: list[type_row]) -> list[type_row]:
    """The ledger of a history that has none: what was paid came in when it was paid."""
    return [payment_row(order, "payment", order["total"], order["paid_at"]) for order in orders if order["paid_at"]]


def _refunded(orders: list[type_row], given_back: list[type_row]) -> list[type_row]:
    """What went out again: for cancelled orders all of it, for refunded returns their refund."""
    cancelled = [order for order in orders if order["status"] == OrderStatus.CANCELLED and order["paid_at"]]
    refunds = [payment_row(order, "refund", order["total"], order["closed_at"] or order["paid_at"]) for order in cancelled]
    by_id = {order["id"]: order for order in orders}
    for item in given_back:
        if item["status"] == "refunded" and item["refund"]:
            refund = payment_row(by_id[item["order_id"]], "refund", item["refund"], item["refunded_at"])
            refunds.append({**refund, "id": f"refund-{item['id']}", "reason": item["id"], "line": item["line"]})
    return refunds


def payment_row(order: type_row, kind: str, amount: int, at: str | None) -> type_row:
    """A row of the ledger: an amount that came in for an order (`payment`), or went out again (`refund`)."""
    return {
        "id": f"{kind}-{order['id']}",
        "order_id": order["id"],
        "kind": kind,
        "amount": amount,
        "currency": order["currency"],
        "method": order["payment_method"],
        "at": at or order["placed_at"],
        "status": "done",
        "reason": "",
        "line": None,
    }


# ---------------------------------------------------------------- parts of rows


def _product(
    cells: Cells,
    categories: dict[str, tuple[Text, tuple[str, ...]]],
    attributes: dict[str, list[Attribute]],
    charts: dict[str, list[SizeRow]],
) -> Product:
    number = cells.required("product_id")
    category = cells.required("category")
    chart = cells.text("size_chart")
    if chart and chart not in charts:
        raise cells.refuse("size_chart", "is not in size_charts.csv")
    category_name, category_aliases = categories.get(category, (Text(category, category), ()))
    return Product(
        id=number,
        name=Text(cells.required("name_zh"), cells.text("name_en")),
        category=category,
        brand=cells.text("brand"),
        variants=(),
        category_name=category_name,
        category_aliases=category_aliases,
        aliases=cells.words("aliases_zh") + cells.words("aliases_en"),
        description=Text(cells.text("description_zh"), cells.text("description_en")),
        attributes=tuple(attributes.get(number, ())),
        tags=cells.words("tags"),
        picture=cells.text("picture"),
        size_chart=tuple(charts.get(chart, ())),
        active=cells.one_of("status", ("active", "discontinued"), "active") == "active",
        returnable=cells.one_of("returnable", ("yes", "no"), "yes") == "yes",
        final_sale_reason=Text(cells.text("final_sale_reason_zh"), cells.text("final_sale_reason_en")),
        warranty_months=cells.whole("warranty_months", default=0),
    )


def _size_row(cells: Cells) -> SizeRow:
    return SizeRow(
        size=cells.required("size"),
        height_cm=_range(cells, "height_min_cm", "height_max_cm"),
        weight_kg=_range(cells, "weight_min_kg", "weight_max_kg"),
        chest_cm=cells.number_or_none("chest_cm"),
        waist_cm=cells.number_or_none("waist_cm"),
        length_cm=cells.number_or_none("length_cm"),
        foot_cm=cells.number_or_none("foot_cm"),
    )


def _range(cells: Cells, low: str, high: str) -> tuple[float, float] | None:
    least, most = cells.number_or_none(low), cells.number_or_none(high)
    if least is None or most is None:
        return None
    if least > most:
        raise cells.refuse(high, f"is below {low}")
    return least, most


def _offer(cells: Cells, currency: str, kinds: tuple[str, ...]) -> type_row:
    currency = cells.text("currency") or currency
    kind = cells.one_of("kind", kinds)
    applies = cells.required("applies_to")
    if applies != "all" and not applies.startswith(("category:", "product:")):
        raise cells.refuse("applies_to", "must be all, category:SLUG or product:ID")
    return {
        "name_zh": cells.text("name_zh"),
        "name_en": cells.text("name_en"),
        "kind": kind,
        "value": _offer_value(cells, kind, currency),
        "min_spend": cells.money_or_none("min_spend", currency),
        "currency": currency,
        "applies_to": applies,
        **_window(cells),
    }


def _offer_value(cells: Cells, kind: str, currency: str) -> str:
    """The value as it is kept: minor units of an amount, percent off, or the text as it stands."""
    if kind == "amount":
        return str(cells.money("value", currency))
    if kind == "percent" and not 0 < (cells.number_or_none("value") or 0) <= 100:
        raise cells.refuse("value", "must be percent off, above 0 and at most 100")
    return cells.required("value")


def _window(cells: Cells) -> type_row:
    starts, ends = cells.time_or_none("starts_at"), cells.time_or_none("ends_at")
    if starts and ends and ends <= starts:
        raise cells.refuse("ends_at", "is not after starts_at")
    return {"starts_at": rows.time_text(starts), "ends_at": rows.time_text(ends)}


def _order(cells: Cells, currency: str, customer_id: str) -> type_row:
    currency = cells.text("currency") or currency
    amounts = {name: cells.money(name, currency) for name in ("items_total", "total")}
    amounts |= {name: cells.money_or_none(name, currency) or 0 for name in ("discount", "shipping_fee")}
    if amounts["total"] != amounts["items_total"] - amounts["discount"] + amounts["shipping_fee"]:
        raise cells.refuse("total", "is not items_total - discount + shipping_fee")
    times = ("paid_at", "shipped_at", "delivered_at", "closed_at")
    return {
        "id": cells.required("order_id"),
        "customer_id": customer_id,
        "status": cells.one_of("status", tuple(status.value for status in OrderStatus)),
        "placed_at": rows.time_text(cells.time("placed_at")),
        **{name: rows.time_text(cells.time_or_none(name)) for name in times},
        "currency": currency,
        **amounts,
        "coupon_code": cells.text("coupon_code"),
        "payment_method": cells.text("payment_method"),
        "points_earned": cells.whole("points_earned", default=0),
        "points_used": cells.whole("points_used", default=0),
        "ship_to": rows.address_data(_address(cells, "ship_", "ship_name", "ship_phone", "ship_address")),
        "room": cells.text("room"),
        "note": cells.text("note"),
    }


def _address(cells: Cells, prefix: str, name: str, phone: str, line: str) -> Address:
    rest = (cells.text(prefix + part) for part in ("city", "region", "postal_code", "country"))
    return Address(cells.text(name), cells.text(phone), cells.text(line), *rest)


def _known(cells: Cells, column: str, known: set[str]) -> str:
    value = cells.required(column)
    if value not in known:
        raise cells.refuse(column, "is not among the rows that were taken")
    return value


def _unique(cells: Cells, column: str, value: str, seen: set[str]) -> None:
    if value in seen:
        raise cells.refuse(column, "stands in an earlier row already")
    seen.add(value)
