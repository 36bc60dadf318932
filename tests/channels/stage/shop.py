"""Goods of three trades for the stage, and facts made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.commerce import Attribute, Money, Product, Promotion, ShelfLink, SizeRow, Text, Variant
from channels.stage.facts import Facts
from channels.stage.narration import Narrator

NOW = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
NARRATOR = Narrator(ZONE)

TENT = Product(
    "T1",
    Text("两人帐篷", "Two-Person Tent"),
    "camp",
    "",
    (
        Variant("T1-G", Text("绿色", "Green"), "", Money(59900), 30, Money(79900)),
        Variant("T1-R", Text("红色", "Red"), "", Money(59900), 5, Money(79900)),
    ),
    description=Text("双层，十分钟搭好。", "Two layers, up in ten minutes."),
    attributes=(
        Attribute("hh", Text("水压", "Hydrostatic head"), Text("3000 mm", "3000 mm")),
        Attribute("mass", Text("总重", "Total mass"), Text("2.1 kg", "2.1 kg")),
    ),
    warranty_months=24,
)
GUITAR = Product(
    "G1",
    Text("民谣吉他", "Folk Guitar"),
    "music",
    "",
    (Variant("G1-1", Text(), "", Money(129900), 4),),
    attributes=(Attribute("wood", Text("面板", "Top"), Text("云杉", "spruce")),),
    returnable=False,
    final_sale_reason=Text("定制刻字", "engraved to order"),
)
NAPPY = Product(
    "N1",
    Text("纸尿裤", "Nappies"),
    "baby",
    "",
    tuple(Variant(f"N1-{size}", Text(), size, Money(price), 90) for size, price in (("S", 8900), ("M", 9900), ("L", 9900))),
    size_chart=(SizeRow("M", (60, 80), (6, 11)), SizeRow("XL", (80, 95), (12, 17))),
)
GOODS = (TENT, GUITAR, NAPPY)
OFFER = Promotion(
    "O1",
    Text("满 500 减 50", "¥50 off from ¥500"),
    "amount",
    "5000",
    "all",
    min_spend=Money(50000),
    ends_at=NOW + timedelta(days=2),
)


def facts_of(product: Product, at: datetime = NOW, promotions: tuple[Promotion, ...] = (OFFER,), **changes: Any) -> Facts:
    """The facts of a product under link 7, with an offer."""
    links = [ShelfLink("main", 7, product.id)]
    return Facts.of(product, at, changes.get("links", links), promotions)


def texts(facts: Facts, language: str, seed: str = "1", narrator: Narrator | None = None) -> list[str]:
    """All that a long script says."""
    return [sentence.text for sentence in (narrator or NARRATOR).script(facts, language, seed, 600)]
