"""Our own folder form: CSV files that a merchant can export or keep by hand (docs/shop-folder.md).

Rows that cannot be taken are reported and left out; the rest is taken. An order is taken whole: a line whose variant was not
taken stays, without a product, because its money is part of the order's. The catalogue and the offers become what the folder
says. Customers, orders, parcels and returns that are there already are kept as they are, because the shop and the bot have
worked on them since; `replace=True` starts them over: the returns, the money, the cases and the audit of a replaced order
are the folder's again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.shop.importers import records
from actions.shop.importers.cells import Cells, RowRefused, days_to, read_rows
from actions.shop.importers.columns import unknown_columns
from actions.shop.importers.report import FileReport, LoadReport, Refusal
from actions.shop.importers.writing import Taken
from bot.errors import BadDocument


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
        report = FileReport(name, table=Path(name).stem, unknown=unknown_columns(path))
        self.report.files.append(report)
        taken: list[dict[str, Any]] = []
        for cells in read_rows(path, columns, days_to(self.today, self.as_of), self.zone):
            try:
                taken.append(read(cells))
            except RowRefused as refused:
                report.refused.append(refused.refusal)
        report.taken = len(taken)
        return taken

    def note(self, name: str, noted: Refusal) -> None:
        """Say of a row that was taken from a file what is wrong with it all the same."""
        next(file for file in self.report.files if file.name == name).noted.append(noted)


def read_folder(path: Path, today: date) -> Taken:
    """Everything in the shop folder at `path`. Raises BadDocument when it is none."""
    folder = open_folder(path, today)
    catalogue = records.read_catalogue(folder)
    offers = tuple(records.read_offers(folder, catalogue.product_ids))
    history = tuple(records.read_history(folder, catalogue.skus))
    return Taken(catalogue, folder.report, offers, history)


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


def today_in(zone: str, now: datetime) -> date:
    """The calendar day in `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()
