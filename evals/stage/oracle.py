"""Whether a sentence says what the tables say, by its text: read from the database itself, reckoned anew.

Nothing is shared with the narration but the tables: no claim is looked at, amounts are read out of the words.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

FEW = 10
# Words that hold no fact of the tables.
_FREE = frozenset({"thanks", "segment", "must_say", "host"})
_NEEDS_NO_STOCK = frozenset({"sold_out"})

_AMOUNT = re.compile(r"[¥$€£]\s?([\d,]+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SCOPES = ("product", "category", "all")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows about one product at one moment: its variants in stock, its texts, offers that run, its links."""

    product: Mapping[str, Any]
    variants: tuple[sqlite3.Row, ...]
    offers: tuple[sqlite3.Row, ...]
    links: tuple[int, ...]
    zone: ZoneInfo

    @property
    def pieces(self) -> int:
        """Pieces in stock."""
        return sum(row["stock"] for row in self.variants)

    @property
    def prices(self) -> set[int]:
        """The lowest and the highest price, in minor units."""
        prices = [row["price"] for row in self.variants]
        return {min(prices), max(prices)} if prices else set()


class Oracle:
    """Judges sentences about the products of one room, in the database of a shop."""

    def __init__(self, database: sqlite3.Connection, room: str, zone: ZoneInfo) -> None:
        self._database, self._room, self._zone = database, room, zone

    def true(self, text: str, topic: str, product_id: str, language: str, at: datetime) -> bool:
        """Whether a sentence of a topic about a product is true at `at`."""
        if topic in _FREE:
            return True
        rows = self._rows(product_id, at)
        if topic in _NEEDS_NO_STOCK:
            return rows.pieces == 0
        return rows.pieces > 0 and _JUDGES.get(topic, _any)(text, language, rows)

    def _rows(self, product_id: str, at: datetime) -> Rows:
        """One read of all that matters. A product that is not active has nothing in stock."""
        head = self._one("SELECT active, category, data FROM products WHERE id = ?", product_id)
        data = orjson.loads(head["data"]) if head else {}
        active = bool(head and head["active"])
        variants = self._all("SELECT * FROM variants WHERE product_id = ? AND stock > 0", product_id) if active else []
        offers = [
            row for row in self._all("SELECT * FROM promotions") if _running(row, at) and row["room"] in ("", self._room)
        ]
        links = self._all("SELECT * FROM links WHERE room = ? AND product_id = ?", self._room, product_id)
        return Rows(
            data,
            tuple(variants),
            tuple(row for row in offers if _covers(row["applies_to"], product_id, head["category"] if head else "")),
            tuple(row["number"] for row in links if _running(row, at)),
            self._zone,
        )

    def _all(self, query: str, *values: str) -> list[sqlite3.Row]:
        return self._database.execute(query, values).fetchall()

    def _one(self, query: str, *values: str) -> sqlite3.Row | None:
        return next(iter(self._all(query, *values)), None)


# ---------------------------------------------------------------- judges, a topic each


def _any(text: str, language: str, rows: Rows) -> bool:
    """A sentence that only names the product."""
    return not _amounts(text)


def _price(text: str, language: str, rows: Rows) -> bool:
    return _amounts(text) == rows.prices


def _answer(text: str, language: str, rows: Rows) -> bool:
    """The prices of some variants that can be bought."""
    amounts = _amounts(_without_name(text, rows))
    return bool(amounts) and amounts <= {row["price"] for row in rows.variants}


def _former(text: str, language: str, rows: Rows) -> bool:
    pairs = {(row["price"], row["compare_at"]) for row in rows.variants}
    if len(pairs) != 1:
        return False
    price, former = pairs.pop()
    return former is not None and {price, former} <= _amounts(text) <= {price, former, former - price}


def _to_pay(text: str, language: str, rows: Rows) -> bool:
    if len(rows.prices) != 1:
        return False
    price = left = min(rows.prices)
    for row in sorted(rows.offers, key=_turn):
        if row["min_spend"] is None or left >= row["min_spend"]:
            left -= _off(row, left)
    return left in _amounts(text) and _amounts(text) <= {price, left}


def _few(text: str, language: str, rows: Rows) -> bool:
    return rows.pieces <= FEW and str(rows.pieces) in _NUMBER.findall(_without_name(text, rows))


