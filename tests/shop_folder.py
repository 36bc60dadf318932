"""A small shop folder for tests that load one: two products, an order, a document; each file may be another."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "shop.yml": "currency: CNY\n",
    "products.csv": (
        "product_id,category,name_zh,name_en,picture\n"
        "P1,home/lamps,台灯,Desk Lamp,pictures/P1.png\n"
        "P2,home/rugs,地毯,Wool Rug,pictures/P2.png\n"
    ),
    "variants.csv": "sku,product_id,price,stock\nP1-1,P1,199.00,5\nP2-1,P2,350.00,2\n",
    "customers.csv": "customer_id,name,phone,created_at\nC1,王小明,+8613800001234,2026-01-01T00:00:00+08:00\n",
    "orders.csv": (
        "order_id,customer_id,status,placed_at,paid_at,items_total,discount,total,coupon_code\n"
        "A1,C1,pending,2026-06-17T10:00:00+08:00,2026-06-17T10:01:00+08:00,199.00,20.00,179.00,LAMP20\n"
    ),
    "order_lines.csv": "order_id,line_no,sku,quantity,unit_price,discount\nA1,1,P1-1,1,199.00,20.00\n",
    "coupons.csv": "code,name_zh,name_en,kind,value,min_spend,applies_to\nLAMP20,减 20 元,¥20 off,amount,20,150,all\n",
    "documents/returns.md": "# Returns\n\nLamps can be sent back within nine days.\n",
}


def write_shop(path: Path, **files: str) -> Path:
    """The folder at `path`; `files` replace or add by name, with `__` for a slash and `_csv` and the like for the ending."""
    named = {name.replace("__", "/").replace("_csv", ".csv").replace("_yml", ".yml"): text for name, text in files.items()}
    for name, text in {**FILES, **named}.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path
