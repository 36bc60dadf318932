"""Words of the shop's states for people, in both languages; the sentences around them are in the bot's domain."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commerce import Text

ORDER_STATUS = {
    "pending_payment": Text("待付款", "waiting for payment"),
    "pending": Text("已付款，等待发货", "paid, waiting to ship"),
    "processed": Text("已打包，即将发出", "packed, about to ship"),
    "shipped": Text("已发货，运输中", "on its way"),
    "delivered": Text("已签收", "delivered"),
    "completed": Text("已完成", "completed"),
    "cancelled": Text("已取消", "cancelled"),
    "return_requested": Text("退货处理中", "return under way"),
    "exchange_requested": Text("换货处理中", "exchange under way"),
    "returned": Text("已退货退款", "returned and refunded"),
}

SHIPMENT_STATUS = {
    "label": Text("已出面单，等待揽收", "label printed, waiting for pick-up"),
    "in_transit": Text("运输中", "in transit"),
    "out_for_delivery": Text("正在派送", "out for delivery"),
    "delivered": Text("已签收", "delivered"),
    "exception": Text("异常，正在处理", "held up, being looked into"),
    "returned": Text("已退回", "returned to sender"),
}

RETURN_STATUS = {
    "requested": Text("已申请，等待审核", "requested, waiting for approval"),
    "approved": Text("已通过，请寄回商品", "approved, please send the item back"),
    "in_transit": Text("退货运输中", "on its way back"),
    "received": Text("仓库已收到，验收中", "received, being checked"),
    "refunded": Text("已退款", "refunded"),
    "exchanged": Text("已换货", "exchanged"),
    "rejected": Text("未通过", "rejected"),
    "closed": Text("已关闭", "closed"),
}


def word(table: dict[str, Text], state: str, language: str) -> str:
    """The word for a state, or the state itself where a shop has one of its own."""
    return table[state].in_(language) if state in table else state


def day(at: datetime | None, language: str, zone: ZoneInfo) -> str:
    """A calendar day as people write it, or "" for none."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}" if language == "en" else f"{local.month}月{local.day}日"


def full_day(at: datetime, language: str, zone: ZoneInfo) -> str:
    """A calendar day with its year."""
    year = at.astimezone(zone).year
    return f"{day(at, language, zone)}, {year}" if language == "en" else f"{year}年{day(at, language, zone)}"


def minute(at: datetime, language: str, zone: ZoneInfo) -> str:
    """A day and the time of day."""
    return f"{day(at, language, zone)} {at.astimezone(zone):%H:%M}"
