"""ECom-Bench's shop in JSON, as rows of our tables.

Format: XiaoduoAILab/ECom-Bench, "ECom-Bench: Can LLM Agent Resolve Real-World E-commerce Customer Support Issues?", 2025 (arXiv
2507.05639). Everything lies under platform and shop. A product and what it may be exchanged for are variants of one product, so
that the verbs for other variants do its exchanges. What it keeps of an order beside the order (rush, review, appointment,
invoice) are documents of the shop (`entries`), by the number of the order. It counts no pieces: what is on sale is in stock
with STOCK. An order of which only the parcel is there has no lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from actions.shop import rows, tables
from actions.shop.importers.records import Catalogue, History, type_row
from actions.shop.importers.report import FileReport, LoadReport, Refusal
from actions.shop.importers.writing import Taken
from bot.commerce import Address, Attribute, Money, OrderStatus, Product, Text
from bot.errors import BadDocument

CURRENCY = "CNY"
STOCK = 1000
ON_SALE = "已上架"
ZONE = ZoneInfo("Asia/Shanghai")
PLACED_AT = rows.time_text(datetime(2025, 6, 1, 4, tzinfo=UTC))  # of orders of which no parcel tells the time
ECARD = "京东E卡"
STATUSES: Mapping[str, OrderStatus] = {
    "待付款": OrderStatus.PENDING_PAYMENT,
    "已付款": OrderStatus.PENDING,
    "处理中": OrderStatus.PROCESSED,
    "已发货": OrderStatus.SHIPPED,
    "运输中": OrderStatus.SHIPPED,
    "已送达": OrderStatus.DELIVERED,
    "已签收": OrderStatus.DELIVERED,
    "已退货": OrderStatus.RETURNED,
    "已取消": OrderStatus.CANCELLED,
}
METHODS = {"微信": "wechat", "支付宝": "alipay", "银行卡": "card"}
SERVICES = {"安装": "installation", "维修": "repair", "检查": "inspection"}
DAYS = dict(
    zip(
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        strict=True,
    )
)
INVOICES = {"个人发票": "personal", "企业发票": "company", "增值税专用发票": "vat"}
_FILES = ("users_info", "products", "orders", "logistics")
_MORE = ("invoices", "register_cashback", "service", "discount")
# What is told of a product beside its description: key, label, and the field.
_TOLD = (
    ("installation", Text("安装说明", "Installation"), "安装说明"),
    ("repair", Text("维修说明", "Repair"), "维修说明"),
    ("gifts", Text("赠品", "Gifts"), "赠品信息"),
    ("materials", Text("安装辅材", "Installation materials"), "辅材材料"),
)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files while they are read: their content by name, and what is said of them."""

    content: Mapping[str, Mapping[str, Any]]
    report: LoadReport

    def entries(self, name: str) -> list[Mapping[str, Any]]:
        """The things of a file that lie under platform, shop and, where it has them, customer; each with its customer."""
        return list(_under(self.content[name]))

    def rows(
        self,
        name: str,
        table: str,
        entries: Iterable[Mapping[str, Any]],
        read: Callable[[Mapping[str, Any]], list[type_row]],
    ) -> list[type_row]:
        """The rows that `read` makes of the entries; an entry of which it can make none is refused."""
        report = FileReport(name, table=table)
        self.report.files.append(report)
        taken: list[type_row] = []
        for number, entry in enumerate(entries, 1):
            try:
                taken += read(entry)
                report.taken += 1
            except KeyError as missing:
                report.refused.append(Refusal(number, str(missing.args[0]), "", "is missing, or not known"))
            except (TypeError, ValueError, AttributeError, InvalidOperation) as error:
                report.refused.append(Refusal(number, "", str(entry)[:80], f"has another form: {error}"))
        return taken


def is_ecombench(path: Path) -> bool:
    """Whether a folder holds these files."""
    return all((path / f"{name}.json").is_file() for name in _FILES)


