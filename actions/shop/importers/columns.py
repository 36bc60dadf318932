"""Every column that a table of the shop folder may have (docs/shop-folder.md), and what to say of one that it may not."""

from __future__ import annotations

import csv
from pathlib import Path

from actions.shop.importers.report import UnknownColumn

_NAMES = ("name_zh", "name_en")
_WINDOW = ("starts_at", "ends_at")
_OFFER = (*_NAMES, "kind", "value", "min_spend", "currency", "applies_to", *_WINDOW)
_SHIP_TO = tuple(f"ship_{part}" for part in ("name", "phone", "address", "city", "region", "postal_code", "country"))
# fmt: off
COLUMNS: dict[str, tuple[str, ...]] = {
    "categories.csv": ("category", *_NAMES, "aliases_zh", "aliases_en"),
    "attributes.csv": ("product_id", "key", "label_zh", "label_en", "value_zh", "value_en"),
    "size_charts.csv": (
        "chart_id", "size", "height_min_cm", "height_max_cm", "weight_min_kg", "weight_max_kg",
        "chest_cm", "waist_cm", "length_cm", "foot_cm",
    ),
    "products.csv": (
        "product_id", "status", "category", "brand", *_NAMES, "aliases_zh", "aliases_en", "description_zh", "description_en",
        "tags", "picture", "size_chart", "returnable", "final_sale_reason_zh", "final_sale_reason_en", "warranty_months",
    ),
    "variants.csv": (
        "sku", "product_id", "color_zh", "color_en", "size", "price", "compare_at_price", "currency", "stock", "weight_g",
    ),
    "links.csv": ("room", "number", "product_id", *_WINDOW),
    "promotions.csv": ("promotion_id", "room", *_OFFER),
    "coupons.csv": ("code", *_OFFER, "max_discount", "per_customer", "total", "used", "stackable"),
    "customers.csv": (
        "customer_id", "name", "email", "phone", "locale", "member_level", "points", "created_at",
        "address", "city", "region", "postal_code", "country",
    ),
    "orders.csv": (
        "order_id", "customer_id", "status", "placed_at", "paid_at", "shipped_at", "delivered_at", "closed_at", "currency",
        "items_total", "discount", "coupon_code", "shipping_fee", "total", "payment_method", "points_earned", "points_used",
        *_SHIP_TO, "room", "note",
    ),
    "order_lines.csv": ("order_id", "line_no", "sku", "quantity", "unit_price", "discount"),
    "shipments.csv": ("shipment_id", "order_id", "carrier", "tracking_no", "status", "shipped_at", "eta", "delivered_at"),
    "shipment_events.csv": ("shipment_id", "at", "place_zh", "place_en", "text_zh", "text_en"),
    "returns.csv": (
        "return_id", "order_id", "line_no", "quantity", "kind", "reason", "status", "requested_at",
        "refund_amount", "refund_method", "refunded_at", "exchange_sku",
    ),
}
# fmt: on


def unknown_columns(file: Path) -> list[UnknownColumn]:
    """The columns of a file that are none of its table's, each with the nearest that is and that the file lacks."""
    from rapidfuzz import process, utils  # only when a shop is loaded

    known = COLUMNS[file.name]
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        header = next(csv.reader(lines), [])
    free = [name for name in known if name not in header] or known
    return [
        UnknownColumn(name, process.extractOne(name, free, processor=utils.default_process)[0])
        for name in header
        if name.strip() and name not in known
    ]
