"""What every test shares: no socket leaves this machine, and no dependency phones home."""

from __future__ import annotations

import ctypes
import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.redis import RedisServer

os.environ.update(
    ANONYMIZED_TELEMETRY="False",
    HF_HUB_OFFLINE="1",
    LANGSMITH_TRACING="false",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1",
)

# The same examples at every run: a failure that comes and goes tells a reviewer nothing.
# `--hypothesis-profile=default` for luck.
hypothesis.settings.register_profile("reproducible", derandomize=True)
hypothesis.settings.load_profile("reproducible")

_connect = socket.socket.connect


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    if address[0] == "localhost":
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_outside_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise RuntimeError(f"a test tried to reach {address!r}: only loopback is allowed")
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield


# Bytes that the run may grow by before what the tests of a module left behind is given back.
_GROWTH = 400_000_000


def _resident() -> int:
    """The bytes of memory that this process holds; none where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


@pytest.fixture(autouse=True, scope="module")
def memory_is_given_back() -> Iterator[None]:
    """FastAPI remembers the last 4,096 route functions, and with each of ours stands a whole service with its models.

    Left alone, a run of all tests grows past ten gigabytes.
    """
    before = _resident()
    yield
    if _resident() < before + _GROWTH:
        return
    from fastapi.dependencies import models

    for function in vars(models).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own on a free port; skips where its binaries are missing."""
    from tests.postgres import running_server

    with running_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a fresh, empty database."""
    from tests.postgres import fresh_database

    return fresh_database(postgres_server)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of our own on a free port, which may be killed and started again; skips where the program is missing."""
    from tests.redis import running_redis

    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a fresh Redis."""
    return redis_server.url


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all workers of this run share: what takes long to make is made in it once, not once each."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def light_models(run_folder: Path) -> Path:
    """Where understanding is trained once for every service that encodes by hashing."""
    return run_folder / "light-models"


@pytest.fixture(scope="session")
def demo_home(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo shop loaded: shop, pictures, index. To be copied before it is changed."""
    import asyncio

    from bot.once import making
    from evals.bench_service import load_home

    home = run_folder / "demo-home"
    with making(home):
        if not home.is_dir():
            loaded = tmp_path_factory.mktemp("loaded")
            asyncio.run(load_home(loaded))
            loaded.rename(home)
    return home
