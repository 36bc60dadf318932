"""Speed, memory and size on this machine: `python -m evals.bench` prints a table and writes JSON under var/bench/.

A shop is loaded into a temporary folder, so that the figures do not depend on what var/ holds and var/ stays as it is; only
the models of var/models are used. Each load level is measured at the bare door (evals/bench_floor.py) and, where there is
one, at a Rasa, right before it is measured at Streamdesk: the ratios hold on a machine that is busy, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.table import Table

from bot.errors import StreamdeskError
from evals.bench_install import Install, Size, here, install, keep, noted, size
from evals.bench_load import QUESTIONS, Level, load
from evals.bench_outbox import deliveries
from evals.bench_outbox import show as show_deliveries
from evals.bench_service import (
    FIRST_QUESTION,
    Indexing,
    Memory,
    Running,
    Start,
    first_answer,
    floor,
    load_home,
    memory,
    rasa,
    rasa_parts,
    streamdesk,
)
from evals.bench_writes import show as show_writes
from evals.bench_writes import writes

OUT = Path("var/bench")
SENDERS = (1, 8, 32)
# Starts that are measured; their median counts.
STARTS = 3
# The doors, by the names they have in tables and JSON.
OURS, FLOOR, RASA = "streamdesk", "bare FastAPI", "rasa"

Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the figures come from. `load_average` is the mean number of busy processes in the minute before the run."""

    cores: int
    ram: int
    python: str
    system: str
    load_average: float


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that one run measured. Sizes are bytes, times seconds unless a name says ms. None: not measured."""

    at: str
    version: str
    machine: Machine
    turns: int
    size: Size
    install: Install | None
    indexing: Indexing
    starts: tuple[Start, ...]
    memory_after_start: Memory | None
    memory_after_load: Memory | None
    levels: Mapping[str, tuple[Level, ...]]
    skipped: tuple[str, ...]


def machine() -> Machine:
    """This machine."""
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(os.cpu_count() or 1, ram, platform.python_version(), platform.platform(), os.getloadavg()[0])


# ---------------------------------------------------------------- measuring


async def measure(turns: int, installing: bool) -> Result:
    """One run. Raises StreamdeskError when a service does not come up or answers nothing at all."""
    facts = machine()
    at = datetime.now(UTC)
    if installing:
        await asyncio.to_thread(keep, await install())
    with TemporaryDirectory(prefix="streamdesk-bench-") as folder:
        home = Path(folder)
        indexed = await load_home(home)
        starts = await _starts(home)
        async with AsyncExitStack() as closing:
            doors, skipped = await _peers(closing, home)
            service = doors[OURS] = await closing.enter_async_context(streamdesk(home))
            starts.append(await first_answer(service))
            started = memory(service.pid)
            levels = await _levels(doors, turns)
            loaded = memory(service.pid)
    return Result(
        at=at.isoformat(timespec="seconds"),
        version=version("streamdesk"),
        machine=facts,
        turns=turns,
        size=await asyncio.to_thread(size, here()),
        install=await asyncio.to_thread(noted),
        indexing=indexed,
        starts=tuple(starts),
        memory_after_start=started,
        memory_after_load=loaded,
        levels=levels,
        skipped=skipped,
    )


async def _starts(home: Path) -> list[Start]:
    """All starts but the last, which goes on to be loaded. The very first one may train, and is not counted."""
    starts = []
    for _ in range(STARTS):
        async with streamdesk(home) as service:
            starts.append(await first_answer(service))
    return starts[1:]


async def _peers(closing: AsyncExitStack, home: Path) -> tuple[dict[str, Running], tuple[str, ...]]:
    """What Streamdesk is compared with, running; and what could not be had, in words."""
    doors = {FLOOR: await closing.enter_async_context(floor(home))}
    parts = rasa_parts()
    if isinstance(parts, str):
        return doors, (parts,)
    doors[RASA] = await closing.enter_async_context(rasa(*parts, home, doors[FLOOR].url))
    return doors, ()


async def _levels(doors: Mapping[str, Running], turns: int) -> dict[str, tuple[Level, ...]]:
    """Every level at every door, the doors in turn."""
    levels: dict[str, tuple[Level, ...]] = dict.fromkeys(doors, ())
    for service in doors.values():
        await load(service.url, 1, len(QUESTIONS))  # warms what is opened on first use
    for senders in SENDERS:
        for name, service in doors.items():
            levels[name] += (await load(service.url, senders, turns),)
    return levels


# ---------------------------------------------------------------- reporting


def report_rows(result: Result) -> list[Row]:
    """Everything but the load levels: measure, figure, unit, remark."""
    starts = f"median of {len(result.starts)} starts, shop loaded, models built"
    return [
        ("site-packages", _mb(result.size.site_packages), "MB", "this environment, with the tools for tests"),
        ("  of it torch", _mb(result.size.torch), "MB", f"{result.size.torch / result.size.site_packages:.0%}"),
        *_install_rows(result.install),
        ("start until ready", f"{median(start.ready_s for start in result.starts):.2f}", "s", starts),
        (
            "start until first answer",
            f"{median(start.first_answer_s for start in result.starts):.2f}",
            "s",
            f"asked {FIRST_QUESTION} as soon as it is ready",
        ),
        *_memory_rows("after the start", result.memory_after_start),
        *_memory_rows("after the load", result.memory_after_load),
        ("index a document", f"{result.indexing.ms_per_document:.0f}", "ms", f"{result.indexing.documents} documents"),
        ("index passages", f"{result.indexing.passages_per_s:.1f}", "1/s", f"{result.indexing.passages} passages"),
    ]


def level_rows(levels: Mapping[str, Sequence[Level]]) -> list[tuple[str, ...]]:
    """One row a level and door: latency and rate, and both as multiples of the bare door's at the same level."""
    rows: list[tuple[str, ...]] = []
    for number, bare in enumerate(levels[FLOOR]):
        for name, measured in levels.items():
            level = measured[number]
            figures = (f"{level.p50_ms:.1f}", f"{level.p99_ms:.1f}", f"{level.turns_per_s:.1f}")
            ratios = (f"{level.p50_ms / bare.p50_ms:.1f}", f"{level.turns_per_s / bare.turns_per_s:.3f}")
            rows.append((str(level.senders), name, str(level.turns), _errors(level.errors), *figures, *ratios))
    return rows


