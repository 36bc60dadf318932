"""Our own folder form: CSV files that a merchant can export or keep by hand (docs/shop-folder.md).

One load is one transaction. Rows that cannot be taken are reported and left out; the rest is taken. The catalogue and the
offers become what the folder says. Customers, orders, parcels and returns that are there already are kept as they are,
because the shop and the bot have worked on them since; `replace=True` starts them over: the returns, the money, the cases
and the audit of a replaced order are the folder's again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.shop import tables
from actions.shop.importers import records
from actions.shop.importers.cells import Cells, RowRefused, days_to, read_rows
from actions.shop.importers.report import FileReport, LoadReport
from actions.shop.sql import SqlShop
from bot.errors import BadDocument

Progress = Callable[[str], None]


@dataclass(slots=True)
class Folder:
    """A folder while it is read: the rows for each table, and the report."""

    path: Path
    today: date
    currency: str
    zone: ZoneInfo
    as_of: date | None
    report: LoadReport = field(default_factory=LoadReport)

    def rows(self, name: str, columns: tuple[str, ...], read: Callable[[Cells], dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of one file as `read` makes them; none when the file is not there."""
        path = self.path / name
        if not path.exists():
            return []
        report = FileReport(name)
        self.report.files.append(report)
        taken: list[dict[str, Any]] = []
        for cells in read_rows(path, columns, days_to(self.today, self.as_of), self.zone):
            try:
                taken.append(read(cells))
            except RowRefused as refused:
                report.refused.append(refused.refusal)
        report.taken = len(taken)
        return taken


async def load_folder(
    path: Path, shop: SqlShop, today: date, *, replace: bool = False, progress: Progress = lambda name: None
) -> LoadReport:
    """Load the shop folder at `path`. Raises BadDocument when it is none, ShopUnavailable when nothing was written."""
    folder = open_folder(path, today)
    catalogue = records.read_catalogue(folder)
    offers = records.read_offers(folder, catalogue.product_ids)
    people = records.read_history(folder, catalogue.skus)
    async with shop.transaction() as connection:
        progress("catalogue")
        await _replace_catalogue(connection, catalogue)
        progress("offers")
        for table, rows in offers:
            await connection.execute(table.delete())
            await _insert(connection, table, rows)
        for history in people:
            progress(history.table.name)
            await _merge(connection, history, folder.report, replace=replace)
    return folder.report


def open_folder(path: Path, today: date) -> Folder:
    """Read shop.yml and see that there is a catalogue. Raises BadDocument."""
    if not (path / "products.csv").exists():
        raise BadDocument(
            f"{path} is no shop folder.", where="products.csv", remedy="It needs products.csv and variants.csv."
        )
    settings = _read_settings(path / "shop.yml")
    zone = str(settings.get("timezone", "Asia/Shanghai"))
    as_of = settings.get("dates_as_of")
    try:
        day = as_of if as_of is None or type(as_of) is date else date.fromisoformat(str(as_of))
        folder = Folder(path, today, str(settings.get("currency", "CNY")), ZoneInfo(zone), day)
    except ZoneInfoNotFoundError as error:
        raise BadDocument(
            f"timezone = {zone!r} is unknown.", where="shop.yml", remedy="Use a name like Asia/Shanghai."
        ) from error
    except ValueError as error:
        raise BadDocument(
            f"dates_as_of = {as_of!r} is no date.", where="shop.yml", remedy="Write it as 2026-06-18."
        ) from error
    folder.report.shifted_days = days_to(today, folder.as_of).days
    return folder


def _read_settings(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        settings = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise BadDocument(f"no valid YAML: {error}", where="shop.yml") from error
    if not isinstance(settings, dict):
        raise BadDocument("expected keys and values.", where="shop.yml")
    return settings


async def _replace_catalogue(connection: AsyncConnection, catalogue: records.Catalogue) -> None:
    """Products that the folder no longer names stay for the orders that hold them, but are no longer sold."""
    await connection.execute(tables.products.update().values(active=0))
    await connection.execute(tables.products.delete().where(tables.products.c.id.in_(catalogue.product_ids)))
    await _insert(connection, tables.products, catalogue.products)
    await _insert(connection, tables.variants, catalogue.variants)


async def _merge(connection: AsyncConnection, history: records.History, report: LoadReport, *, replace: bool) -> None:
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
            if file.name == f"{table.name}.csv":
                file.kept, file.taken = len(kept), file.taken - len(kept)
    await _insert(connection, table, (row for row in history.heads if row["id"] not in kept))
    if history.parts_table is not None:
        await _insert(connection, history.parts_table, (row for row in history.parts if row[history.owner] not in kept))


async def _insert(connection: AsyncConnection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if rows := list(rows):
        await connection.execute(table.insert(), rows)


def today_in(zone: str, now: datetime) -> date:
    """The calendar day in `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()
