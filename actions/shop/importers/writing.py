"""From what an importer read to the shop's tables: one load is one transaction, whatever it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.shop import tables
from actions.shop.importers.records import Catalogue, History
from actions.shop.importers.report import LoadReport
from actions.shop.sql import SqlShop

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """Everything that an importer took, as rows, and its report.

    The catalogue and the offers become what was read; of the history, what is there already is kept.
    """

    catalogue: Catalogue
    report: LoadReport
    offers: tuple[tuple[sa.Table, list[dict[str, Any]]], ...] = ()
    history: tuple[History, ...] = field(default=())


async def write(shop: SqlShop, taken: Taken, *, replace: bool = False, progress: Progress = lambda name: None) -> LoadReport:
    """Write all of it. With `replace`, the history starts over, too. Raises ShopUnavailable when nothing was written."""
    async with shop.transaction() as connection:
        progress("catalogue")
        await _replace_catalogue(connection, taken.catalogue)
        progress("offers")
        for table, rows in taken.offers:
            await connection.execute(table.delete())
            await _insert(connection, table, rows)
        for history in taken.history:
            progress(history.table.name)
            await _merge(connection, history, taken.report, replace=replace)
    return taken.report


async def _replace_catalogue(connection: AsyncConnection, catalogue: Catalogue) -> None:
    """Products that are not named any more stay for the orders that hold them, but are no longer sold."""
    await connection.execute(tables.products.update().values(active=0))
    await connection.execute(tables.products.delete().where(tables.products.c.id.in_(catalogue.product_ids)))
    await _insert(connection, tables.products, catalogue.products)
    await _insert(connection, tables.variants, catalogue.variants)


async def _merge(connection: AsyncConnection, history: History, report: LoadReport, *, replace: bool) -> None:
    """Insert heads with their parts; those that are there already are kept, or overwritten when `replace`."""
    table = history.table
    present = {row.id for row in await connection.execute(sa.select(table.c.id))}
    again = [row["id"] for row in history.heads if row["id"] in present]
    if replace:
        for start in range(0, len(again), 500):  # databases limit the parameters of a statement
            batch = again[start : start + 500]
            await connection.execute(table.delete().where(table.c.id.in_(batch)))
            if table is tables.orders:
                for part in (tables.returns, tables.payments, tables.cases, tables.audit):
                    await connection.execute(part.delete().where(part.c.order_id.in_(batch)))
        kept: set[str] = set()
    else:
        kept = set(again)
        for file in report.files:
            if file.table == table.name and history.counted:
                file.kept, file.taken = len(kept), file.taken - len(kept)
    await _insert(connection, table, (row for row in history.heads if row["id"] not in kept))
    if history.parts_table is not None:
        await _insert(connection, history.parts_table, (row for row in history.parts if row[history.owner] not in kept))


async def _insert(connection: AsyncConnection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if rows := list(rows):
        await connection.execute(table.insert(), rows)
