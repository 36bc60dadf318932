"""The tables of what was measured."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from evals.scale.figures import Figures

PARTS = ("workers", "postgres", "redis", "client")


def show_figures(figures: Figures, console: Console) -> None:
    """One table each for turns, rooms, Redis and PostgreSQL."""
    title = f"Turns at the REST door, PostgreSQL and Redis, {figures.cores} cores, measured {figures.at}"
    columns = ("workers", "senders", "turns/s", "p50 ms", "p99 ms", *_cpu("a turn"))
    table = Table(*columns, "others' cores", "statements", "commits", "WAL kB", title=title, title_justify="left")
    for one in figures.turns:
        speed = (f"{one.turns_per_s:.1f}", f"{one.p50_ms:.0f}", f"{one.p99_ms:.0f}", *_parts(one.cpu_ms))
        counts = (f"{one.statements:.1f}", f"{one.commits:.1f}", f"{one.wal_bytes / 1000:.1f}")
        table.add_row(str(one.workers), str(one.senders), *speed, f"{one.others:.1f}", *counts)
    console.print(table)
    columns = (
        "workers",
        "viewers",
        "frames",
        "p50 ms",
        "p99 ms",
        *_cpu("a comment"),
        "at rest, cores",
        "bytes",
        "kB a viewer",
    )
    table = Table(*columns, title="A room: comments that are no questions", title_justify="left")
    for seen in figures.rooms:
        speed = (f"{seen.frames} of {seen.viewers * seen.comments}", f"{seen.p50_ms:.0f}", f"{seen.p99_ms:.0f}")
        sizes = (f"{seen.rest['workers']:.2f}", f"{seen.bytes:.0f}", f"{seen.viewer_bytes / 1000:.0f}")
        table.add_row(str(seen.workers), str(seen.viewers), *speed, *_parts(seen.cpu_ms), *sizes)
    console.print(table)
    table = Table("what", "cost", title="Alone", title_justify="left")
    table.add_row("RAM of one worker", f"{figures.worker_bytes / 1e6:.0f} MB")
    for idle in figures.idle:
        cpu = ", ".join(f"{part} {idle.cpu[part] * 1000:.1f} ms" for part in PARTS[:3])
        table.add_row(f"each of {idle.workers} workers, idle, a second", f"{cpu}, {idle.statements:.1f} statements")
    judged = f"{figures.judging.cpu_ms:.1f} ms CPU, mean of {figures.judging.comments}"
    table.add_row("gate: a comment that says something", judged)
    for told in figures.publishing:
        table.add_row(f"Redis: publish {told.bytes} bytes to {told.subscribers}", f"{told.server_us:.1f} µs CPU")
    for kept in figures.commits:
        cost = f"{kept.per_s:.0f}/s, p50 {kept.p50_ms:.2f} ms, p99 {kept.p99_ms:.2f} ms, {kept.server_cpu_ms:.2f} ms CPU"
        table.add_row(f"PostgreSQL: commits on {kept.connections}", f"{cost}, {kept.syncs:.2f} syncs each")
    console.print(table)


def _cpu(of: str) -> tuple[str, ...]:
    return tuple(f"{part}, CPU ms {of}" for part in PARTS)


def _parts(cpu_ms: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{cpu_ms[part]:.2f}" for part in PARTS)
