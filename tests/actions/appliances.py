"""A small shop in ECom-Bench's form, made up here: one of everything that its files can say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

SHOP = "s1"
USER = "u-li"
FAULTS = [{"故障代码": "E1", "故障名称": "不点火", "故障解决方案": "换电池"}]
PLACE = {"国家": "中国", "省份": "浙江省", "城市": "杭州市", "区县": "西湖区", "详细地址": "文一路 1 号"}
TO = {"收件人姓名": "李雷", "电话号码": "13800000001", **PLACE}
CHOICES = [
    {"商品ID": "202", "商品描述": "80 升", "商品状态": "已上架"},
    {"商品ID": "203", "商品描述": "100 升", "商品状态": "缺货"},
]


def product(number: str, price: float, choices: list[dict[str, str]]) -> dict[str, Any]:
    """A product on sale."""
    return {
        "商品ID": number,
        "商品名称": f"热水器 {number}",
        "商品状态": "已上架",
        "商品价格": price,
        "商品描述": "60 升",
        "可换货商品": choices,
        "赠品信息": [{"赠品名称": "风扇", "赠品描述": "签收后寄出"}],
        "辅材材料": [],
        "安装说明": "免费安装",
        "维修说明": "保修八年",
        "常见故障": FAULTS,
    }


def order(number: str, status: str, lines: list[tuple[str, float, int]], payment: str, *, urgent: bool = False) -> Any:
    """An order of (product, price, pieces)."""
    return {
        "用户ID": USER,
        "订单ID": number,
        "订单状态": status,
        "订单总金额": sum(price * pieces for _, price, pieces in lines),
        "是否加急": urgent,
        "订单商品列表": [{"商品ID": sku, "单价": price, "数量": pieces} for sku, price, pieces in lines],
        "收货地址": dict(TO),
        "支付方式": payment,
    }


def parcel(events: list[str], arrived: str | None = None) -> Any:
    """A parcel and the times of its events."""
    return {
        "物流单号": "T1",
        "物流公司": "快递",
        "预计送达时间": "2025-06-09 12:00:00",
        "实际送达时间": arrived,
        "收件人信息": {"收件人姓名": "李雷", "收件人电话": "13800000001", "收件人地址": "杭州"},
        "物流轨迹": [{"时间": at, "描述": "在路上", "位置": None, "状态": "运输中"} for at in events],
    }


def files() -> dict[str, Any]:
    """All files by their names."""
    orders = {
        "100": order("100", "已付款", [("201", 999.5, 2), ("211", 50, 1)], "京东E卡"),
        "101": order("101", "已签收", [("201", 1100, 1)], "京东E卡"),
        "102": order("102", "已发货", [("211", 50, 1)], "微信", urgent=True),
    }
    tracks = {
        "101": parcel(["2025-06-05 08:00:00", "2025-06-06 08:00:00"], "2025-06-07 09:00:00"),
        "103": parcel(["2025-06-05 08:00:00"], "2025-06-06 10:00:00"),
    }
    user = {"用户ID": USER, "电话号码": "13800000001", "用户姓名": "李雷", "电子卡余额": 3000, "地址信息": PLACE}
    visit = {
        "服务类型": "安装",
        "店铺ID": SHOP,
        "用户ID": USER,
        "订单ID": "102",
        "平台": "jd",
        "电话号码": "13800000001",
        "用户姓名": "李雷",
        "预约日期": "周六",
    }
    return {
        "users_info": {USER: user},
        "products": {"jd": {SHOP: {"201": product("201", 999.5, CHOICES), "211": product("211", 50, CHOICES[:1])}}},
        "orders": {"jd": {SHOP: {USER: orders}}},
        "logistics": {"jd": {SHOP: {USER: tracks}}},
        "invoices": {"102": {"订单ID": "102", "发票类型": "企业发票", "发票抬头": "某某公司", "电话号码": "13800000001"}},
        "register_cashback": {"jd": {SHOP: {USER: {"101": False}}}},
        "service": {"jd": {SHOP: {USER: {"102": visit}}}},
    }


def written(folder: Path, content: dict[str, Any] | None = None) -> Path:
    """The files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in (content or files()).items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(found))
    return folder
