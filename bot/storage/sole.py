"""An embedded database has one service: two on one SQLite file would act on states that the other has left behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from bot.errors import BadSettings
from bot.private import private_file


def is_shared(url: str) -> bool:
    """Whether several processes may serve from the database at `url`."""
    return make_url(url).get_backend_name() == "postgresql"


def form(url: str, redis: str = "") -> str:
    """In which form a service on the database at `url`, and perhaps with a Redis, runs, in words."""
    if not is_shared(url):
        return "embedded SQLite, as its only process"
    if redis:
        return "PostgreSQL and Redis, beside any number of others that share its rooms"
    return "PostgreSQL, beside any number of others, each with live rooms of its own (docs/running.md)"


@contextmanager
def sole_service(url: str) -> Iterator[None]:
    """Be the only service on a SQLite file while this holds. Raises BadSettings where another one is.

    The lock on the file beside it belongs to the process: the system takes it back however the process ends.
    """
    parsed = make_url(url)
    if is_shared(url) or not _is_file(parsed):
        yield
        return
    path = Path(f"{parsed.database}.lock")
    private_file(path)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise BadSettings(
                f"another service (process {lock.read().strip() or 'unknown'}) runs on {parsed.database}.",
                where="storage.url",
                remedy="Stop it, or use PostgreSQL: postgresql+asyncpg://USER@HOST/NAME (docs/running.md).",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _is_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:"
