"""The service with several workers as processes, which may be killed one by one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

# How long the service may take to end, in seconds.
END_S = 60.0


@contextmanager
def workers(count: int, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`streamdesk serve --workers COUNT`, its words behind those in `log`; gone afterwards with all its processes."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--workers", str(count)]
    with log.open("ab") as words:
        running = subprocess.Popen(  # noqa: S603
            command, stdout=words, stderr=words, env={**os.environ, **environment}, start_new_session=True
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(END_S)
        finally:
            if running.returncode is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()


@asynccontextmanager
async def workers_beside(count: int, environment: Mapping[str, str], log: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`workers`, for whoever carries what these say to others: their end is waited for elsewhere."""
    service = workers(count, environment, log)
    running = service.__enter__()
    try:
        yield running
    finally:
        await asyncio.to_thread(service.__exit__, None, None, None)


def children(pid: int) -> list[int]:
    """The processes that `pid` has made and that are alive."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def connections(pid: int, port: int) -> int:
    """How many connections at this port of this machine a process has."""
    return len(_sockets(pid) & _established(port))


def _sockets(pid: int) -> set[str]:
    """The inodes of the sockets that a process has open."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(file.readlink())
        except OSError:
            continue  # closed meanwhile
        if target.startswith("socket:["):
            found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found


def _established(port: int) -> set[str]:
    """The inodes of connections at a port; the columns are those of proc(5), /proc/net/tcp."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"}
