"""What processes of this machine have used, by /proc (man 5 proc): CPU-seconds and resident bytes. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from evals.bench_service import memory
from evals.data import NoData
from evals.faults.service import children

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
# Where utime, stime, cutime and cstime stand behind the name of a process in /proc/PID/stat.
_OWN, _WITH_GONE = slice(11, 13), slice(11, 15)


def parse_cpu(stat: str, *, with_gone: bool = False) -> float:
    """CPU-seconds by the text of /proc/PID/stat; `with_gone` adds those of children that have ended."""
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[_WITH_GONE if with_gone else _OWN])) * TICK_S


def parse_machine(stat: str) -> float:
    """CPU-seconds in which all cores were busy, by the text of /proc/stat: all but idle and iowait."""
    user, nice, system, _idle, _iowait, *rest = map(int, stat.splitlines()[0].split()[1:9])
    return (user + nice + system + sum(rest)) * TICK_S


def cpu_s(pids: Iterable[int]) -> float:
    """CPU-seconds of these processes so far. Raises NoData where the system has no /proc."""
    return sum(parse_cpu(_read(f"/proc/{pid}/stat")) for pid in pids)


def cpu_of_family_s(pid: int) -> float:
    """CPU-seconds of a process, of its children, and of those that have ended."""
    found = 0.0
    for child in children(pid):
        with suppress(NoData):  # it has ended since, and counts as one that has
            found += cpu_s([child])
    return found + parse_cpu(_read(f"/proc/{pid}/stat"), with_gone=True)


def machine_s() -> float:
    """CPU-seconds of everything on this machine so far."""
    return parse_machine(_read("/proc/stat"))


def resident(pids: Iterable[int]) -> int:
    """Bytes of RAM that these processes hold, what they share counted in each."""
    held = [memory(pid) for pid in pids]
    if None in held:
        raise NoData("a process has gone, or there is no /proc here: RAM is counted by Linux' /proc.")
    return sum(one.rss for one in held if one is not None)


def _read(path: str) -> str:
    file = Path(path)
    if not file.is_file():
        raise NoData(f"there is no {path} here: CPU is counted by Linux' /proc.")
    try:
        return file.read_text("utf-8")
    except ProcessLookupError as error:
        raise NoData(f"{path} has gone") from error
