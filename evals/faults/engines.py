"""PostgreSQL and Redis of this machine's own programs, on free ports, to be stopped and started while they are used."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Unavailable
from evals.bench_service import free_port
from evals.data import NoData

# How long a Redis may take to listen, in seconds.
START_S = 10.0


def postgres_programs() -> Path:
    """The folder with PostgreSQL's programs. Raises NoData where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        raise NoData("PostgreSQL is not installed here (Debian: apt-get install postgresql).")
    return versions[-1].parent


def redis_program() -> str:
    """Redis' server. Raises NoData where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        raise NoData("redis-server is not installed here (Debian: apt-get install redis-server).")
    return program


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """One server on 127.0.0.1, with the user `tests` and no password. As root it runs as the system's user postgres.

    `safe`: what is committed is on the disk, as it is where people are served; without, a start takes half as long.
    """

    programs: Path
    port: int
    folder: Path
    safe: bool = False

    @property
    def url(self) -> str:
        """Of the server; a database's name is to follow."""
        return f"postgresql+asyncpg://tests@127.0.0.1:{self.port}"

    def lay_out(self) -> None:
        """Make the server's files."""
        self._run("initdb", "-U", "tests", "-A", "trust", "-E", "UTF8")

    def start(self) -> None:
        """Start it and wait until it answers."""
        fsync = "on" if self.safe else "off"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync={fsync} -k {self.folder}"
        self._run("pg_ctl", "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop it at once, as a crash does."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *options: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *options]
        user = "postgres" if os.geteuid() == 0 else None
        nothing = subprocess.DEVNULL
        subprocess.run(command, check=True, stdout=nothing, stderr=nothing, cwd=self.folder, user=user)  # noqa: S603


@contextmanager
def running_postgres(*, safe: bool = False) -> Iterator[PostgresServer]:
    """A server that runs. Raises NoData where the programs are missing."""
    programs = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="streamdesk-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = PostgresServer(programs, free_port(), Path(folder), safe)
        server.lay_out()
        server.start()
        try:
            yield server
        finally:
            server.stop()


async def create_database(server: str, name: str) -> str:
    """An empty database on the server at this URL. Returns the database's URL."""
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(server.replace("+asyncpg", "") + "/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"{server}/{name}"


@dataclass(slots=True)
class RedisServer:
    """One server, that can be killed and started again at the same address, empty."""

    program: str
    port: int
    folder: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of the server."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens. Raises Unavailable."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.running = subprocess.Popen([self.program, *options], stdout=subprocess.DEVNULL)  # noqa: S603
        give_up = time.monotonic() + START_S
        while not self._listens():
            if time.monotonic() > give_up:
                raise Unavailable("redis-server does not listen")
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it; all that it held is gone."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A server that runs. Raises NoData where the program is missing."""
    server = RedisServer(redis_program(), free_port(), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
