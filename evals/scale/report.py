"""How far the service goes: `python -m evals.run scale` prints what model and simulation say, and how far off they are here.

The figures are those of `figures.json`. What is asked and of which machines are assumptions (`demand.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.scale.demand import Demand, Machines
from evals.scale.figures import Figures, Turns, load_figures
from evals.scale.paper import Costs, Part, Sized, costs, reach, sized
from evals.scale.simulation import Cell, Closed, Outcome, closed, open_cell, shape
from evals.scale.tables import show_figures

# What people can read: a room that showed no more comments a second than this would not be missed any.
READABLE_PER_S = 10.0
# How long a cell is simulated, in seconds, and the loads it is given, as parts of what it is made for.
CELL_S = 20.0
LOADS = (0.25, 0.5, 1.0, 1.5, 2.0)
# Turns a level of the simulation of this machine: as many as make a p99.
TURNS = 400
# Demands that are worked out: their names, whether a room's viewers are at few workers, and the most comments it shows.
CASES = (
    ("as it is, viewers at any worker", False, None),
    ("a room's viewers at few workers", True, None),
    (f"and at most {READABLE_PER_S:.0f} comments/s shown", True, READABLE_PER_S),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One level that was measured, beside the same simulated: from what one sender alone costs, and from the CPU that was
    measured at this very level."""

    workers: int
    senders: int
    measured_per_s: float
    measured_p99_ms: float
    predicted_per_s: float
    predicted_p99_ms: float
    own_per_s: float
    own_p99_ms: float


def off(found: float, measured: float) -> float:
    """By which part of what was measured it is off: 0.1 is a tenth too much."""
    return found / measured - 1


def checks(figures: Figures, cost: Costs) -> list[Check]:
    """Every level that was measured against the simulation, which is told how many cores others took meanwhile."""
    alone = figures.turns_of(1, 1)
    factors = shape(alone.quantiles_ms)
    found = []
    for one in figures.turns:
        predicted = _simulated(figures, one, alone, cost, factors)
        own = _simulated(figures, one, one, cost, factors)
        row = (predicted.per_s, predicted.p99_ms, own.per_s, own.p99_ms)
        found.append(Check(one.workers, one.senders, one.turns_per_s, one.p99_ms, *row))
    return found


def _simulated(figures: Figures, level: Turns, cpu_of: Turns, cost: Costs, factors: Sequence[float]) -> Outcome:
    """A level with the CPU of a turn that was measured at `cpu_of`."""
    cpu = {part: ms / 1000 for part, ms in cpu_of.cpu_ms.items()}
    others = min(level.others, figures.cores - 0.1)
    plan = Closed(level.workers, level.senders, TURNS, figures.cores, others, cpu["client"], cpu["redis"])
    return closed(plan, replace(cost, turn_worker_s=cpu["workers"], turn_database_s=cpu["postgres"]), factors)


