"""The suite `tau` of `python -m evals.run`: end states after the expected actions, and forbidden requests refused.

Every task gets a fresh copy of the imported database. What must come of its actions is worked out on the raw JSON by
`reference`, and both whole databases are compared.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from actions.policy import load_policy
from actions.shop import tables
from actions.shop.sql import SqlShop
from evals.data import data_set
from evals.fresh_shop import fresh, imported
from evals.tau import reference
from evals.tau.forbidden import Forbidden, requests
from evals.tau.replay import POLICY, TOOLS, WITHOUT_A_VERB, Agent, state

# Problems that are shown of each set.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Task:
    """Expected actions in their order, and whose they are (empty: an action says it)."""

    name: str
    user: str
    actions: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Retail:
    """A set: its data as JSON, its tasks, and the folder that the importer takes."""

    name: str
    data: reference.type_data
    tasks: tuple[Task, ...]
    folder: Path


def tau_bench() -> Retail:
    """The visible tasks of tau-bench retail. Raises NoData."""
    folder = data_set("aftersales/tau_bench_retail")
    data = {part: orjson.loads((folder / "data" / f"{part}.json").read_bytes()) for part in ("users", "products", "orders")}
    tasks = tuple(
        Task(f"task {number}", task["user_id"], tuple((action["name"], action["kwargs"]) for action in task["actions"]))
        for number, task in enumerate(orjson.loads((folder / "tasks_train.json").read_bytes()))
    )
    return Retail("tau-bench", data, tasks, folder / "data")


def tau2_bench() -> Retail:
    """The visible tasks of tau2-bench retail. Raises NoData."""
    folder = data_set("aftersales/tau2_retail")
    tasks = tuple(
        Task(
            f"task {task['id']}",
            "",
            tuple((action["name"], action["arguments"]) for action in task["evaluation_criteria"]["actions"] or ()),
        )
        for task in orjson.loads((folder / "tasks_train.json").read_bytes())
    )
    return Retail("tau2-bench", orjson.loads((folder / "db.json").read_bytes()), tasks, folder)


async def measure(console: Console) -> dict[str, Any]:
    """Replay both sets and put the forbidden requests; print what differs."""
    figures: dict[str, Any] = {}
    table = Table(
        "set", "tasks", "same end state", "writes", "forbidden", "refused, nothing written", title="tau-bench retail"
    )
    for retail in (tau_bench(), tau2_bench()):
        with TemporaryDirectory(prefix="streamdesk-tau-") as temporary:
            pristine = Path(temporary) / "pristine.db"
            await imported(retail.folder, pristine)
            different = [problem for task in retail.tasks if (problem := await _replayed(task, retail, pristine))]
            asked = requests(retail.data)
            let_in = [problem for request in asked if (problem := await _refused(request, retail, pristine))]
        writes = Counter(name for task in retail.tasks for name, _ in task.actions if name in reference.WRITES)
        same, refused = len(retail.tasks) - len(different), len(asked) - len(let_in)
        shares = f"{same} ({same / len(retail.tasks):.1%})", f"{refused} ({refused / len(asked):.1%})"
        table.add_row(retail.name, str(len(retail.tasks)), shares[0], str(writes.total()), str(len(asked)), shares[1])
        figures[retail.name] = {
            "tasks": len(retail.tasks),
            "same": same,
            "writes": dict(writes),
            "forbidden": len(asked),
            "refused": refused,
        }
        for problem in (*different[:_SHOWN], *let_in[:_SHOWN]):
            console.print(f"{retail.name}, {problem}", markup=False, highlight=False)
    console.print(table)
    return figures


async def _replayed(task: Task, retail: Retail, pristine: Path) -> str:
    """How the end states differ after a task's actions; empty where they are the same."""
    expected = copy.deepcopy(retail.data)
    async with fresh(pristine) as shop:
        agent = Agent(shop, load_policy(POLICY))
        if user := task.user or _whose(task, retail.data):
            await _prove(agent, retail, user)
        for name, arguments in task.actions:
            allowed = reference.apply(expected, name, arguments)
            if name in WITHOUT_A_VERB:
                continue
            if name not in TOOLS:
                return f"{task.name}: no verb does what {name} does"
            outcome = await agent.use(name, arguments)
            if name in reference.WRITES and outcome.ok is not allowed:
                return f"{task.name}: {name} is {'done' if outcome.ok else f'refused: {outcome.refusal}'}"
        return _difference(task.name, reference.state(expected), await state(shop))


def _difference(name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    different = [key for key in expected if expected[key] != found.get(key)]
    if not different and expected.keys() == found.keys():
        return ""
    return f"{name}: {len(different)} entries differ: " + "; ".join(
        f"{part} is {found.get(key, {}).get(part)}, not {expected[key].get(part)}"
        for key in different[:2]
        for part in expected[key]
        if expected[key].get(part) != found.get(key, {}).get(part)
    )


async def _refused(request: Forbidden, retail: Retail, pristine: Path) -> str:
    """Why a forbidden request was not refused as it must be; empty where it was."""
    async with fresh(pristine) as shop:
        agent = Agent(shop, load_policy(POLICY))
        if request.user:
            await _prove(agent, retail, request.user)
        for name, arguments in request.before:
            allowed = await agent.use(name, arguments)
            if not allowed.ok:
                return f"{request.kind}: what comes before it is refused: {allowed.refusal}"
        before = await _everything(shop)
        outcome = await agent.use(*request.request)
        if outcome.ok:
            return f"{request.kind}: {request.request[0]} was done"
        return "" if await _everything(shop) == before else f"{request.kind}: it was refused, and yet something was written"


def _whose(task: Task, data: reference.type_data) -> str:
    """Whose a task is that does not look its customer up: the one whose account or order comes first in it."""
    if any(name.startswith("find_user_id") for name, _ in task.actions):
        return ""
    ids = (
        arguments.get("user_id") or data["orders"].get(arguments.get("order_id"), {}).get("user_id")
        for _, arguments in task.actions
    )
    return next((str(found) for found in ids if found), "")


async def _prove(agent: Agent, retail: Retail, user: str) -> None:
    await agent.use("find_user_id_by_email", {"email": retail.data["users"][user]["email"]})


async def _everything(shop: SqlShop) -> dict[str, Sequence[Any]]:
    """Every row of every table."""
    async with shop.transaction() as connection:
        return {table.name: (await connection.execute(sa.select(table))).all() for table in tables.METADATA.sorted_tables}