def read_ecombench(path: Path) -> Taken:
    """Everything in the files. Raises BadDocument when one is no JSON object."""
    files = _Files({name: _object(path / f"{name}.json") for name in (*_FILES, *_MORE)}, LoadReport())
    users = list(files.content["users_info"].values())
    products, orders, parcels = (files.entries(name) for name in ("products", "orders", "logistics"))
    heads = files.rows("products.json", "products", products, lambda product: [_product(product)])
    variants = files.rows("products.json, exchanges", "variants", products, _variants)
    customers = files.rows("users_info.json", "customers", users, lambda user: [_customer(user)])
    methods = files.rows("users_info.json, e-cards", "payment_methods", users, lambda user: [_ecard(user)])
    tracks = {parcel["订单ID"]: parcel for parcel in parcels}
    placed = files.rows("orders.json", "orders", orders, lambda order: [_order(order, tracks.get(order["订单ID"]))])
    known = {row["id"] for row in placed}
    alone = [parcel for parcel in parcels if parcel["订单ID"] not in known]
    placed += files.rows("logistics.json, orders", "orders", alone, lambda parcel: [_order_of_parcel(parcel)])
    lines = files.rows("orders.json, products", "order_lines", orders, _lines)
    money = files.rows("orders.json, payments", "payments", orders, _payments)
    sent = files.rows("logistics.json", "shipments", parcels, lambda parcel: [_parcel(parcel)])
    events = files.rows("logistics.json, tracks", "shipment_events", parcels, _events)
    catalogue = Catalogue(heads, variants, {row["id"] for row in heads}, {row["sku"] for row in variants})
    history = (
        History(tables.customers, customers),
        History(tables.payment_methods, methods),
        History(tables.orders, placed, tables.order_lines, tuple(lines), "order_id"),
        History(tables.shipments, sent, tables.shipment_events, tuple(events), "shipment_id"),
        History(tables.payments, money),
        History(tables.entries, _documents(files, products, orders)),
    )
    return Taken(catalogue, files.report, history=history)


def ecard_of(customer_id: str) -> str:
    """Under which id a customer's e-card is on file."""
    return f"ecard-{customer_id}"


def exchange_sku(product_id: str, choice: str) -> str:
    """The SKU of what a product may be exchanged for; one thing may be a choice of several products."""
    return f"{product_id}>{choice}"


# ---------------------------------------------------------------- reading


def _object(file: Path) -> Mapping[str, Any]:
    if not file.is_file():
        return {}
    try:
        content = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise BadDocument(f"no valid JSON: {error}", where=file.name) from error
    if not isinstance(content, dict):
        raise BadDocument("expected an object.", where=file.name)
    return content