def cell(demand: Demand, machines: Machines, cost: Costs, found: Sized) -> tuple[Cell, int]:
    """One part of many: what one PostgreSQL keeps, and how many of them there are. Its workers show their comments."""
    by_name = {part.name: part for part in found.parts}
    many = max(by_name["PostgreSQL: CPU"].count, by_name["PostgreSQL: connections"].count)
    frames, relayed = by_name["workers: frames to viewers"].used, by_name["workers: comments relayed"].used
    copies = relayed / cost.relay_s / found.workers if cost.relay_s else 0.0
    viewers = frames / cost.frame_s / found.workers / copies if copies and cost.frame_s else 0.0
    per_s = demand.turns_per_s / many
    workers = max(1, found.workers // many)
    return Cell(workers, machines.database_cores, per_s, CELL_S, machines.trip_ms / 1000, copies, viewers), many


def loaded(plan: Cell, cost: Costs, factors: Sequence[float], loads: Sequence[float] = LOADS) -> list[tuple[float, Outcome]]:
    """A cell at parts of the load that it is made for, turns and comments alike."""
    return [
        (load, open_cell(replace(plan, turns_per_s=plan.turns_per_s * load, comments_per_s=plan.comments_per_s * load),
                         cost, factors))
        for load in loads
    ]  # fmt: skip


# ---------------------------------------------------------------- showing


def show_checks(found: Sequence[Check], console: Console) -> None:
    """Measured, simulated and the error."""
    columns = ("workers", "senders", "turns/s", "from one sender", "error", "from its own CPU", "error")
    times = ("p99 ms", "from one sender", "error", "from its own CPU", "error")
    table = Table(*columns, *times, title="The simulation of this machine against what it did", title_justify="left")
    for one in found:
        rate = (_beside(one.predicted_per_s, one.measured_per_s), _beside(one.own_per_s, one.measured_per_s))
        slow = (_beside(one.predicted_p99_ms, one.measured_p99_ms), _beside(one.own_p99_ms, one.measured_p99_ms))
        speed = (f"{one.measured_per_s:.0f}", *rate[0], *rate[1], f"{one.measured_p99_ms:.0f}", *slow[0], *slow[1])
        table.add_row(str(one.workers), str(one.senders), *speed)
    console.print(table)


def _beside(found: float, measured: float) -> tuple[str, str]:
    return f"{found:.0f}", f"{off(found, measured):+.0%}"


def show_sized(name: str, found: Sized, demand: Demand, machines: Machines, console: Console) -> None:
    """What a demand takes."""
    asked = f"{demand.viewers:,} viewers in {demand.rooms:,} rooms, {demand.turns_per_s:,.0f} turns/s"
    table = Table("part", "unit", "kept busy", f"needed at {machines.at_most:.0%}", "one is full at", "several now")
    table.title, table.title_justify = f"{name}: {asked}", "left"
    for part in found.parts:
        table.add_row(*_row(part))
    console.print(table)
    holds = "" if found.holds else " without what relaying costs: with it no number is enough"
    hosts = -(-found.workers // machines.worker_cores)
    machines_of = f"{hosts:,} machines of {machines.worker_cores} cores"
    console.print(f"{found.workers:,} workers{holds}, {machines_of}, {found.ram_bytes / 2**30:,.0f} GiB of RAM")


def _row(part: Part) -> tuple[str, ...]:
    several = "yes" if part.several else "no"
    return (
        part.name,
        part.unit,
        f"{part.used:,.2f}",
        f"{part.count:,}",
        "-" if part.several else f"{part.first:.1%}",
        several,
    )


def show_cell(plan: Cell, many: int, outcomes: Sequence[tuple[float, Outcome]], console: Console) -> None:
    """A cell at each load."""
    parts = list(outcomes[0][1].busy)
    title = f"One of {many} parts, simulated: {plan.workers} workers, PostgreSQL on {plan.database_cores} cores"
    columns = ("load", "turns/s", "answered", "waiting", "p50 ms", "p99 ms", *parts, "first")
    table = Table(*columns, title=title, title_justify="left")
    for load, one in outcomes:
        times = (f"{one.p50_ms:.0f}", f"{one.p99_ms:.0f}")
        busy = (f"{one.busy[part]:.0%}" for part in parts)
        first = f"{one.first}, saturated" if one.saturated else one.first
        asked = f"{plan.turns_per_s * load:,.0f}"
        table.add_row(f"{load:.0%}", asked, f"{one.per_s:,.0f}", str(one.waiting), *times, *busy, first)
    console.print(table)


async def measure(console: Console) -> Mapping[str, Any]:
    """Print all tables. Raises NoData where nothing was measured yet."""
    figures = load_figures()
    cost, machines = costs(figures), Machines()
    show_figures(figures, console)
    against = checks(figures, cost)
    show_checks(against, console)
    results: dict[str, Any] = {"costs": asdict(cost), "checks": [asdict(one) for one in against], "cases": {}}
    for name, routed, shown_per_s in CASES:
        demand = Demand(shown_per_s=shown_per_s)
        found = sized(demand, machines, cost, routed=routed)
        show_sized(name, found, demand, machines, console)
        first, part = reach(demand, machines, cost, routed=routed)
        console.print(f"With one of each, and as many workers as it takes, {first} is full first: at {part:.2%} of this\n")
        results["cases"][name] = {"workers": found.workers, "holds": found.holds, "first": first, "at": part}
    plan, many = cell(demand, machines, cost, found)
    outcomes = loaded(plan, cost, shape(figures.turns_of(1, 1).quantiles_ms))
    show_cell(plan, many, outcomes, console)
    results["cell"] = {"parts": many, "loads": {load: asdict(one) for load, one in outcomes}}
    quiet = replace(demand, turns_per_s=demand.turns_per_s * demand.trough, viewers=int(demand.viewers * demand.trough))
    night = sized(quiet, machines, cost, routed=True)
    console.print(f"In the quietest hour, at {demand.trough:.0%} of the peak: {night.workers:,} workers")
    return results
