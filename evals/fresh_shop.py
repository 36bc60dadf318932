"""A benchmark's shop, imported once, and a fresh copy of it for each of its tasks."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from actions.shop.importers.choosing import load_shop
from actions.shop.sql import SqlShop
from bot.database import open_engine


async def imported(folder: Path, file: Path) -> None:
    """Load a shop's folder into a new database."""
    shop = await SqlShop.open(f"sqlite+aiosqlite:///{file}")
    try:
        report = await load_shop(folder, shop, datetime.now(UTC).date())
        assert not report.refused, report  # noqa: S101 - every row of these sets can be taken
    finally:
        await shop.close()


@asynccontextmanager
async def fresh(pristine: Path) -> AsyncIterator[SqlShop]:
    """The shop as it was imported, to be written on."""
    with TemporaryDirectory(prefix="streamdesk-fresh-") as temporary:
        file = Path(temporary) / "shop.db"
        shutil.copy(pristine, file)
        shop = SqlShop(open_engine(f"sqlite+aiosqlite:///{file}"))
        try:
            yield shop
        finally:
            await shop.close()
