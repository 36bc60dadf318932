"""Many conversations, played in several processes, and what is printed of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from evals.customers.book import read_book
from evals.customers.oracle import policy
from evals.customers.play import FAILED, FRICTION, RIGHT, WRONG, Conversation, World, converse
from evals.scenarios.stage import SHOP, open_stage

VERDICTS = (RIGHT, FRICTION, FAILED, WRONG)
FOLDER = Path("var/customers")


@dataclass(frozen=True, slots=True)
class Run:
    """What is played: `n` conversations with a shop's folder, in one hand."""

    shop: Path = SHOP
    n: int = 200
    seed: int = 1
    hand: str = "test"
    workers: int = min(os.cpu_count() or 1, 4)


async def measure(console: Console) -> dict[str, Any]:
    """The suite `customers` of `python -m evals.run`, in the hand that nothing was worked on with."""
    return show(await play_all(Run()), console)


async def play_all(run: Run) -> list[Conversation]:
    """Every conversation of a run, by number. What is shared, the loaded shop, is made before the processes start."""
    async with open_stage(Settings.load(), shop_folder=run.shop, folder=FOLDER / run.shop.name):
        pass
    shares = [tuple(range(first, run.n, run.workers)) for first in range(run.workers)]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(run.workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        played = await asyncio.gather(*(loop.run_in_executor(pool, _share, run, share) for share in shares))
    return sorted((one for share in played for one in share), key=lambda one: one.number)


def show(played: Sequence[Conversation], console: Console) -> dict[str, Any]:
    """Print the tables. Returns the figures."""
    for name, of in _CUTS.items():
        console.print(_table(name, of, played))
    for title, counted in (("failed", _reasons(played, FAILED)), ("asked twice", _repeats(played))):
        if counted:
            console.print(
                f"{title}: " + ", ".join(f"{what} {count}" for what, count in counted.most_common(12)), markup=False
            )
    return _figures(played)


def write_transcripts(played: Sequence[Conversation], file: Path) -> None:
    """Every conversation that did not go right without friction, worst first."""
    worst = sorted((one for one in played if one.verdict != RIGHT), key=lambda one: -VERDICTS.index(one.verdict))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n\n".join(map(_as_text, worst)) + "\n", "utf-8")


def _share(run: Run, numbers: Sequence[int]) -> list[Conversation]:
    """The conversations of one process."""
    return asyncio.run(_play(run, numbers))


async def _play(run: Run, numbers: Sequence[int]) -> list[Conversation]:
    rules = policy()
    async with open_stage(Settings.load(), shop_folder=run.shop, folder=FOLDER / run.shop.name) as stage:
        world = World(stage, read_book(stage.pristine), rules)
        return [await converse(number, run.seed, run.hand, world) for number in numbers]


_CUTS: dict[str, Callable[[Conversation], str]] = {
    "goal": lambda one: one.goal,
    "persona": lambda one: one.persona,
    "language": lambda one: one.language,
    "all": lambda one: "all",
}


def _table(name: str, of: Callable[[Conversation], str], played: Sequence[Conversation]) -> Table:
    table = Table(name, "played", *VERDICTS, "turns over, median", "asked twice")
    for value in dict.fromkeys(sorted(map(of, played))):
        group = [one for one in played if of(one) == value]
        table.add_row(value, *(str(figure) for figure in _figures(group).values()))
    return table


def _figures(played: Sequence[Conversation]) -> dict[str, Any]:
    verdicts = Counter(one.verdict for one in played)
    done = [one.over for one in played if one.verdict in (RIGHT, FRICTION)]
    return {
        "played": len(played),
        **{verdict.replace(" ", "_"): verdicts[verdict] for verdict in VERDICTS},
        "turns_over": statistics.median(done) if done else "",
        "asked_twice": sum(len(one.repeats) for one in played),
    }


def _reasons(played: Sequence[Conversation], verdict: str) -> Counter[str]:
    return Counter(one.why.split("{")[0].strip() for one in played if one.verdict == verdict)


def _repeats(played: Sequence[Conversation]) -> Counter[str]:
    return Counter(slot for one in played for slot in one.repeats)


def _as_text(one: Conversation) -> str:
    head = f"# {one.number} {one.verdict}: {one.goal}, {one.persona}, {one.language}; {one.over} turns over"
    return "\n".join(filter(None, (head, one.why and f"! {one.why}", *one.transcript)))
