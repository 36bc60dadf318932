"""What ECom-Bench's JSON says of each thing, as rows of our tables: one function a kind of row. Pure.

Each raises KeyError for a field that is missing or a word that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from actions.shop import rows
from actions.shop.importers.records import type_row
from bot.commerce import Address, Attribute, Money, OrderStatus, Product, Text

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
# What is told of a product beside its description: key, label, and the field.
_TOLD = (
    ("installation", Text("安装说明", "Installation"), "安装说明"),
    ("repair", Text("维修说明", "Repair"), "维修说明"),
    ("gifts", Text("赠品", "Gifts"), "赠品信息"),
    ("materials", Text("安装辅材", "Installation materials"), "辅材材料"),
)


def ecard_of(customer_id: str) -> str:
    """Under which id a customer's e-card is on file."""
    return f"ecard-{customer_id}"


def exchange_sku(product_id: str, choice: str) -> str:
    """The SKU of what a product may be exchanged for; one thing may be a choice of several products."""
    return f"{product_id}>{choice}"


def _minor(amount: Any) -> int:
    return Money.of(repr(amount) if isinstance(amount, float) else str(amount), CURRENCY).minor


def _time(text: str | None) -> str | None:
    return rows.time_text(datetime.fromisoformat(text).replace(tzinfo=ZONE)) if text else None


def _address(entry: Mapping[str, Any], name: str, phone: str) -> type_row:
    place = Address(
        name, phone, entry["详细地址"], f"{entry['城市']}{entry['区县']}", entry["省份"], "", _country(entry["国家"])
    )
    return rows.address_data(place)


def _country(name: str) -> str:
    return "CN" if name == "中国" else name


def product(entry: Mapping[str, Any]) -> type_row:
    """A product, with what is told of it beside its description."""
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


def variants(entry: Mapping[str, Any]) -> list[type_row]:
    """A product itself and what it may be exchanged for, at its price."""
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


def customer(entry: Mapping[str, Any]) -> type_row:
    """A person with an account."""
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


def ecard(entry: Mapping[str, Any]) -> type_row:
    """A customer's e-card."""
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


def order(entry: Mapping[str, Any], parcel: Mapping[str, Any] | None) -> type_row:
    """An order; its parcel tells its times."""
    to = entry["收货地址"]
    total = _minor(entry["订单总金额"])
    return {
        **_head(entry, STATUSES[entry["订单状态"]], parcel),
        "items_total": total,
        "total": total,
        "payment_method": _method(entry),
        "ship_to": _address(to, to["收件人姓名"], to["电话号码"]),
    }


def order_of_parcel(parcel: Mapping[str, Any]) -> type_row:
    """An order of which only the parcel is there: it has no lines."""
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


def lines(entry: Mapping[str, Any]) -> list[type_row]:
    """What is in an order."""
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


def payments(entry: Mapping[str, Any]) -> list[type_row]:
    """What was paid for an order and is still with the shop."""
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


def parcel(entry: Mapping[str, Any]) -> type_row:
    """A parcel."""
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


def events(entry: Mapping[str, Any]) -> list[type_row]:
    """The track of a parcel."""
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
