"""A throw-away Redis for tests: started from the system's program on a free loopback port, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.data import NoData
from evals.faults import engines
from evals.faults.engines import RedisServer

__all__ = ["RedisServer", "running_redis"]


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A server that runs. Skips where the program or the package is missing."""
    pytest.importorskip("redis")
    try:
        engines.redis_program()
    except NoData as missing:
        pytest.skip(str(missing))
    with engines.running_redis(folder) as server:
        yield server
