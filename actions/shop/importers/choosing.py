"""Which importer a folder is for, told by the files in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from actions.shop.importers.ecombench import is_ecombench, read_ecombench
from actions.shop.importers.folder import read_folder
from actions.shop.importers.report import LoadReport
from actions.shop.importers.shopify import is_shopify, read_shopify
from actions.shop.importers.taubench import is_taubench, read_taubench
from actions.shop.importers.writing import Progress, Taken, write
from actions.shop.sql import SqlShop


def read_shop(path: Path, today: date) -> Taken:
    """What the files in a folder hold: our own form, Shopify's exports, tau-bench's or ECom-Bench's JSON.

    Raises BadDocument.
    """
    if is_taubench(path):
        return read_taubench(path)
    if is_ecombench(path):
        return read_ecombench(path)
    if is_shopify(path):
        return read_shopify(path)
    return read_folder(path, today)


async def load_shop(
    path: Path, shop: SqlShop, today: date, *, replace: bool = False, progress: Progress = lambda name: None
) -> LoadReport:
    """Read a folder of any of these forms into the shop's tables.

    Raises BadDocument when it is none, ShopUnavailable when nothing was written.
    """
    return await write(shop, read_shop(path, today), replace=replace, progress=progress)
