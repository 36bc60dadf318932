"""From sources/products.yml and sizes.yml to the catalogue's CSV files."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo.tables import write_csv

SOURCES = Path(__file__).parent / "sources"
# All dates of the folder are written as of this day; loading shifts them to today.
AS_OF = "2026-06-18"

CATEGORIES = {
    "apparel/jackets": ("外套", "Jackets", "外套|夹克|上衣", "jackets|coats|outerwear"),
    "apparel/sun": ("防晒服饰", "Sun protection", "防晒|防晒衣", "sun protection"),
    "apparel/dresses": ("裙装", "Dresses", "裙子|连衣裙|半裙", "dresses|skirts"),
    "apparel/jeans": ("裤装", "Trousers", "裤子|牛仔裤|长裤", "trousers|pants|jeans"),
    "apparel/sweaters": ("毛衣卫衣", "Sweaters", "毛衣|卫衣|针织衫", "sweaters|knitwear|hoodies"),
    "apparel/tshirts": ("T恤衬衫", "T-shirts and shirts", "短袖|衬衫|上衣|T恤", "t-shirts|shirts|tops"),
    "apparel/kids": ("童装", "Children's clothing", "童装|儿童衣服|宝宝衣服", "kids clothes|children's wear"),
    "apparel/underwear": ("内衣", "Underwear", "内衣|内裤|保暖内衣", "underwear"),
    "shoes/sneakers": ("运动休闲鞋", "Sneakers", "鞋子|鞋|运动鞋", "shoes|sneakers|trainers"),
    "shoes/boots": ("靴子", "Boots", "靴子|鞋子|鞋", "boots|shoes"),
    "shoes/heels": ("高跟鞋", "Heels", "高跟鞋|鞋子|鞋", "heels|shoes"),
    "shoes/sandals": ("凉鞋", "Sandals", "凉鞋|鞋子|鞋", "sandals|shoes"),
    "shoes/kids": ("童鞋", "Children's shoes", "童鞋|鞋子", "kids shoes|shoes"),
    "shoes/slippers": ("拖鞋", "Slippers", "拖鞋|鞋子", "slippers|shoes"),
    "bags/backpacks": ("双肩包", "Backpacks", "包|背包|包包", "bags|backpacks"),
    "bags/handbags": ("女包", "Handbags", "包|包包|女包", "bags|handbags"),
    "bags/luggage": ("行李箱", "Luggage", "箱包|行李箱", "luggage|suitcases"),
    "beauty/suncare": ("防晒护肤", "Sun care", "防晒霜|护肤品", "sunscreen|skincare"),
    "beauty/skincare": ("护肤", "Skincare", "护肤品|护肤", "skincare"),
    "beauty/makeup": ("彩妆", "Makeup", "化妆品|彩妆", "makeup|cosmetics"),
    "beauty/bodycare": ("身体护理", "Body care", "身体护理", "body care"),
    "home/kitchen": ("厨房餐具", "Kitchen", "厨具|餐具|厨房用品", "kitchenware|kitchen"),
    "home/bedding": ("床品", "Bedding", "床上用品|床品", "bedding"),
    "home/decor": ("家居香氛", "Home fragrance", "香薰|家居", "home fragrance|home decor"),
    "outdoor/camping": ("露营", "Camping", "露营装备|户外", "camping gear|outdoor"),
    "outdoor/gear": ("户外装备", "Outdoor gear", "户外装备|户外", "outdoor gear"),
    "electronics/audio": ("影音", "Audio", "耳机音箱|数码", "audio|electronics"),
    "electronics/power": ("充电", "Power", "充电|数码", "power|electronics"),
    "electronics/wearables": ("穿戴", "Wearables", "智能穿戴|数码", "wearables|electronics"),
    "electronics/home": ("小家电", "Home appliances", "家电|小家电", "appliances|electronics"),
    "food/tea": ("茶饮", "Tea", "茶|茶叶", "tea"),
    "food/snacks": ("零食咖啡", "Snacks and coffee", "零食|吃的", "snacks|food"),
}


@dataclass(frozen=True)
class Item:
    """What the order history needs of a variant."""

    sku: str
    product_id: str
    category: str
    price: int
    sizes: str


def load_products() -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, str]]:
    """The products, the size lists and the attribute labels of the sources."""
    yaml = YAML(typ="safe")
    catalogue = yaml.load((SOURCES / "products.yml").read_text(encoding="utf-8"))
    sizes = yaml.load((SOURCES / "sizes.yml").read_text(encoding="utf-8"))
    products = sorted(catalogue["products"], key=lambda product: product["id"])
    return products, sizes, catalogue["attribute_labels"]


def write_catalogue(folder: Path, seed: int) -> list[Item]:
    """Write products, attributes, variants, categories and size charts; returns what can be sold."""
    products, sizes, labels = load_products()
    write_csv(folder / "products.csv", (_product_row(product, sizes) for product in products))
    write_csv(folder / "attributes.csv", (row for product in products for row in _attribute_rows(product, labels)))
    variants, items = _variants(products, sizes, random.Random(seed))
    write_csv(folder / "variants.csv", variants)
    write_csv(folder / "categories.csv", (_category_row(*entry) for entry in CATEGORIES.items()))
    write_csv(folder / "size_charts.csv", (row for chart in sizes.values() for row in _chart_rows(chart)))
    return items


def both(text: object) -> tuple[str, str]:
    """ "zh / en" as a pair; one value serves both languages."""
    zh, separator, en = str(text).partition(" / ")
    return (zh, en) if separator else (zh, zh)


def _product_row(product: dict[str, Any], sizes: dict[str, Any]) -> dict[str, object]:
    reason_zh, reason_en = both(product.get("reason", ""))
    return {
        "product_id": product["id"],
        "status": "active",
        "category": product["category"],
        "brand": product["brand"],
        "name_zh": product["zh"],
        "name_en": product["en"],
        "aliases_zh": product["alias_zh"],
        "aliases_en": product["alias_en"],
        "description_zh": product["dzh"],
        "description_en": product["den"],
        "tags": product.get("tags", ""),
        "picture": f"pictures/{product['id']}.png",
        "size_chart": sizes[product["sizes"]].get("chart", ""),
        "returnable": product.get("returnable", "yes"),
        "final_sale_reason_zh": reason_zh,
        "final_sale_reason_en": reason_en,
        "warranty_months": product.get("warranty", 0),
    }


def _attribute_rows(product: dict[str, Any], labels: dict[str, str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for key, value in product["attrs"].items():
        label_zh, label_en = both(labels[key])
        value_zh, value_en = both(value)
        row = {"product_id": product["id"], "key": key, "label_zh": label_zh, "label_en": label_en}
        rows.append({**row, "value_zh": value_zh, "value_en": value_en})
    return rows


def _variants(
    products: list[dict[str, Any]], sizes: dict[str, Any], rng: random.Random
) -> tuple[list[dict[str, object]], list[Item]]:
    rows: list[dict[str, object]] = []
    items: list[Item] = []
    for product in products:
        for colour_number, colour in enumerate(product["colors"], start=1):
            color_zh, color_en = colour.split("/")
            for size in sizes[product["sizes"]]["sizes"]:
                sku = f"{product['id']}-{colour_number}-{size}".replace("标准", "STD").replace("均码", "FREE")
                price = product["price"] + (100 if size in ("1.8m",) else 0)
                row = {"sku": sku, "product_id": product["id"], "color_zh": color_zh, "color_en": color_en, "size": size}
                prices = {"price": f"{price}.00", "compare_at_price": f"{product['was']}.00" if product.get("was") else ""}
                rows.append(
                    {**row, **prices, "currency": "CNY", "stock": _stock(rng), "weight_g": rng.randrange(80, 1500, 10)}
                )
                items.append(Item(sku, product["id"], product["category"], price * 100, product["sizes"]))
    return rows, items


def _stock(rng: random.Random) -> int:
    """Mostly plenty, some almost gone, some sold out, as in a shop after a good evening."""
    return rng.choices([0, rng.randint(1, 3), rng.randint(4, 30), rng.randint(31, 400)], [8, 10, 32, 50])[0]


def _category_row(category: str, names: tuple[str, str, str, str]) -> dict[str, object]:
    keys = ("name_zh", "name_en", "aliases_zh", "aliases_en")
    return {"category": category, **dict(zip(keys, names, strict=True))}


def _chart_rows(chart: dict[str, Any]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for size, row in chart.get("rows", {}).items():
        height, weight = row.get("height", ["", ""]), row.get("weight", ["", ""])
        ranges = {
            "height_min_cm": height[0],
            "height_max_cm": height[1],
            "weight_min_kg": weight[0],
            "weight_max_kg": weight[1],
        }
        girths = {"chest_cm": row.get("chest"), "waist_cm": row.get("waist"), "length_cm": row.get("length")}
        rows.append({"chart_id": chart["chart"], "size": size, **ranges, **girths, "foot_cm": row.get("foot")})
    return rows
