"""A throw-away PostgreSQL server for tests: started from the system's binaries, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _binaries() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        pytest.skip("PostgreSQL is not installed here (Debian: apt-get install postgresql)")
    return versions[-1].parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; yields `postgresql+asyncpg://tests@127.0.0.1:PORT`. As root it runs as postgres."""
    binaries, port = _binaries(), _free_port()
    as_user = {"user": "postgres"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="streamdesk-pg-") as folder:
        if as_user:
            shutil.chown(folder, "postgres")
        data = Path(folder) / "data"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **as_user}
        subprocess.run([binaries / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8"], check=True, **quiet)  # type: ignore[call-overload]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        subprocess.run([binaries / "pg_ctl", "-D", data, "-o", options, "-w", "start"], check=True, **quiet)  # type: ignore[call-overload]
        try:
            yield f"postgresql+asyncpg://tests@127.0.0.1:{port}"
        finally:
            subprocess.run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, **quiet)  # type: ignore[call-overload]


def fresh_database(server: str) -> str:
    """Create an empty database on `server` and return its URL."""
    name = f"t{uuid.uuid4().hex}"

    async def create() -> None:
        import asyncpg

        connection = await asyncpg.connect(server.replace("+asyncpg", "") + "/postgres")
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    def in_own_loop() -> None:
        asyncio.run(create())

    import threading

    thread = threading.Thread(target=in_own_loop)
    thread.start()
    thread.join()
    return f"{server}/{name}"
