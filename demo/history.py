"""Customers and a year of orders in every state of their life, from a fixed seed. Every person is made up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from demo.catalogue import AS_OF, Item
from demo.tables import write_csv

CUSTOMERS, ORDERS = 220, 1050
SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime.fromisoformat(f"{AS_OF}T12:00:00+08:00")
# The latest that a parcel arrived: some hours ago, nothing arrives in the future.
SINCE = timedelta(hours=3)

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = [
    "子涵",
    "雨桐",
    "浩然",
    "欣怡",
    "梓轩",
    "诗涵",
    "宇航",
    "思远",
    "佳怡",
    "明轩",
    "可馨",
    "俊杰",
    "晓彤",
    "文博",
    "静雯",
    "志强",
    "美玲",
    "建国",
    "雅婷",
    "天佑",
]
FIRST = [
    "Ava",
    "Ben",
    "Chloe",
    "Daniel",
    "Emma",
    "Felix",
    "Grace",
    "Henry",
    "Isla",
    "Jack",
    "Katie",
    "Leo",
    "Mia",
    "Noah",
    "Olivia",
    "Paul",
    "Ruby",
    "Sam",
    "Tara",
    "Will",
]
LAST = [
    "Archer",
    "Bennett",
    "Cole",
    "Dawson",
    "Ellis",
    "Foster",
    "Gray",
    "Hayes",
    "Irwin",
    "Jensen",
    "Knight",
    "Lane",
    "Marsh",
    "Nolan",
    "Owens",
    "Parker",
    "Quinn",
    "Reed",
]
CITIES = (
    ("上海", "上海", "200000"), ("杭州", "浙江", "310000"), ("南京", "江苏", "210000"), ("广州", "广东", "510000"),
    ("深圳", "广东", "518000"), ("成都", "四川", "610000"), ("北京", "北京", "100000"), ("西安", "陕西", "710000"),
    ("乌鲁木齐", "新疆", "830000"), ("沈阳", "辽宁", "110000"),
)  # fmt: skip
STREETS = ["人民路", "中山路", "文华街", "梧桐巷", "学院路", "滨江大道", "和平里", "解放街"]
REMOTE = {"新疆", "西藏", "内蒙古", "青海", "宁夏", "甘肃"}
CARRIERS = (("顺丰速运", "SF"), ("中通快递", "ZT"))

# status, share of all orders
LIFE = (
    ("pending_payment", 4), ("pending", 8), ("processed", 7), ("shipped", 14), ("delivered", 18), ("completed", 32),
    ("cancelled", 7), ("return_requested", 4), ("exchange_requested", 2), ("returned", 4),
)  # fmt: skip
REASONS = ("尺码不合适", "颜色和预期不同", "质量问题", "不想要了", "发错货")


@dataclass
class History:
    """The rows of every file, as they grow."""

    orders: list[dict[str, object]] = field(default_factory=list)
    lines: list[dict[str, object]] = field(default_factory=list)
    shipments: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    returns: list[dict[str, object]] = field(default_factory=list)


def write_history(folder: Path, items: list[Item], seed: int) -> None:
    """Write customers, orders, order lines, shipments, shipment events and returns."""
    rng = random.Random(seed)
    customers = [_customer(number, rng) for number in range(1, CUSTOMERS + 1)]
    history = History()
    # The first orders are the ones that the README names, one in each state worth trying.
    for number in range(ORDERS):
        status = LIFE[number][0] if number < len(LIFE) else rng.choices([s for s, _ in LIFE], [w for _, w in LIFE])[0]
        customer = customers[number] if number < len(LIFE) else rng.choice(customers)
        _add_order(history, number, customer, status, items, rng)
    write_csv(folder / "customers.csv", customers)
    write_csv(folder / "orders.csv", history.orders)
    write_csv(folder / "order_lines.csv", history.lines)
    write_csv(folder / "shipments.csv", history.shipments)
    write_csv(folder / "shipment_events.csv", history.events)
    write_csv(folder / "returns.csv", history.returns)


def _customer(number: int, rng: random.Random) -> dict[str, object]:
    chinese = number % 4 != 0
    name = rng.choice(SURNAMES) + rng.choice(GIVEN) if chinese else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    city, region, postal = rng.choice(CITIES)
    address = f"{rng.choice(STREETS)}{rng.randint(1, 300)}号{rng.randint(1, 20)}幢{rng.randint(101, 2606)}"
    level = rng.choices(["basic", "silver", "gold", "black"], [55, 27, 14, 4])[0]
    return {
        "customer_id": f"C{number:04d}",
        "name": name,
        "email": f"customer{number}@example.com",
        "phone": f"+8619900{number:06d}" if chinese else f"+1555{number // 100 + 200:03d}01{number % 100:02d}",
        "locale": "zh" if chinese else "en",
        "member_level": level,
        "points": rng.randint(0, 6000),
        "created_at": _iso(NOW - timedelta(days=rng.randint(200, 1200), minutes=rng.randint(0, 1400))),
        "address": address,
        "city": city,
        "region": region,
        "postal_code": postal,
        "country": "CN",
    }


def _add_order(
    history: History, number: int, customer: dict[str, object], status: str, items: list[Item], rng: random.Random
) -> None:
    order_id = f"SD26{number + 10_000_001:08d}"
    placed = _placed(status, rng)
    bought = _basket(items, rng)
    total_items = sum(item.price * quantity for item, quantity in bought)
    discount = 4000 if total_items >= 30_000 and rng.random() < 0.5 else 0
    paid_items = total_items - discount
    remote = customer["region"] in REMOTE
    shipping = 0 if customer["member_level"] == "black" else 2000 if remote else 800 if paid_items < 9900 else 0
    shares = _shares(discount, [item.price * quantity for item, quantity in bought])
    for line_no, ((item, quantity), share) in enumerate(zip(bought, shares, strict=True), start=1):
        line = {"order_id": order_id, "line_no": line_no, "sku": item.sku, "quantity": quantity}
        history.lines.append({**line, "unit_price": _money(item.price), "discount": _money(share)})
    paid = None if status == "pending_payment" else placed + timedelta(minutes=rng.randint(1, 12))
    shipped = delivered = closed = None
    if status not in ("pending_payment", "pending", "processed", "cancelled") and paid:
        shipped = paid + timedelta(hours=rng.randint(4, 30))
        shipment = _ship(history, order_id, customer, shipped, status, rng)
        delivered = shipment
    if status == "cancelled":
        paid = paid if rng.random() < 0.6 else None
        closed = placed + timedelta(hours=rng.randint(1, 20))
    if status == "completed" and delivered:
        closed = delivered + timedelta(days=10)
    if status in ("return_requested", "exchange_requested", "returned") and delivered:
        _return(history, order_id, status, bought, shares, delivered, rng)
    history.orders.append({
        "order_id": order_id, "customer_id": customer["customer_id"], "status": status, "placed_at": _iso(placed),
        "paid_at": _iso(paid), "shipped_at": _iso(shipped), "delivered_at": _iso(delivered), "closed_at": _iso(closed),
        "currency": "CNY", "items_total": _money(total_items), "discount": _money(discount), "coupon_code": "",
        "shipping_fee": _money(shipping), "total": _money(paid_items + shipping),
        "payment_method": rng.choices(["alipay", "wechat", "card", "gift_card"], [45, 40, 12, 3])[0],
        "points_earned": paid_items // 100 if delivered else 0, "points_used": 0, "ship_name": customer["name"],
        "ship_phone": customer["phone"], "ship_address": customer["address"], "ship_city": customer["city"],
        "ship_region": customer["region"], "ship_postal_code": customer["postal_code"], "ship_country": "CN",
        "room": "main" if rng.random() < 0.6 else "", "note": "",
    })  # fmt: skip


def _placed(status: str, rng: random.Random) -> datetime:
    """When an order in this state was placed: young ones are still waiting, old ones are done."""
    days = {
        "pending_payment": (0, 0), "pending": (0, 1), "processed": (1, 2), "shipped": (2, 4), "delivered": (5, 16),
        "completed": (20, 330), "cancelled": (1, 300), "return_requested": (7, 10), "exchange_requested": (7, 12),
        "returned": (25, 250),
    }[status]  # fmt: skip
    if status == "pending_payment":
        return NOW - timedelta(minutes=rng.randint(1, 13))
    return NOW - timedelta(days=rng.randint(*days), minutes=rng.randint(60, 600))


def _basket(items: list[Item], rng: random.Random) -> list[tuple[Item, int]]:
    """One to four things; the first often brings others of its kind along, which is what recommendation learns from."""
    first = rng.choice(items)
    kin = [item for item in items if item.category.split("/")[0] == first.category.split("/")[0]]
    basket = {first.sku: first}
    for _ in range(rng.choices([0, 1, 2, 3], [45, 32, 16, 7])[0]):
        item = rng.choice(kin if rng.random() < 0.65 else items)
        basket.setdefault(item.sku, item)
    return [(item, rng.choices([1, 2, 3], [84, 13, 3])[0]) for item in basket.values()]


def _shares(discount: int, amounts: list[int]) -> list[int]:
    """`discount` shared out by amount to the fen; what rounding leaves goes to the largest remainders."""
    total = sum(amounts)
    exact = [discount * amount / total for amount in amounts]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(amounts)), key=lambda n: exact[n] - shares[n], reverse=True)
    for n in by_remainder[: discount - sum(shares)]:
        shares[n] += 1
    return shares


def _ship(
    history: History, order_id: str, customer: dict[str, object], shipped: datetime, status: str, rng: random.Random
) -> datetime | None:
    carrier, prefix = rng.choice(CARRIERS)
    days = 6 if customer["region"] in REMOTE else rng.randint(1, 3)
    eta = shipped + timedelta(days=days)
    arrived = None if status == "shipped" else min(shipped + timedelta(days=days, hours=rng.randint(-6, 6)), NOW - SINCE)
    state = "delivered" if arrived else rng.choice(["in_transit", "in_transit", "out_for_delivery"])
    shipment_id = f"S{order_id[2:]}"
    history.shipments.append({
        "shipment_id": shipment_id, "order_id": order_id, "carrier": carrier,
        "tracking_no": f"{prefix}{rng.randrange(10**11, 10**12)}", "status": state, "shipped_at": _iso(shipped),
        "eta": _iso(eta), "delivered_at": _iso(arrived),
    })  # fmt: skip
    city = str(customer["city"])
    steps = [
        (shipped, "嘉兴仓", "Jiaxing warehouse", "包裹已揽收", "Parcel picked up"),
        (shipped + timedelta(hours=9), "嘉兴转运中心", "Jiaxing hub", "离开转运中心", "Left the hub"),
        (
            shipped + timedelta(hours=9 + 10 * days // 2),
            f"{city}转运中心",
            "Destination hub",
            "到达目的地",
            "Arrived in your city",
        ),
    ]
    if arrived or state == "out_for_delivery":
        out = (arrived or min(NOW, eta)) - timedelta(hours=2)
        steps.append((out, city, "Local depot", "正在派送", "Out for delivery"))
    if arrived:
        steps.append((arrived, city, "Your address", "已签收", "Delivered"))
    for at, place_zh, place_en, text_zh, text_en in steps:
        if at <= NOW:
            where = {"shipment_id": shipment_id, "at": _iso(at), "place_zh": place_zh, "place_en": place_en}
            history.events.append({**where, "text_zh": text_zh, "text_en": text_en})
    return arrived


def _return(
    history: History,
    order_id: str,
    status: str,
    bought: list[tuple[Item, int]],
    shares: list[int],
    delivered: datetime,
    rng: random.Random,
) -> None:
    (item, quantity), share = bought[0], shares[0]
    exchange = status == "exchange_requested"
    done = status == "returned"
    requested = delivered + timedelta(days=1, hours=rng.randint(1, 20))
    refund = item.price * quantity - share
    history.returns.append({
        "return_id": f"R{order_id[2:]}", "order_id": order_id, "line_no": 1, "quantity": quantity,
        "kind": "exchange" if exchange else "return", "reason": rng.choice(REASONS),
        "status": "refunded" if done else "requested", "requested_at": _iso(min(requested, NOW)),
        "refund_amount": "" if exchange else _money(refund), "refund_method": "original" if done else "",
        "refunded_at": _iso(requested + timedelta(days=5)) if done else "",
        "exchange_sku": item.sku if exchange else "",
    })  # fmt: skip


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _iso(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""
