"""What scenarios are played on: the whole service over the demo shop, put back as it was before each of them.

The shop is loaded once a day into `var/scenarios` and copied from there; copying is SQLite's own online backup, so that the
service stays open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from actions.codes import masked
from bot.app import Service, load, open_service, open_shop
from bot.commerce import Customer
from bot.demo import is_loaded, note_loaded
from bot.fakes import FakeClock
from bot.settings import Settings
from bot.types import Language

SHOP = Path("demo/shop")
FOLDER = Path("var/scenarios")
# Signs the tokens of the shop's site, on the stage only.
SITE_SECRET = "a secret of the stage, long enough for HMAC-SHA256"  # noqa: S105
# Bookkeeping of the migrations, no rows of the shop.
_NOT_OF_THE_SHOP = ("alembic_version", "sqlite_")


class Codes:
    """A `CodeSender` that keeps what it should send."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, customer: Customer, code: str, language: Language) -> str:
        """Keep the code. It goes where e-mail would."""
        self.sent.append(code)
        return masked(customer.email)


@dataclass(frozen=True, slots=True)
class Stage:
    """The service, its clock, and the shop's database as it is and as it was.

    `talk` is the database of the conversations, `silent` the same before anybody said anything; `codes` the one-time codes
    that were sent, latest last.
    """

    service: Service
    clock: FakeClock
    shop: Path
    pristine: Path
    talk: Path
    silent: Path
    codes: Codes
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def reset(self) -> None:
        """Everything in the shop as it was loaded, nothing said or guessed yet, and the clock at the present."""
        self.clock.time = self.started
        self.codes.sent.clear()
        _copy(self.pristine, self.shop)
        _copy(self.silent, self.talk)

    def changed(self) -> dict[str, int]:
        """How many rows of each table are not as they were: added, changed or gone."""
        with closing(sqlite3.connect(self.shop)) as connection:
            connection.execute("ATTACH ? AS pristine", (str(self.pristine),))
            tables = [name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
            counts = {name: _difference(connection, name) for name in tables if not name.startswith(_NOT_OF_THE_SHOP)}
        return {name: count for name, count in counts.items() if count}

    def rows(self, table: str, where: Mapping[str, object]) -> list[dict[str, object]]:
        """Rows of the shop's table where every column of `where` has its value."""
        with closing(sqlite3.connect(self.shop)) as connection:
            connection.row_factory = sqlite3.Row
            condition = " AND ".join(f'"{column}" = ?' for column in where) or "1"
            query = f'SELECT * FROM "{table}" WHERE {condition}'  # noqa: S608 - names from our own scenarios
            return [dict(row) for row in connection.execute(query, list(where.values()))]

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """The shop while one of its tables cannot be read."""
        with closing(sqlite3.connect(self.shop)) as connection:
            connection.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_away"')
        try:
            yield
        finally:
            with closing(sqlite3.connect(self.shop)) as connection:
                connection.execute(f'ALTER TABLE "{table}_away" RENAME TO "{table}"')


@asynccontextmanager
async def open_stage(
    settings: Settings, *, has_desk: bool = True, folder: Path = FOLDER, shop_folder: Path = SHOP
) -> AsyncIterator[Stage]:
    """The service over a copy of a shop, the demo's or another, which is loaded first where that was not done today."""
    kept = _moved(settings, folder, folder)
    if not is_loaded(shop_folder, kept):
        async with open_shop(kept) as parts:
            await load(shop_folder, parts, kept, replace=True)
        note_loaded(shop_folder, kept)
    with TemporaryDirectory() as temporary:
        played = _moved(settings, folder, Path(temporary))
        pristine, shop = Path(temporary) / "pristine.db", Path(temporary) / "shop.db"
        _copy(folder / "shop.db", shop)
        clock = FakeClock(datetime.now(UTC))
        codes = Codes()
        async with open_service(played, clock=clock, has_desk=has_desk, codes=codes) as service:
            talk, silent = Path(temporary) / "streamdesk.db", Path(temporary) / "silent.db"
            _copy(talk, silent)
            _copy(shop, pristine)  # as the service has opened it: what was loaded before may be of an older schema
            yield Stage(service, clock, shop, pristine, talk, silent, codes)


def _moved(settings: Settings, kept: Path, databases: Path) -> Settings:
    """The settings with index and pictures under `kept` and both databases under `databases`."""
    return settings.model_copy(
        update={
            "storage": settings.storage.model_copy(update={"url": f"sqlite+aiosqlite:///{databases}/streamdesk.db"}),
            "shop": settings.shop.model_copy(
                update={
                    "url": f"sqlite+aiosqlite:///{databases}/shop.db",
                    "pictures": kept / "pictures",
                    "link_secret": SecretStr(SITE_SECRET),
                }
            ),
            "knowledge": settings.knowledge.model_copy(update={"index": kept / "index"}),
        }
    )


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(target)) as copy:
        whole.backup(copy)


def _difference(connection: sqlite3.Connection, table: str) -> int:
    def only_in(one: str, other: str) -> int:
        rows = f'SELECT * FROM {one}."{table}" EXCEPT SELECT * FROM {other}."{table}"'  # noqa: S608 - names of tables
        return len(connection.execute(rows).fetchall())

    return max(only_in("main", "pristine"), only_in("pristine", "main"))
