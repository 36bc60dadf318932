"""Product search in the demo shop's catalogue: do the products shown keep to what was asked for?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from ruamel.yaml import YAML

from bot.commerce import Product
from bot.types import Findings, Language, Need
from evals.knowledge_answers import demo_shop
from evals.questions import HERE
from knowledge.recommend.recommender import ShopRecommender


@dataclass(frozen=True, slots=True)
class Sought:
    """One query and what may be shown: see `questions/products.yml`. `within` are prices in major units."""

    text: str
    language: Language
    only: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    none: bool = False
    near: tuple[str, ...] = ()
    within: tuple[int, int] | None = None


def load_sought() -> tuple[list[Sought], list[Sought]]:
    """The development and the test queries: every other one of each language."""
    rows = YAML(typ="safe").load((HERE / "products.yml").read_text("utf-8"))
    development: list[Sought] = []
    test: list[Sought] = []
    for language in ("zh", "en"):
        for n, row in enumerate(row for row in rows if row["language"] == language):
            (test if n % 2 else development).append(_sought(row))
    return development, test


def _sought(row: Mapping[str, Any]) -> Sought:
    lists = {key: tuple(row[key]) for key in ("only", "first", "near", "within") if key in row}
    return Sought(**{**row, **lists, "language": Language(row["language"])})


def keeps(sought: Sought, found: Findings, products: Mapping[str, Product]) -> bool:
    """Whether what was shown is right for a query."""
    shown = [card.product_id for card in found.cards]
    if sought.none:
        return bool(found.passages) and bool(shown) and shown[0] in sought.near
    if not shown or found.passages:
        return False
    if sought.within is not None:
        low, high = sought.within
        cheapest = [min(v.price.major for v in products[name].variants if v.stock > 0) for name in shown]
        return all(low <= price <= high for price in cheapest)
    return (not sought.first or shown[0] in sought.first) and (not sought.only or set(shown) <= set(sought.only))


async def measure(console: Console, *, show_wrong: bool = False) -> dict[str, float]:
    """The part of the queries that are answered rightly, by half; the wrong ones of the development half on request."""
    figures: dict[str, float] = {}
    async with demo_shop() as parts:
        products = {product.id: product for product in await parts.shop.products()}
        recommender = ShopRecommender(parts.shop, parts.encoder)
        for name, half in zip(("development", "test"), load_sought(), strict=True):
            found = [await _find(recommender, sought) for sought in half]
            right = [keeps(sought, findings, products) for sought, findings in zip(half, found, strict=True)]
            figures[name] = sum(right) / len(right)
            console.print(f"Product search, {name}: {sum(right)} of {len(right)} queries ({figures[name]:.0%})")
            if show_wrong and name == "development":
                _print_wrong(console, half, found, right)
    return figures


async def _find(recommender: ShopRecommender, sought: Sought) -> Findings:
    return await recommender.recommend(Need(sought.text, sought.language, asked_at=datetime.now(UTC)))


def _print_wrong(console: Console, half: Sequence[Sought], found: Sequence[Findings], right: Sequence[bool]) -> None:
    for sought, findings, is_right in zip(half, found, right, strict=True):
        if not is_right:
            shown = ", ".join(f"{card.product_id} {card.price} ({card.reason})" for card in findings.cards)
            console.print(f"{sought.text} -> {' '.join(p.text for p in findings.passages)} {shown or 'nothing'}")


if __name__ == "__main__":
    asyncio.run(measure(Console(width=150), show_wrong=True))
