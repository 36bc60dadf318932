"""Ten thousand happenings in a simulated day of a show and its midnight: what went wrong, and it must be nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from evals.stage.show import Show
from evals.stage.world import open_world

EVENTS: Final = 10_000
LENGTH: Final = timedelta(hours=26)
SEED: Final = 18
# A day of the demo shop, so that every run is the same.
START: Final = datetime(2026, 6, 18, 10, 0, tzinfo=UTC)
# Each of these is a fault, and counted.
FAULTS: Final[Mapping[str, str]] = {
    "answer_cut": "answers cut by less",
    "correction_cut": "corrections cut by less",
    "safety_cut": "safety words cut by less",
    "thanks_cut": "thanks cut by less",
    "narration_cut": "narration cut by narration",
    "false": "false facts spoken",
    "improper": "what the guard must refuse spoken",
    "repeated": "same sentence within ten minutes",
    "overlaps": "voices at once",
    "resumed_wrong": "resumed wrong",
    "wedged": "silent while something waits",
    "stuck": "spoken past the deadline",
    "stopped_nothing": "stopped what was not on",
}


async def measure(console: Console) -> dict[str, Any]:
    """Play the show, print what was counted and examples of what went wrong."""
    async with open_world(START) as world:
        show = Show(world, START, Random(SEED))
        await show.run(EVENTS, LENGTH)
    found = figures(show)
    table = Table("measure", "count", title=f"{EVENTS:,} happenings in {LENGTH}")
    for name, value in found.items():
        table.add_row(FAULTS.get(name, name), f"{value:,}" if isinstance(value, int) else f"{value:.3f}")
    console.print(table)
    for name, examples in show.audit.wrong.items():
        for example in examples:
            console.print(f"{name}: {example}", style="red")
    return found


def figures(show: Show) -> dict[str, Any]:
    """The faults, how much was said and dropped, and whether memory grew."""
    counts = show.audit.counts
    faults = {name: counts.get(name, 0) for name in FAULTS}
    rest = {name: number for name, number in sorted(counts.items()) if name not in FAULTS}
    right = 1 - faults["resumed_wrong"] / max(1, counts["resumed"])
    grown = {"most_waiting": show.audit.most_waiting, "memory_grew": growth(show.sizes)}
    return faults | {"resumed_right": right} | rest | grown


def growth(sizes: Sequence[int]) -> float:
    """The last quarter's median size to the second quarter's: 1 where memory is flat."""
    quarter = max(1, len(sizes) // 4)
    return median(sizes[-quarter:]) / median(sizes[quarter : 2 * quarter] or sizes)
