"""What ECom-Bench's tools do to its JSON, and that JSON in the form in which both shops are compared. Knows nothing of ours.

The tools are those of XiaoduoAILab/ECom-Bench (arXiv 2507.05639), by what they do: they check nothing but that the thing is
there. The verbs have the rules; the reference only says what the expected actions come to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

# A shop's files by their names without the ending.
type_data = dict[str, Any]

PLACED = "1234567890"  # every order that is placed gets this number
# What an order is marked with by the tools that do no more than that.
_MARKS: Mapping[str, Mapping[str, Any]] = {
    "manage_urgent": {"是否加急": True},
    "manage_return": {"订单状态": "已退货"},
    "manage_order": {"订单状态": "已取消"},
}


def apply(data: type_data, tool: str, given: Mapping[str, Any]) -> bool:
    """Do to the data what a tool does. Returns whether it changed something, or was one that never does."""
    order = _order(data, given)
    user = data["users_info"].get(given.get("user_id", ""))
    match tool, given.get("action"):
        case ("manage_urgent" | "manage_return", _) | ("manage_order", "取消") if order:
            order |= _MARKS[tool]
        case "manage_order", "修改" if order:
            new = {"详细地址": given.get("address"), "电话号码": given.get("phone_number")}
            order["收货地址"] |= {part: value for part, value in new.items() if value}
        case "manage_order", "增加" if user:
            _of(data, "orders", given)[PLACED] = _new_order(data, given, user)
        case "manage_exchange", "换货" if order:
            lines = [line for line in order["订单商品列表"] if line["商品ID"] == given["original_product_id"]]
            if not lines:
                return False
            lines[0]["商品ID"] = given["exchange_product_id"]
        case "manage_ecard", "余额使用" if user and given.get("shop_id"):
            price = data["products"][given["platform"]][given["shop_id"]][given["product_id"]]["商品价格"]
            user["电子卡余额"] = _sum(user["电子卡余额"], -_exact(price) * given["quantity"])
        case "manage_ecard", "退款" if user:
            user["电子卡余额"] = _sum(user["电子卡余额"], _exact(given["amount"]))
        case "register_cashback_by_review", "返现":
            _of(data, "register_cashback", given)[given["order_id"]] = True
        case "schedule_service", _ if order:
            _of(data, "service", given)[given["order_id"]] = {
                "服务类型": given["service_type"],
                "预约日期": given["service_time"],
                "用户姓名": given["user_name"],
                "电话号码": given["phone_number"],
            }
        case "manage_invoice", _:
            data["invoices"][given["order_id"]] = {
                "发票抬头": given["title"],
                "发票类型": given["invoice_type"],
                "电话号码": given["phone_number"],
            }
        case _:
            return False
    return True


def state(data: type_data) -> dict[str, Any]:
    """All that tools can change: orders, e-cards, appointments, reviews and invoices, each by a name of its own."""
    found: dict[str, Any] = {}
    for user, number, order in _each(data["orders"]):
        to = order["收货地址"]
        found[f"order {number}"] = {
            "customer": user,
            "status": order["订单状态"],
            "urgent": order["是否加急"],
            "items": sorted((line["商品ID"], line["数量"], _cents(line["单价"])) for line in order["订单商品列表"]),
            "total": _cents(order["订单总金额"]),
            "method": order["支付方式"],
            "to": (to["收件人姓名"], to["电话号码"], to["省份"], to["城市"] + to["区县"], to["详细地址"]),
        }
    for user, customer in data["users_info"].items():
        found[f"e-card {user}"] = {"balance": _cents(customer["电子卡余额"])}
    for _, number, visit in _each(data["service"]):
        parts = ("服务类型", "预约日期", "用户姓名", "电话号码")
        found[f"appointment {number}"] = {"visit": tuple(visit[part] for part in parts)}
    for _, number, registered in _each(data["register_cashback"]):
        found[f"cashback {number}"] = {"registered": registered}
    for number, invoice in data["invoices"].items():
        found[f"invoice {number}"] = {"made": (invoice["发票抬头"], invoice["发票类型"], invoice["电话号码"])}
    return found


def _new_order(data: type_data, given: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    catalogue = data["products"][given["platform"]][given["shop_id"]]
    lines = [
        {"商品ID": item["product_id"], "数量": item["quantity"], "单价": catalogue[item["product_id"]]["商品价格"]}
        for item in given["product_info_list"]
        if item["product_id"] in catalogue
    ]
    return {
        "订单状态": "已付款",
        "是否加急": False,
        "订单商品列表": lines,
        "订单总金额": sum(line["单价"] * line["数量"] for line in lines),
        "支付方式": given.get("payment", "支付宝"),
        "收货地址": {"收件人姓名": user["用户姓名"], "电话号码": user["电话号码"], **user["地址信息"]},
    }


def _of(data: type_data, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a file has of one customer."""
    of_shop = data[name].setdefault(given["platform"], {}).setdefault(given["shop_id"], {})
    of_user: dict[str, Any] = of_shop.setdefault(given["user_id"], {})
    return of_user


def _order(data: type_data, given: Mapping[str, Any]) -> dict[str, Any] | None:
    if "user_id" not in given or "shop_id" not in given:
        return None
    found: dict[str, Any] | None = _of(data, "orders", given).get(given.get("order_id", ""))
    return found


def _each(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for shops in content.values():
        for shop in shops.values():
            for user, of_user in shop.items():
                for number, entry in of_user.items():
                    yield user, number, entry


def _exact(amount: float) -> Decimal:
    return Decimal(str(amount))


def _sum(one: float, other: Decimal) -> float:
    return float(_exact(one) + other)


def _cents(amount: float) -> int:
    return int((_exact(amount) * 100).to_integral_value())
