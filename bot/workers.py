"""Several processes behind one port: a parent that listens and watches, and workers that it makes and replaces.

The parent opens the socket and loads nothing else; each worker is a fork of it with the whole service. The system gives a
connection to whichever worker takes it first, and one that waits while a worker dies goes to another. The first worker is
ready before the others begin, so that what has to be made once (tables, models) is made once.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.backoff import backoff
from bot.errors import BadSettings, Unavailable
from bot.registered import enabled_channels
from bot.settings import Settings
from bot.storage.sole import form, is_shared

log = structlog.get_logger(__name__)

# Connections that may wait for a worker to take them.
BACKLOG = 2048
# Waits before a worker that died is replaced, in seconds: doubling from the first to the last while they die young.
FIRST_WAIT_S = 0.2
LAST_WAIT_S = 30.0
# A worker that lived this long did not die of its start, in seconds.
YOUNG_S = 60.0
# How often the parent looks after its workers, in seconds.
POLL_S = 0.05
# How long workers may take to stop, in seconds, before they are killed.
STOP_S = 30.0

# What a worker does with the socket that it serves on; it calls the second when it is ready. Returns its exit status.
Serve = Callable[[socket.socket, Callable[[], None]], int]


def check_shareable(count: int, settings: Settings) -> None:
    """Raise BadSettings where so many workers would act on each other's conversations, or meet a platform twice."""
    url = settings.storage.url
    if not is_shared(url):
        raise BadSettings(
            f"{count} workers cannot share {form(url)}.",
            where="storage.url",
            remedy="Use PostgreSQL (docs/running.md), or one worker.",
        )
    if settings.live.sources:
        raise BadSettings(
            f"{count} workers cannot share a room with other platforms: each has a room of its own.",
            where="live.sources",
            remedy="Run it in a service of one worker.",
        )
    for channel, _ in enabled_channels(settings.section):
        if channel.alone:
            raise BadSettings(
                f"{count} workers cannot share one connection to {channel.name}.",
                where=f"channels.{channel.name}",
                remedy="Run it in a service of one worker on the same database (docs/running.md).",
            )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises BadSettings where nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise BadSettings(f"{host}:{port} cannot be listened at: {error}.", where="channels.web") from error
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


@dataclass(slots=True)
class _Worker:
    number: int
    pid: int
    started: float


@dataclass(slots=True)
class Workers:
    """The parent. `run` returns when every worker has ended after a signal."""

    count: int
    listening: socket.socket
    serve: Serve
    _alive: dict[int, _Worker] = field(default_factory=dict)
    _failures: dict[int, int] = field(default_factory=dict)
    _due: dict[int, float] = field(default_factory=dict)
    _stopping: bool = False

    def run(self) -> None:
        """Keep `count` workers until SIGINT or SIGTERM. Raises Unavailable when the first does not come up."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        try:
            self._first()
            self._due |= dict.fromkeys(range(2, self.count + 1), 0.0)
            while not self._stopping:
                self._bury()
                self._replace()
                time.sleep(POLL_S)
        finally:
            self._end()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _first(self) -> None:
        """Start a worker and wait until it is ready, or has said why it cannot be."""
        reading, writing = os.pipe()
        self._start(1, ready=writing)
        os.close(writing)
        with os.fdopen(reading, "rb", buffering=0) as told:
            if not told.read(1) and not self._stopping:
                raise Unavailable("the first worker did not come up; it has said why above")

    def _start(self, number: int, ready: int | None = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_worker(ready)
        self._alive[pid] = _Worker(number, pid, time.monotonic())
        log.info("workers.started", worker=number, pid=pid)

    def _be_worker(self, ready: int | None) -> None:
        """The child's side; never returns."""
        status = 1
        try:
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, signal.default_int_handler)
            status = self.serve(self.listening, lambda: _tell(ready))
        except KeyboardInterrupt:
            status = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _bury(self) -> None:
        """Note which workers have died."""
        while self._alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = self._alive.pop(pid)
            old = time.monotonic() - worker.started > YOUNG_S
            failures = self._failures[worker.number] = 1 if old else self._failures.get(worker.number, 0) + 1
            wait = backoff(failures, FIRST_WAIT_S, LAST_WAIT_S)
            self._due[worker.number] = time.monotonic() + wait
            log.warning("workers.died", worker=worker.number, pid=pid, status=os.waitstatus_to_exitcode(status), wait_s=wait)

    def _replace(self) -> None:
        now = time.monotonic()
        for number in [number for number, due in self._due.items() if due <= now]:
            del self._due[number]
            self._start(number)

    def _end(self) -> None:
        """Ask every worker to end, and end those that do not within STOP_S."""
        for name, patience in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
            for pid in self._alive:
                os.kill(pid, name)
            give_up = time.monotonic() + patience
            while self._alive and time.monotonic() < give_up:
                pid, _ = os.waitpid(-1, os.WNOHANG)
                self._alive.pop(pid, None)
                time.sleep(POLL_S if pid == 0 else 0)
        self.listening.close()


def _tell(ready: int | None) -> None:
    if ready is not None:
        os.write(ready, b"!")
        os.close(ready)
