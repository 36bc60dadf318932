"""A throw-away PostgreSQL server for tests: started from the system's binaries, gone afterwards."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from evals.data import NoData
from evals.faults import engines


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; yields `postgresql+asyncpg://tests@127.0.0.1:PORT`. As root it runs as postgres."""
    try:
        engines.postgres_programs()
    except NoData as missing:
        pytest.skip(str(missing))
    with engines.running_postgres() as server:
        yield server.url


def fresh_database(server: str) -> str:
    """Create an empty database on `server` and return its URL."""
    made: list[str] = []

    def in_own_loop() -> None:
        made.append(asyncio.run(engines.create_database(server, f"t{uuid.uuid4().hex}")))

    thread = threading.Thread(target=in_own_loop)
    thread.start()
    thread.join()
    return made[0]
