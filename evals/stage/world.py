"""The shop behind a simulated show: a database in which prices, stock, offers and texts change under the host."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import orjson

from actions.shop.importers.choosing import load_shop
from actions.shop.sql import SqlShop

SHOP = Path("demo/shop")
ROOM = "main"


@dataclass(frozen=True, slots=True)
class World:
    """The shop through its port, the same tables by hand, and the products of the room."""

    shop: SqlShop
    database: sqlite3.Connection
    products: tuple[str, ...]

    def sellable(self) -> frozenset[str]:
        """The products that can be bought now."""
        query = "SELECT product_id FROM variants JOIN products ON products.id = product_id WHERE stock > 0 AND active"
        return frozenset(row["product_id"] for row in self.database.execute(query))

    def change(self, kind: str, product_id: str, at: datetime, dice: Random) -> None:
        """Change something about a product; `kind` is a key of `CHANGES`."""
        CHANGES[kind](self.database, product_id, at, dice)
        self.database.commit()


@asynccontextmanager
async def open_world(start: datetime) -> AsyncIterator[World]:
    """The demo shop, freshly loaded into a database that is gone afterwards."""
    with TemporaryDirectory(prefix="streamdesk-show-") as folder:
        file = Path(folder) / "shop.db"
        shop = await SqlShop.open(f"sqlite+aiosqlite:///{file}")
        try:
            await load_shop(SHOP, shop, start.date())
            links = await shop.shelf(ROOM, start)
            with closing(sqlite3.connect(file)) as database:
                database.row_factory = sqlite3.Row
                yield World(shop, database, tuple(dict.fromkeys(link.product_id for link in links)))
        finally:
            await shop.close()


def _price(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """All variants go to another price, or a single one does."""
    one = dice.random() < 0.2
    rows = database.execute("SELECT sku, price FROM variants WHERE product_id = ?", (product_id,)).fetchall()
    for row in [dice.choice(rows)] if one else rows:
        price = max(100, row["price"] * dice.choice((80, 90, 95, 105, 110, 120)) // 10_000 * 100)
        database.execute("UPDATE variants SET price = ? WHERE sku = ?", (price, row["sku"]))


def _sold_out(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    database.execute("UPDATE variants SET stock = 0 WHERE product_id = ?", (product_id,))


def _restock(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """What is sold out of the product comes back, and some of everything else."""
    for row in database.execute("SELECT sku, product_id FROM variants WHERE stock = 0").fetchall():
        if row["product_id"] == product_id or dice.random() < 0.3:
            database.execute("UPDATE variants SET stock = ? WHERE sku = ?", (dice.randint(1, 60), row["sku"]))


def _sales(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """Some variants sell well: few are left, or none."""
    query = "UPDATE variants SET stock = stock * ? / 100 WHERE product_id = ?"
    database.execute(query, (dice.choice((0, 1, 5, 50, 90)), product_id))


def _offer(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """An offer of the shop begins, ends within minutes, or is changed in its value."""
    row = dice.choice(database.execute("SELECT * FROM promotions").fetchall())
    begins = at - timedelta(hours=1) if dice.random() < 0.7 else at + timedelta(minutes=dice.randint(1, 30))
    ends = begins + timedelta(hours=1, minutes=dice.randint(1, 300))
    query = "UPDATE promotions SET starts_at = ?, ends_at = ? WHERE id = ?"
    database.execute(query, (_stored(begins), _stored(ends), row["id"]))
    if row["kind"] == "percent":
        database.execute("UPDATE promotions SET value = ? WHERE id = ?", (str(dice.randint(3, 30)), row["id"]))


def _property(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """A property gets the value of another product's, or is taken away."""
    query = "SELECT data FROM products WHERE id = ?"
    data = orjson.loads(database.execute(query, (product_id,)).fetchone()["data"])
    if data["attributes"]:
        place = dice.randrange(len(data["attributes"]))
        if dice.random() < 0.3 and len(data["attributes"]) > 1:
            del data["attributes"][place]
        else:
            value = f"{dice.randint(2, 999)} mm"
            data["attributes"][place]["value"] = {"zh": value, "en": value}
    database.execute("UPDATE products SET data = ? WHERE id = ?", (orjson.dumps(data).decode(), product_id))


def _link(database: sqlite3.Connection, product_id: str, at: datetime, dice: Random) -> None:
    """Two products change their link numbers."""
    query = "SELECT seq, number FROM links WHERE room = ? AND ends_at IS NULL"
    one, other = dice.sample(database.execute(query, (ROOM,)).fetchall(), 2)
    for row, number in ((one, other["number"]), (other, one["number"])):
        database.execute("UPDATE links SET number = ? WHERE seq = ?", (number, row["seq"]))


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


Change = Callable[[sqlite3.Connection, str, datetime, Random], None]
CHANGES: Mapping[str, Change] = {
    "price": _price,
    "sold_out": _sold_out,
    "restock": _restock,
    "sales": _sales,
    "offer": _offer,
    "property": _property,
    "link": _link,
}
