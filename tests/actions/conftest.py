"""A shop with one order in every state, copied from one that is built once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from actions.buying import Buying
from actions.checkouts import OwnCheckout
from actions.shop.sql import SqlShop
from bot.database import open_engine
from bot.fakes import MemoryPurchases
from tests.actions.counter import CUSTOMERS, ORDERS, Counter, fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled shop. Never opened again: copies are."""
    file = tmp_path_factory.mktemp("shop") / "shop.db"

    async def build() -> None:
        shop = await SqlShop.open(f"sqlite+aiosqlite:///{file}")
        await fill(shop, ORDERS, CUSTOMERS)
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
    buying = Buying(MemoryPurchases(), OwnCheckout("http://test"), timedelta(minutes=10), "main")
    return Counter(shop, buying=buying)
