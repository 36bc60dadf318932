"""A shop's tables as the oracle sees them: read once through the port, offers also from the folder.

The port tells only which offers hold at a moment. Those that are over or to come are asked for, too, so that their rows are
read from the folder itself, moved in time as `dates_as_of` says.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from bot.commerce import Coupon, Money, Product, Promotion, ShelfLink, Shop, Text, Variant

Offer = Promotion | Coupon
# What is read for the words that a shop uses; pictures of text are not.
_READABLE = {".csv", ".md", ".html", ".txt", ".yml", ".json"}


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What a shop sells and gives, as of `now`. `words` is all its text in lower case, for what it does not talk of.

    It is itself only, so that what is worked out of it can be kept by it.
    """

    products: tuple[Product, ...]
    links: tuple[ShelfLink, ...]
    promotions: tuple[Promotion, ...]
    coupons: tuple[Coupon, ...]
    now: datetime
    currency: str = "CNY"
    words: str = ""

    def product(self, product_id: str) -> Product:
        """One product. Raises StopIteration for an unknown id."""
        return next(product for product in self.products if product.id == product_id)

    def offers(self) -> list[Offer]:
        """All offers, whatever their time."""
        return [*self.promotions, *self.coupons]

    def categories(self) -> dict[str, list[Product]]:
        """Products by the path of their category."""
        found: dict[str, list[Product]] = {}
        for product in self.products:
            found.setdefault(product.category, []).append(product)
        return found


async def read_tables(folder: Path, shop: Shop, now: datetime, room: str) -> Tables:
    """The tables of the shop that was loaded from `folder`."""
    about = YAML(typ="safe").load((folder / "shop.yml").read_text("utf-8"))
    zone = ZoneInfo(about.get("timezone", "UTC"))
    shift = now.astimezone(zone).date() - about["dates_as_of"] if about.get("dates_as_of") else timedelta()
    moment = _Moments(zone, shift)
    return Tables(
        products=tuple(await shop.products()),
        links=tuple(await shop.shelf(room, now)),
        promotions=tuple(_promotion(row, moment) for row in _rows(folder / "promotions.csv")),
        coupons=tuple(_coupon(row, moment) for row in _rows(folder / "coupons.csv")),
        now=now,
        currency=about.get("currency", "CNY"),
        words=_words(folder),
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    zone: ZoneInfo
    shift: timedelta

    def read(self, text: str) -> datetime | None:
        if not text:
            return None
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)) + self.shift


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)


def _promotion(row: Mapping[str, str], moments: _Moments) -> Promotion:
    return Promotion(id=row["promotion_id"], room=row.get("room", ""), **_offer(row, moments))


def _coupon(row: Mapping[str, str], moments: _Moments) -> Coupon:
    most = row.get("max_discount")
    limits: dict[str, Any] = {name: int(row[name]) for name in ("per_customer", "total", "used") if row.get(name)}
    return Coupon(
        code=row["code"],
        max_discount=Money.of(most, row["currency"] or "CNY") if most else None,
        stackable=row.get("stackable") == "yes",
        **_offer(row, moments),
        **limits,
    )


def _offer(row: Mapping[str, str], moments: _Moments) -> dict[str, Any]:
    currency = row.get("currency") or "CNY"
    least = row.get("min_spend")
    return {
        "name": Text(row.get("name_zh", ""), row.get("name_en", "")),
        "kind": row["kind"],
        "value": str(Money.of(row["value"], currency).minor) if row["kind"] == "amount" else row["value"],
        "applies_to": row.get("applies_to") or "all",
        "currency": currency,
        "min_spend": Money.of(least, currency) if least else None,
        "starts_at": moments.read(row.get("starts_at", "")),
        "ends_at": moments.read(row.get("ends_at", "")),
    }


def _words(folder: Path) -> str:
    names = ("products.csv", "categories.csv", "attributes.csv", "variants.csv", "promotions.csv", "coupons.csv")
    files = [folder / name for name in names] + sorted((folder / "documents").rglob("*"))
    readable = [file for file in files if file.is_file() and file.suffix in _READABLE]
    return "\n".join(file.read_text("utf-8", errors="ignore") for file in readable).lower()


# ---------------------------------------------------------------- offers


def state_of(offer: Offer, now: datetime) -> str:
    """`over`, `to_come` or `running`. An offer that is used up is over."""
    if offer.ends_at and offer.ends_at <= now:
        return "over"
    if isinstance(offer, Coupon) and offer.total is not None and offer.used >= offer.total:
        return "over"
    return "to_come" if offer.starts_at and offer.starts_at > now else "running"


def covers(offer: Offer, product: Product) -> bool:
    """Whether an offer is for a product; a category holds those below it."""
    scope, _, name = offer.applies_to.partition(":")
    if scope == "category":
        return product.category == name or product.category.startswith(f"{name}/")
    return scope == "all" or product.id == name


# ---------------------------------------------------------------- variants


def values_of(product: Product, variant: Variant, language: str) -> tuple[str, ...]:
    """What tells a variant from the others of its product; empty where nothing does, or not in this language."""
    colors = {other.color for other in product.variants}
    sizes = {other.size for other in product.variants}
    color = variant.color.zh if language == "zh" else variant.color.en
    found = ((color,) if len(colors) > 1 else ()) + ((variant.size,) if len(sizes) > 1 else ())
    sayable = all(found) and (language == "zh" or not any(map(has_han, found)))
    return found if sayable else ()


def lowest(product: Product) -> Money:
    """The price of a product's cheapest variant."""
    return min(variant.price for variant in product.variants)


def highest(product: Product) -> Money:
    """The price of a product's dearest variant."""
    return max(variant.price for variant in product.variants)


# ---------------------------------------------------------------- texts


def plain(text: str) -> str:
    """A text in half width, so that a figure is a figure."""
    return unicodedata.normalize("NFKC", text)


def has_han(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