def _under(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for shops in content.values():
        for shop in shops.values():
            for key, entry in shop.items():
                if "商品ID" in entry:
                    yield entry
                    continue
                for order_id, of_order in entry.items():
                    fields = of_order if isinstance(of_order, dict) else {"value": of_order}
                    yield {**fields, "用户ID": key, "订单ID": order_id}


def _minor(amount: Any) -> int:
    return Money.of(repr(amount) if isinstance(amount, float) else str(amount), CURRENCY).minor


def _time(text: str | None) -> str | None:
    return rows.time_text(datetime.fromisoformat(text).replace(tzinfo=ZONE)) if text else None


def _address(entry: Mapping[str, Any], name: str, phone: str) -> str:
    place = Address(
        name, phone, entry["详细地址"], f"{entry['城市']}{entry['区县']}", entry["省份"], "", _country(entry["国家"])
    )
    return rows.address_data(place)


def _country(name: str) -> str:
    return "CN" if name == "中国" else name


# ---------------------------------------------------------------- rows


def _product(entry: Mapping[str, Any]) -> type_row:
    told = [Attribute(key, label, Text(_told(entry[field]))) for key, label, field in _TOLD if entry.get(field)]
    product = Product(
        str(entry["商品ID"]),
        Text(str(entry["商品名称"])),
        "",
        "",
        (),
        description=Text(str(entry["商品描述"])),
        attributes=tuple(told),
        active=entry["商品状态"] == ON_SALE,
    )
    return {"id": product.id, "active": int(product.active), "category": "", "data": rows.product_data(product)}


def _told(value: Any) -> str:
    """What a field says: its text, or its entries, each as its own values in one line."""
    if isinstance(value, str):
        return value
    return "\n".join("：".join(str(part) for part in entry.values()) for entry in value)


def _variants(entry: Mapping[str, Any]) -> list[type_row]:
    number = str(entry["商品ID"])
    own = (number, "", entry["商品状态"])
    choices = [
        (exchange_sku(number, choice["商品ID"]), f"{choice['商品ID']} {choice['商品描述']}", choice["商品状态"])
        for choice in entry["可换货商品"]
    ]
    return [
        {
            "sku": sku,
            "product_id": number,
            "position": position,
            "color_zh": "",
            "color_en": "",
            "size": size,
            "price": _minor(entry["商品价格"]),
            "compare_at": None,
            "currency": CURRENCY,
            "stock": STOCK if status == ON_SALE else 0,
            "weight_g": None,
        }
        for position, (sku, size, status) in enumerate((own, *choices))
    ]


def _customer(entry: Mapping[str, Any]) -> type_row:
    name, phone = str(entry["用户姓名"]), str(entry["电话号码"])
    return {
        "id": str(entry["用户ID"]),
        "name": name,
        "email": "",
        "phone": phone,
        "locale": "zh",
        "level": "basic",
        "points": 0,
        "created_at": PLACED_AT,
        "address": _address(entry["地址信息"], name, phone),
    }


def _ecard(entry: Mapping[str, Any]) -> type_row:
    customer = str(entry["用户ID"])
    return {
        "id": ecard_of(customer),
        "customer_id": customer,
        "kind": "gift_card",
        "balance": _minor(entry["电子卡余额"]),
        "currency": CURRENCY,
    }


def _method(entry: Mapping[str, Any]) -> str:
    return ecard_of(entry["用户ID"]) if entry["支付方式"] == ECARD else METHODS[entry["支付方式"]]


def _order(entry: Mapping[str, Any], parcel: Mapping[str, Any] | None) -> type_row:
    to = entry["收货地址"]
    total = _minor(entry["订单总金额"])
    return {
        **_head(entry, STATUSES[entry["订单状态"]], parcel),
        "items_total": total,
        "total": total,
        "payment_method": _method(entry),
        "ship_to": _address(to, to["收件人姓名"], to["电话号码"]),
    }


def _order_of_parcel(parcel: Mapping[str, Any]) -> type_row:
    to = parcel["收件人信息"]
    status = OrderStatus.DELIVERED if parcel["实际送达时间"] else OrderStatus.SHIPPED
    place = Address(to["收件人姓名"], to["收件人电话"], to["收件人地址"], "", "", "", "CN")
    return {
        **_head(parcel, status, parcel),
        "items_total": 0,
        "total": 0,
        "payment_method": "",
        "ship_to": rows.address_data(place),
    }


def _head(entry: Mapping[str, Any], status: OrderStatus, parcel: Mapping[str, Any] | None) -> type_row:
    """What all orders have; the times are those of its parcel as far as its status goes."""
    placed = (_time(parcel["物流轨迹"][0]["时间"]) if parcel and parcel["物流轨迹"] else None) or PLACED_AT
    arrived = status in (OrderStatus.DELIVERED, OrderStatus.RETURNED)
    sent = arrived or status is OrderStatus.SHIPPED
    return {
        "id": str(entry["订单ID"]),
        "customer_id": str(entry["用户ID"]),
        "status": status.value,
        "placed_at": placed,
        "paid_at": None if status is OrderStatus.PENDING_PAYMENT else placed,
        "shipped_at": placed if sent else None,
        "delivered_at": (_time(parcel["实际送达时间"]) if parcel else None) or placed if arrived else None,
        "closed_at": placed if status in (OrderStatus.RETURNED, OrderStatus.CANCELLED) else None,
        "currency": CURRENCY,
        "discount": 0,
        "shipping_fee": 0,
        "coupon_code": "",
        "points_earned": 0,
        "points_used": 0,
        "room": "",
        "note": "",
    }


def _lines(entry: Mapping[str, Any]) -> list[type_row]:
    return [
        {
            "order_id": str(entry["订单ID"]),
            "number": number,
            "sku": str(line["商品ID"]),
            "quantity": int(line["数量"]),
            "unit_price": _minor(line["单价"]),
            "discount": 0,
        }
        for number, line in enumerate(entry["订单商品列表"], 1)
    ]


def _payments(entry: Mapping[str, Any]) -> list[type_row]:
    if STATUSES[entry["订单状态"]] in (OrderStatus.PENDING_PAYMENT, OrderStatus.CANCELLED, OrderStatus.RETURNED):
        return []
    return [
        {
            "id": f"{entry['订单ID']}-1",
            "order_id": str(entry["订单ID"]),
            "kind": "payment",
            "amount": _minor(entry["订单总金额"]),
            "currency": CURRENCY,
            "method": _method(entry),
            "at": PLACED_AT,
            "status": "done",
            "reason": "",
            "line": None,
        }
    ]


def _parcel(entry: Mapping[str, Any]) -> type_row:
    track = entry["物流轨迹"]
    delivered = _time(entry["实际送达时间"])
    return {
        "id": f"{entry['订单ID']}-1",
        "order_id": str(entry["订单ID"]),
        "carrier": str(entry["物流公司"]),
        "tracking_no": str(entry["物流单号"]),
        "status": "delivered" if delivered else "in_transit" if len(track) > 1 else "label",
        "shipped_at": _time(track[0]["时间"]) if track else None,
        "eta": _time(entry["预计送达时间"]),
        "delivered_at": delivered,
    }


def _events(entry: Mapping[str, Any]) -> list[type_row]:
    return [
        {
            "shipment_id": f"{entry['订单ID']}-1",
            "at": _time(event["时间"]),
            "place_zh": event.get("位置") or "",
            "place_en": "",
            "text_zh": event["描述"],
            "text_en": "",
        }
        for event in entry["物流轨迹"]
    ]


# ---------------------------------------------------------------- documents


def _documents(files: _Files, products: Iterable[Mapping[str, Any]], orders: Iterable[Mapping[str, Any]]) -> list[type_row]:
    """What no other table has a place for."""

    def rush(order: Mapping[str, Any]) -> list[type_row]:
        return [rows.entry_row("rush", order["订单ID"], {"urgent": True})] if order["是否加急"] else []

    def faults(product: Mapping[str, Any]) -> list[type_row]:
        return [
            rows.entry_row(
                "fault",
                f"{product['商品ID']}/{fault['故障代码']}",
                {"name": fault["故障名称"], "remedy": fault["故障解决方案"]},
            )
            for fault in product["常见故障"]
        ]

    def review(entry: Mapping[str, Any]) -> list[type_row]:
        return [rows.entry_row("cashback", entry["订单ID"], {"registered": bool(entry["value"])})]

    def appointment(entry: Mapping[str, Any]) -> list[type_row]:
        data = {
            "service": SERVICES[entry["服务类型"]],
            "day": DAYS[entry["预约日期"]],
            "name": entry["用户姓名"],
            "phone": entry["电话号码"],
        }
        return [rows.entry_row("appointment", entry["订单ID"], data)]

    def invoice(entry: Mapping[str, Any]) -> list[type_row]:
        data = {"title": entry["发票抬头"], "type": INVOICES[entry["发票类型"]], "phone": entry["电话号码"]}
        return [rows.entry_row("invoice", entry["订单ID"], data)]

    return [
        *files.rows("orders.json, rushed", "entries", orders, rush),
        *files.rows("products.json, faults", "entries", products, faults),
        *files.rows("register_cashback.json", "entries", files.entries("register_cashback"), review),
        *files.rows("service.json", "entries", files.entries("service"), appointment),
        *files.rows("invoices.json", "entries", list(files.content["invoices"].values()), invoice),
    ]
