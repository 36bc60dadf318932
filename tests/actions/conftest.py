"""A shop with one order in every state, copied from one that is built once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actions.shop.sql import SqlShop
from bot.database import open_engine
from tests.actions.counter import Counter, customer, fill, order

ORDERS = (
    order("SD1", "pending", [("P1-1-M", 1, "40"), ("P3-1", 2, "0")], shipping="8", points=(300, 0), coupon="NEW20"),
    order("SD2", "pending_payment", [("P1-1-M", 1, "0")]),
    order("SD3", "shipped", [("P1-1-M", 1, "0")]),
    order("SD4", "delivered", [("P1-1-M", 3, "100"), ("P2-1", 1, "20"), ("P3-1", 1, "0")], shipping="8", points=(100, 1900)),
    order("SD5", "completed", [("P1-1-M", 1, "0")], days_ago=12),
    order("SD6", "delivered", [("P1-1-M", 1, "0")], customer_id="C2"),
    order("SD7", "pending", [("P4-1-S", 2, "0")], method="gift-C1"),
    order("SD8", "delivered", [("P4-1-S", 1, "0")]),
    order("SD9", "delivered", [("P1-1-M", 1, "0")], customer_id="C3"),
)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled shop. Never opened again: copies are."""
    file = tmp_path_factory.mktemp("shop") / "shop.db"

    async def build() -> None:
        shop = await SqlShop.open(f"sqlite+aiosqlite:///{file}")
        await fill(shop, ORDERS, (customer("C1"), customer("C2"), customer("C3", "gold")))
        await shop.close()

    asyncio.run(build())
    return file


@pytest.fixture
async def shop(filled: Path, tmp_path: Path) -> AsyncIterator[SqlShop]:
    """A shop of this test's own."""
    shutil.copy(filled, tmp_path / "shop.db")
    opened = SqlShop(open_engine(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"))  # migrated already
    yield opened
    await opened.close()


@pytest.fixture
def counter(shop: SqlShop) -> Counter:
    """Somebody who has proven to be customer C1."""
    return Counter(shop)