def print_report(result: Result, console: Console) -> None:
    """Both tables, and what was left out."""
    facts = result.machine
    title = f"Streamdesk {result.version}: {facts.cores} cores, {facts.ram / 2**30:.0f} GiB RAM, Python {facts.python}"
    table = Table("measure", "figure", "unit", "remark", title=f"{title}, load average {facts.load_average:.1f}")
    table.columns[1].justify = "right"
    for row in report_rows(result):
        table.add_row(*row)
    console.print(table)
    columns = ("senders", "door", "turns", "errors", "p50 ms", "p99 ms", "turns/s", "p50 × bare", "turns/s × bare")
    speed = Table(*columns, title=f"POST /webhooks/rest/webhook, {len(QUESTIONS)} questions in Chinese and English")
    for column in speed.columns[2:]:
        column.justify = "right"
    for level in level_rows(result.levels):
        speed.add_row(*level)
    console.print(speed)
    for reason in result.skipped:
        console.print(reason)


def save(result: Result, folder: Path = OUT) -> Path:
    """Write `bench-TIME.json` and the same as `latest.json`. Returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    content = orjson.dumps(result, option=orjson.OPT_INDENT_2)
    file = folder / f"bench-{datetime.fromisoformat(result.at):%Y%m%dT%H%M%S}.json"
    for target in (file, folder / "latest.json"):
        target.write_bytes(content)
    return file


def _install_rows(installed: Install | None) -> list[Row]:
    if installed is None:
        return [("install time", "-", "s", "not measured: --install does, in a temporary environment")]
    return [
        ("install time", f"{installed.seconds:.0f}", "s", f"`make setup` without pip's cache, {installed.at}"),
        ("installed for service", _mb(installed.size.site_packages), "MB", f"of it torch {_mb(installed.size.torch)} MB"),
    ]


def _memory_rows(when: str, held: Memory | None) -> list[Row]:
    if held is None:
        return [(f"memory {when}", "-", "MB", "not measured: this system has no /proc")]
    return [
        (f"memory {when}", _mb(held.rss), "MB", "resident"),
        (f"peak memory {when}", _mb(held.peak), "MB", "resident, the most so far"),
    ]


def _errors(errors: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in errors.items()) or "0"


def _mb(size_in_bytes: int) -> str:
    return f"{size_in_bytes / 1e6:,.0f}"


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="turns a load level (default 300)")
    parser.add_argument("--install", action="store_true", help="also time `make setup` in a temporary environment")
    options = parser.parse_args()
    if options.turns < max(SENDERS):
        parser.error(f"--turns {options.turns}: at least one a sender is needed, {max(SENDERS)}.")
    console = Console()
    try:
        with Console(stderr=True).status("Measuring: some minutes"):
            result = asyncio.run(measure(options.turns, options.install))
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")
    print_report(result, console)
    show_writes(writes(), console)
    show_deliveries(deliveries(), console)
    console.print(f"Written to {save(result)}")


if __name__ == "__main__":
    main()
