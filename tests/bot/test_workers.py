"""The parent of several processes: it replaces the dead, ends the living, and gives up where none can start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.errors import BadSettings
from bot.settings import Settings
from bot.workers import check_shareable, listen
from evals.bench_service import free_port

# A worker that tells each caller its process id; with "broken" none comes up.
PARENT = """
import os, signal, socket, sys
from bot.workers import Workers, listen

def serve(listening, ready):
    if sys.argv[2] == "broken":
        return 2
    listening.setblocking(True)
    ready()
    while True:
        caller, _ = listening.accept()
        caller.sendall(str(os.getpid()).encode())
        caller.close()

Workers(2, listen("127.0.0.1", int(sys.argv[1])), serve).run()
"""


@contextmanager
def parent(port: int, how: str = "sound") -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(port), how], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        yield running
    finally:
        running.terminate()
        running.communicate(timeout=20)


def ask(port: int) -> int:
    """The process id of whoever answers, as soon as somebody does."""
    give_up = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
                return int(asking.recv(64))
        except (ConnectionError, ValueError):
            assert time.monotonic() < give_up
            time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_whoever_dies_is_replaced_and_a_signal_ends_all() -> None:
    port = free_port()
    with parent(port) as running:
        seen = {ask(port)}
        for _ in range(3):
            os.kill(victim := ask(port), signal.SIGKILL)
            seen.add(victim)
            assert ask(port) != victim, "somebody answers meanwhile"
        seen.add(ask(port))
        assert running.pid not in seen
    assert running.returncode == 0
    assert not any(is_alive(pid) for pid in seen)


def test_where_the_first_does_not_come_up_nobody_goes_on() -> None:
    with parent(free_port(), "broken") as running:
        assert running.wait(timeout=20) != 0
        assert running.stderr and b"did not come up" in running.stderr.read()


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadSettings, match=f"127.0.0.1:{taken.getsockname()[1]} cannot be listened at"):
            listen("127.0.0.1", taken.getsockname()[1])


SHARED = {"STREAMDESK_STORAGE__URL": "postgresql+asyncpg://streamdesk@127.0.0.1/streamdesk"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"STREAMDESK_STORAGE__URL": "sqlite+aiosqlite:///x.db"}, "storage.url: 2 workers cannot share embedded SQLite"),
        (SHARED | {"STREAMDESK_CHANNELS__TELEGRAM__ENABLED": "true"}, "channels.telegram: 2 workers cannot share"),
        (SHARED | {"STREAMDESK_CHANNELS__SLACK__ENABLED": "true"}, "channels.slack: 2 workers cannot share"),
    ],
)
def test_what_workers_cannot_share_is_refused_by_name(environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        check_shareable(2, Settings.load(environment=environment))


def test_on_postgresql_with_the_web_alone_there_may_be_many() -> None:
    check_shareable(2, Settings.load(environment=SHARED))
