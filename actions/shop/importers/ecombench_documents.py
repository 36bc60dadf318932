"""What ECom-Bench keeps that none of our tables has a place for, as documents of the shop: one function a kind. Pure.

Each raises KeyError for a field that is missing or a word that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.shop import rows
from actions.shop.importers.records import type_row

SERVICES = {"安装": "installation", "维修": "repair", "检查": "inspection"}
DAYS = dict(
    zip(
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        strict=True,
    )
)
INVOICES = {"个人发票": "personal", "企业发票": "company", "增值税专用发票": "vat"}
_REMEDY = "故障解决方案"


def rushed(order: Mapping[str, Any]) -> list[type_row]:
    """That an order is rushed, where it is."""
    return [rows.entry_row("rush", order["订单ID"], {"urgent": True})] if order["是否加急"] else []


def faults(product: Mapping[str, Any]) -> list[type_row]:
    """What each fault code of a product means."""
    number = product["商品ID"]
    return [
        rows.entry_row(
            "fault", f"{number}/{fault['故障代码']}", {"name": fault["故障名称"], "remedy": fault["故障解决方案"]}
        )
        for fault in product["常见故障"]
    ]


def reviewed(entry: Mapping[str, Any]) -> list[type_row]:
    """Whether the cashback for the review of an order is registered."""
    return [rows.entry_row("cashback", entry["订单ID"], {"registered": bool(entry["value"])})]


def appointment(entry: Mapping[str, Any]) -> list[type_row]:
    """The visit that is booked for an order."""
    data = {
        "service": SERVICES[entry["服务类型"]],
        "day": DAYS[entry["预约日期"]],
        "name": entry["用户姓名"],
        "phone": entry["电话号码"],
    }
    return [rows.entry_row("appointment", entry["订单ID"], data)]


def invoice(entry: Mapping[str, Any]) -> list[type_row]:
    """The invoice of an order."""
    data = {"title": entry["发票抬头"], "type": INVOICES[entry["发票类型"]], "phone": entry["电话号码"]}
    return [rows.entry_row("invoice", entry["订单ID"], data)]
