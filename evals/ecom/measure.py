"""The suite `ecom` of `python -m evals.run`: end states after the expected actions of ECom-Bench's tasks.

Every task gets a fresh copy of the imported shop. What must come of its actions is worked out on the raw JSON by
`reference`, and both whole shops are compared.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from evals.data import data_set
from evals.ecom import reference
from evals.ecom.replay import Agent, Rules, rules, state
from evals.fresh_shop import fresh, imported

_FILES = ("users_info", "products", "orders", "register_cashback", "service", "invoices")


@dataclass(frozen=True, slots=True)
class Task:
    """Expected actions in their order, and whose they are."""

    name: str
    user: str
    actions: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """The shop as JSON, its tasks, and the folder that the importer takes."""

    data: reference.type_data
    tasks: tuple[Task, ...]
    folder: Path


def ecom_bench() -> Bench:
    """The visible tasks of ECom-Bench. Raises NoData."""
    folder = data_set("aftersales/ecom_bench")
    tasks = orjson.loads((folder / "tasks_dev.json").read_bytes())
    return Bench(read_data(folder / "data"), tuple(task_of(task) for task in tasks), folder / "data")


def read_data(folder: Path) -> reference.type_data:
    """The files of a shop that tools can change."""
    return {name: orjson.loads((folder / f"{name}.json").read_bytes()) for name in _FILES}


def task_of(task: Mapping[str, Any]) -> Task:
    """One of its tasks."""
    actions = task["metadata"]["actions"]
    return Task(f"task {task['id']}", task["user_id"], tuple((done["name"], done["arguments"]) for done in actions))


async def measure(console: Console) -> dict[str, Any]:
    """Replay all tasks; print what differs."""
    bench, brought = ecom_bench(), rules()
    with TemporaryDirectory(prefix="streamdesk-ecom-") as temporary:
        pristine = Path(temporary) / "pristine.db"
        await imported(bench.folder, pristine)
        different = [problem for task in bench.tasks if (problem := await replayed(task, bench.data, pristine, brought))]
    tasks, same = len(bench.tasks), len(bench.tasks) - len(different)
    writes = sum(len(task.actions) for task in bench.tasks)
    table = Table("tasks", "done right", "expected actions", title="ECom-Bench")
    table.add_row(str(tasks), f"{same} ({same / tasks:.1%})", str(writes))
    for problem in different:
        console.print(problem, markup=False, highlight=False)
    console.print(table)
    return {"tasks": tasks, "same": same, "actions": writes, "different": different}


async def replayed(task: Task, data: reference.type_data, pristine: Path, brought: Rules) -> str:
    """How the end states differ after a task's actions, or what could not be done; empty where they are the same."""
    expected = copy.deepcopy(data)
    known = [key.removeprefix("order ") for key in reference.state(data) if key.startswith("order ")]
    async with fresh(pristine) as shop:
        agent = Agent(shop, brought, task.user)
        for name, given in task.actions:
            reference.apply(expected, name, given)
            if refused := await agent.use(name, given):
                return f"{task.name}: {refused}"
        return difference(task.name, reference.state(expected), await state(shop, known))


def difference(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What differs, thing by thing; empty where nothing does. Our one state stands for each of its words for it."""
    told = []
    for key in sorted(expected.keys() | found.keys()):
        one, other = expected.get(key), found.get(key)
        if one is None or other is None:
            told.append(f"{key} is {'missing' if other is None else 'too much'}")
            continue
        told += [
            f"{key}: {part} is {other[part]}, not {one[part]}" for part in one if not _same(part, one[part], other[part])
        ]
    return f"{name}: {'; '.join(told)}" if told else ""


def _same(part: str, one: Any, other: Any) -> bool:
    return one in other if part == "status" else bool(one == other)
