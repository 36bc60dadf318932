"""The live show's links, promotions and coupons: some running, some over, some still to come."""

from __future__ import annotations

from pathlib import Path

from demo.tables import write_csv

# Link number to product for the whole day, in the order of the show.
SHOW = [
    "P1011",
    "P1101",
    "P1001",
    "P1002",
    "P1021",
    "P1081",
    "P1131",
    "P1134",
    "P1111",
    "P1105",
    "P1051",
    "P1031",
    "P1091",
    "P1116",
    "P1041",
    "P1112",
    "P1132",
    "P1026",
    "P1061",
    "P1143",
    "P1137",
    "P1121",
    "P1141",
    "P1083",
]


def write_offers(folder: Path) -> None:
    """Write links.csv, promotions.csv and coupons.csv."""
    write_csv(folder / "links.csv", _links())
    write_csv(folder / "promotions.csv", _promotions())
    write_csv(folder / "coupons.csv", _coupons())


def _links() -> list[dict[str, object]]:
    yesterday = [
        _link(number, product, "2026-06-17T19:00:00+08:00", "2026-06-17T23:59:00+08:00")
        for number, product in enumerate(("P1044", "P1102", "P1115"), start=1)
    ]
    return yesterday + [
        _link(number, product, "2026-06-18T00:00:00+08:00", "") for number, product in enumerate(SHOW, start=1)
    ]


def _link(number: int, product: str, starts_at: str, ends_at: str) -> dict[str, object]:
    return {"room": "main", "number": number, "product_id": product, "starts_at": starts_at, "ends_at": ends_at}


def _promotions() -> list[dict[str, object]]:
    # id, zh, en, kind, value, min spend, applies to, room, start, end
    rows = (
        ("PR01", "满 300 减 40", "¥40 off orders from ¥300", "amount", "40", "300", "all", "", "06-10", "07-05"),
        ("PR02", "防晒季 9 折", "10% off sun protection", "percent", "10", "", "category:apparel/sun", "", "06-01", "07-31"),
        ("PR03", "直播间羽绒服立减 200", "¥200 off the down jacket in the live room", "amount", "200", "", "product:P1004",
         "main", "06-18", "06-25"),
        ("PR04", "买炒锅送锅铲", "Free spatula with the wok", "gift", "硅胶锅铲 silicone spatula", "", "product:P1112", "",
         "06-15", "06-30"),
        ("PR05", "会员日全场 95 折", "5% off everything on members' day", "percent", "5", "", "all", "", "07-01", "07-02"),
        ("PR06", "五一满 500 减 80", "May Day: ¥80 off orders from ¥500", "amount", "80", "500", "all", "", "04-28", "05-05"),
    )  # fmt: skip
    return [
        {
            "promotion_id": number, "name_zh": zh, "name_en": en, "kind": kind, "value": value, "min_spend": minimum,
            "currency": "CNY", "applies_to": applies, "room": room,
            "starts_at": f"2026-{start}T00:00:00+08:00", "ends_at": f"2026-{end}T00:00:00+08:00",
        }
        for number, zh, en, kind, value, minimum, applies, room, start, end in rows
    ]  # fmt: skip


def _coupons() -> list[dict[str, object]]:
    # code, zh, en, kind, value, min, max, applies to, start, end, per customer, total, used, stackable
    rows = (
        ("NEW20", "新人券 20 元", "New customers: ¥20 off", "amount", "20", "129", "", "all", "01-01", "12-31", 1, 5000, 1210, "no"),
        ("LIVE30", "直播间 30 元券", "Live room: ¥30 off", "amount", "30", "199", "", "all", "06-18", "06-19", 1, 300, 88, "no"),
        ("SUN15", "防晒 85 折券", "15% off sun protection", "percent", "15", "", "60", "category:apparel/sun", "06-01", "07-15",
         2, 1000, 240, "no"),
        ("SHIPFREE", "免运费券", "Free shipping", "shipping", "0", "39", "", "all", "06-01", "08-31", 3, 2000, 410, "yes"),
        ("TEA50", "茶饮满 200 减 50", "¥50 off tea from ¥200", "amount", "50", "200", "", "category:food/tea", "06-20", "07-20",
         1, 200, 0, "no"),
        ("SPRING", "春季 9 折券", "Spring: 10% off", "percent", "10", "", "100", "all", "03-01", "05-31", 1, 1000, 640, "no"),
    )  # fmt: skip
    return [
        {
            "code": code, "name_zh": zh, "name_en": en, "kind": kind, "value": value, "min_spend": minimum, "max_discount": most,
            "currency": "CNY", "applies_to": applies, "starts_at": f"2026-{start}T00:00:00+08:00",
            "ends_at": f"2026-{end}T00:00:00+08:00", "per_customer": each, "total": total, "used": used, "stackable": stackable,
        }
        for code, zh, en, kind, value, minimum, most, applies, start, end, each, total, used, stackable in rows
    ]  # fmt: skip