def _plenty(text: str, language: str, rows: Rows) -> bool:
    return rows.pieces > FEW


def _sizes(text: str, language: str, rows: Rows) -> bool:
    sizes = {row["size"] for row in rows.variants}
    return all(size in text for size in sizes) and _counted(text, language) == len(sizes)


def _colors(text: str, language: str, rows: Rows) -> bool:
    colors = {row[f"color_{language}"] for row in rows.variants}
    return all(color in text for color in colors) and _counted(text, language) == len(colors)


def _link(text: str, language: str, rows: Rows) -> bool:
    return any(str(number) in _NUMBER.findall(_without_name(text, rows)) for number in rows.links)


def _offer(text: str, language: str, rows: Rows) -> bool:
    return any(row[f"name_{language}"] in text for row in rows.offers)


def _offer_end(text: str, language: str, rows: Rows) -> bool:
    for row in rows.offers:
        if row[f"name_{language}"] in text and row["ends_at"]:
            end = datetime.fromisoformat(row["ends_at"]).astimezone(rows.zone)
            rest = _NUMBER.findall(text.replace(row[f"name_{language}"], ""))
            return f"{end:%H:%M}" in text and str(end.day) in rest
    return False


def _property(text: str, language: str, rows: Rows) -> bool:
    pairs = [(row["label"][language], row["value"][language]) for row in rows.product.get("attributes", ())]
    return any(label in text and value in text for label, value in pairs)


def _size_help(text: str, language: str, rows: Rows) -> bool:
    numbers = _NUMBER.findall(text)
    for row in rows.product.get("size_chart", ()):
        bounds = [*(row["height_cm"] or ()), *(row["weight_kg"] or ())]
        if len(bounds) == 4 and row["size"] in text and all(f"{bound:g}" in numbers for bound in bounds):
            return any(variant["size"] == row["size"] for variant in rows.variants)
    return False


def _told(field: str) -> Callable[[str, str, Rows], bool]:
    """A judge for a text of the product's that must be said as it stands."""

    def judge(text: str, language: str, rows: Rows) -> bool:
        return rows.product[field][language] in text

    return judge


def _warranty(text: str, language: str, rows: Rows) -> bool:
    return str(rows.product["warranty_months"]) in _NUMBER.findall(_without_name(text, rows))


_JUDGES: Mapping[str, Callable[[str, str, Rows], bool]] = {
    "answer": _answer,
    "price": _price,
    "price_fell": _price,
    "correction": _price,
    "former": _former,
    "to_pay": _to_pay,
    "few": _few,
    "in_stock": _plenty,
    "sizes": _sizes,
    "colors": _colors,
    "size_help": _size_help,
    "closing": _link,
    "offer": _offer,
    "offer_end": _offer_end,
    "property": _property,
    "about": _told("description"),
    "final_sale": _told("final_sale_reason"),
    "warranty": _warranty,
}


# ---------------------------------------------------------------- reckoning


def _amounts(text: str) -> set[int]:
    """The amounts in a text, in minor units."""
    return {int(Decimal(found.replace(",", "")) * 100) for found in _AMOUNT.findall(text)}


def _counted(text: str, language: str) -> int:
    """How many things the list in a text has."""
    return text.count("、") + 1 if language == "zh" else text.count(", ") + text.count(" and ") + 1


def _without_name(text: str, rows: Rows) -> str:
    for name in rows.product["name"].values():
        text = text.replace(name, "")
    return text


def _running(row: sqlite3.Row, at: datetime) -> bool:
    starts, ends = (datetime.fromisoformat(row[key]) if row[key] else None for key in ("starts_at", "ends_at"))
    return (starts is None or starts <= at) and (ends is None or at < ends)


def _covers(scope: str, product_id: str, category: str) -> bool:
    kind, _, name = scope.partition(":")
    return kind == "all" or (name == product_id if kind == "product" else f"{category}/".startswith(f"{name}/"))


def _turn(row: sqlite3.Row) -> tuple[int, bool, str]:
    return _SCOPES.index(row["applies_to"].partition(":")[0]), row["min_spend"] is not None, row["id"]


def _off(row: sqlite3.Row, amount: int) -> int:
    if row["kind"] == "percent":
        return int((Decimal(amount) * Decimal(row["value"]) / 100).to_integral_value(ROUND_FLOOR))
    return min(int(row["value"]), amount) if row["kind"] == "amount" else 0
