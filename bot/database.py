"""How a room opens its SQL database: one way for SQLite and PostgreSQL, migrated before it is used."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import BadSettings, StorageUnavailable
from bot.private import private_file, private_folder
from bot.text import without_password

# How long a SQLite writer waits for another process to finish before the database counts as locked, in seconds.
BUSY_TIMEOUT_S = 5.0
# The advisory lock of PostgreSQL that whoever migrates holds.
MIGRATING = 0x73747264
# Connections that are kept open. SQLite may have more at once, which are opened and closed again and take longer than their
# work; with PostgreSQL, who wants more waits for one.
POOL_SIZE = 16
# After how long a connection to PostgreSQL is ended from which nothing is heard, in seconds: an end that is idle asks after
# the first time without a word, then every interval, so many times.
UNHEARD_S = 10
_SILENCE = {"idle": 4, "interval": 2, "count": 3}


def open_engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> AsyncEngine:
    """An engine for `url` (`sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://...`); no connection is made yet.

    SQLite runs in WAL mode, so that readers never wait for the writer, and syncs at checkpoints: a killed process loses
    nothing, a power cut at most the last moments. What is deleted there is overwritten. Raises BadSettings for a URL that
    names no database we speak, or a file where none can be.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            engine = create_async_engine(parsed, pool_size=POOL_SIZE, max_overflow=0, pool_pre_ping=True)
            event.listen(engine.sync_engine, "connect", _notice_silence)
            return engine
        in_file = bool(parsed.database) and parsed.database != ":memory:"
        if in_file:
            _make_private(Path(str(parsed.database)))
        pool = {"pool_size": POOL_SIZE} if in_file else {}  # what is in memory has one connection
        engine = create_async_engine(parsed, connect_args={"timeout": busy_timeout_s}, **pool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise BadSettings(
            f"database URL {without_password(url)!r} cannot be used ({error}).",
            remedy="Use sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER@HOST/NAME (extra: streamdesk[postgres]).",
        ) from error
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    return engine


def _notice_silence(connection: Any, _record: Any) -> None:
    """Have both ends of a connection to PostgreSQL end it when nothing of the other arrives any more.

    A machine that lost its power, or a router that forgot a connection, says nothing: without this a statement would wait
    for a quarter of an hour, and the locks of a dead machine's conversations for two hours (tcp(7), and PostgreSQL's
    documentation, "Connection Settings").
    """
    cursor = connection.cursor()
    for name, value in _SILENCE.items():
        cursor.execute(f"SET tcp_keepalives_{name} = {value}")
    cursor.close()
    connection.commit()  # or the pool would take it back
    line = connection.driver_connection._transport.get_extra_info("socket")  # asyncpg has no public way to it
    if line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {"TCP_KEEPIDLE": _SILENCE["idle"], "TCP_KEEPINTVL": _SILENCE["interval"], "TCP_KEEPCNT": _SILENCE["count"]}
    for name, value in {**options, "TCP_USER_TIMEOUT": UNHEARD_S * 1000}.items():
        if (option := getattr(socket, name, None)) is not None:  # not every system has each
            line.setsockopt(socket.IPPROTO_TCP, option, value)


def _make_private(file: Path) -> None:
    """The database's folder and file, readable by nobody else; what SQLite puts beside the file gets its permissions."""
    try:
        private_folder(file.parent)
        private_file(file)
    except OSError as error:
        raise BadSettings(f"the database's file cannot be made: {error}.", remedy="Name another folder.") from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a database that is locked, gone or full into StorageUnavailable."""
    try:
        yield
    except DBAPIError as error:
        raise StorageUnavailable(f"the database does not answer: {error.orig}") from error
    except PoolTimeout as error:
        raise StorageUnavailable(f"every connection to the database is taken: {error}") from error
    except OSError as error:
        raise StorageUnavailable(f"the database does not answer: {error}") from error


async def migrate(engine: AsyncEngine, scripts: Path, version_table: str) -> None:
    """Bring a database to the newest revision under `scripts` (an Alembic environment). Safe to run at every start.

    Raises StorageUnavailable when the database does not answer.
    """
    with storage_errors():
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, scripts, version_table)


def _upgrade(connection: Connection, scripts: Path, version_table: str) -> None:
    from alembic import command  # only needed once per start
    from alembic.config import Config

    if connection.dialect.name == "postgresql":  # processes that start together would lay out the same tables
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")

    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes.update(connection=connection, version_table=version_table)
    command.upgrade(config, "head")


def run_migrations() -> None:
    """The body of every room's Alembic `env.py`."""
    from alembic import context

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, version_table=context.config.attributes["version_table"])
    with context.begin_transaction():
        context.run_migrations()
