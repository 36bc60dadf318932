"""The suite `scenarios` of `python -m evals.run`: how many conversations go as they should."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from evals.scenarios.play import Played, play
from evals.scenarios.script import load_scenarios
from evals.scenarios.stage import open_stage


async def measure(console: Console) -> dict[str, Any]:
    """Play every scenario; print the ones that fail, and what is covered how often."""
    scenarios = load_scenarios()
    async with open_stage(Settings.load()) as stage:
        started = time.perf_counter()
        played = [await play(scenario, stage) for scenario in scenarios]
        seconds = time.perf_counter() - started
    _report(played, console)
    failed = [one for one in played if one.problems]
    figures: dict[str, Any] = {
        "scenarios": len(played),
        "passed": len(played) - len(failed),
        "waiting": sum(bool(one.scenario.waits_for) for one in failed),
        "turns": sum(len(one.turns) for one in played),
        "seconds": round(seconds, 1),
        "languages": dict(Counter(one.scenario.language for one in played)),
    }
    console.print(", ".join(f"{value} {name}" for name, value in figures.items()))
    return figures


def _report(played: Sequence[Played], console: Console) -> None:
    table = Table("covers", "scenarios", "passed", title="Scenarios", title_justify="left")
    for name in sorted({name for one in played for name in one.scenario.covers}):
        of_it = [one for one in played if name in one.scenario.covers]
        table.add_row(name, str(len(of_it)), str(sum(not one.problems for one in of_it)))
    console.print(table)
    for one in played:
        if one.problems:
            why = f" (waits for {one.scenario.waits_for})" if one.scenario.waits_for else ""
            console.print(f"{one.scenario.id}{why}", style="bold red")
            for problem in one.problems:
                console.print(f"  {problem}", markup=False, highlight=False)
