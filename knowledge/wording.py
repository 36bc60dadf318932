"""How live facts are said in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.claims import spans
from bot.commerce import Product, SizeRow
from bot.types import Card

# So many kinds are named in one sentence.
KINDS_NAMED = 4
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_english(language: str) -> bool:
    """Whether to speak English; both scripts of Chinese are written simplified here and converted when they leave."""
    return language == "en"


def moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """`11月30日 23:59` or `30 Nov, 23:59` in the shop's zone."""
    local = at.astimezone(zone)
    if is_english(language):
        return f"{local.day} {_MONTHS[local.month - 1]}, {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def listed(items: Iterable[str], language: str) -> str:
    """`a、b、c` or `a, b and c`."""
    parts = list(items)
    if not is_english(language):
        return "、".join(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def kinds_listed(products: Iterable[Product], language: str) -> str:
    """What products are, by the names of their kinds, each once: the first few, as a list; empty where none has a name."""
    names = dict.fromkeys(name for product in products if (name := product.category_name.in_(language)))
    return listed([*names][:KINDS_NAMED], language)


def quoted(product: Product, language: str) -> str:
    """The product's name as it stands in a sentence."""
    name = product.name.in_(language)
    return f"The {name}" if is_english(language) else f"「{name}」"


def agreeing(text: str, name: str) -> str:
    """An English sentence about a product with its verb in the plural where its name is one: "The Running Shoes are"."""
    if not name.endswith("s") or name.endswith("ss"):
        return text
    for singular, plural in (("is", "are"), ("has", "have"), ("costs", "cost"), ("comes", "come")):
        text = text.replace(f"{name} {singular} ", f"{name} {plural} ")
    return text


def price_range(product: Product, language: str) -> str:
    """The price, or from the lowest to the highest; empty for a product without variants."""
    prices = [variant.price for variant in product.variants]
    if not prices:
        return ""
    low, high = min(prices), max(prices)
    if low == high:
        return str(low)
    return f"{low} to {high}" if is_english(language) else f"{low}–{high}"


def size_span(row: SizeRow, language: str) -> str:
    """For whom a size is meant: `160–170cm、50–60kg`."""
    spans = []
    if row.height_cm:
        spans.append(f"{row.height_cm[0]:g}–{row.height_cm[1]:g} cm")
    if row.weight_kg:
        spans.append(f"{row.weight_kg[0]:g}–{row.weight_kg[1]:g} kg")
    if row.waist_cm is not None:
        spans.append(f"waist {row.waist_cm:g} cm" if is_english(language) else f"腰围 {row.waist_cm:g} cm")
    if row.foot_cm is not None:
        spans.append(f"foot {row.foot_cm:g} cm" if is_english(language) else f"脚长 {row.foot_cm:g} cm")
    return listed(spans, language)


def card(product: Product, language: str, reason: str = "") -> Card:
    """The product as a card. `image` is the path that the shop's folder gives; the door makes an address of it."""
    colors = list(dict.fromkeys(variant.color.in_(language) for variant in product.variants if variant.color.in_(language)))
    return Card(
        product_id=product.id,
        title=product.name.in_(language),
        subtitle=listed(colors[:4], language),
        price=price_range(product, language),
        image=product.picture,
        reason=reason,
        claims=spans(product),
    )
