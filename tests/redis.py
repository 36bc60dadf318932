"""A throw-away Redis for tests: started from the system's program on a free loopback port, gone afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.bench_service import free_port

# How long a server may take to listen, in seconds.
START_S = 10.0


@dataclass(slots=True)
class RedisServer:
    """One server, that can be killed and started again at the same address."""

    program: str
    port: int
    folder: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.running = subprocess.Popen([self.program, *options], stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + START_S
        while not self._listens():
            assert time.monotonic() < give_up, "redis-server does not listen"
            time.sleep(0.02)

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """A server that runs. Skips where the program or the package is missing."""
    pytest.importorskip("redis")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed here (Debian: apt-get install redis-server)")
    server = RedisServer(program, free_port(), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
