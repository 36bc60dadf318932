"""`python -m evals.faults [--workers N] [--people N] [--faults N]`: a table, and JSON under var/bench/.

The size by default takes about four minutes; more `--people` and `--faults` say more. Something lost or doubled makes the
exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.table import Table

from bot.errors import StreamdeskError
from evals.faults.campaign import Plan, Report, campaign

OUT = Path("var/bench")
USUAL = Plan()
WRONG = ("lost", "doubled", "disordered", "unseen", "untold", "late", "again")


def show(report: Report, console: Console) -> None:
    """Two tables: the doors and the faults."""
    columns = ("door", "messages", *WRONG, "p50 s", "p99 s", "tried again")
    doors = Table(*columns, title="What became of what was said", title_justify="left")
    for verdict in report.verdicts:
        wrong = (str(verdict.counts[what]) for what in WRONG)
        again = ", ".join(f"{times} {what}" for what, times in report.refused.get(verdict.door, {}).items()) or "-"
        doors.add_row(verdict.door, str(verdict.messages), *wrong, f"{verdict.p50_s:.2f}", f"{verdict.p99_s:.2f}", again)
    console.print(doors)
    title = f"Before: p99 {report.normal_s:.2f} s, connections of each worker {list(report.connected)}"
    faults = Table("fault", "lasted s", "normal after s", "slowest s", title=title, title_justify="left")
    for one in report.recoveries:
        after = "not before the next" if one.normal_after_s is None else f"{one.normal_after_s:.0f}"
        faults.add_row(one.fault, f"{one.lasted_s:.1f}", after, f"{one.worst_s:.1f}")
    console.print(faults)
    for verdict in report.verdicts:
        for example in verdict.examples:
            console.print(f"{verdict.door}: {example}", soft_wrap=True, highlight=False, markup=False)


def main() -> None:
    """Run, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, choices=range(2, 5))
    parser.add_argument("--people", type=int, default=USUAL.people, help="people at each door at once")
    parser.add_argument("--faults", type=int, default=USUAL.faults, help="how many, one after the other")
    parser.add_argument("--every", type=float, default=USUAL.every_s, help="seconds from one to the next")
    parser.add_argument("--only", default="", help="only faults with this in their names")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="a folder with the demo shop loaded; else it is loaded first")
    parser.add_argument("--log", type=Path, help="where the service's own words are kept")
    chosen = parser.parse_args()
    plan = Plan(
        chosen.workers, chosen.people, every_s=chosen.every, faults=chosen.faults, seed=chosen.seed, only=chosen.only
    )
    at = datetime.now(UTC)
    with TemporaryDirectory(prefix="streamdesk-faults-") as folder:
        try:
            report = asyncio.run(campaign(plan, Path(folder), chosen.home))
        except StreamdeskError as error:
            sys.exit(f"Error: {error}")
        finally:
            if chosen.log:
                chosen.log.write_bytes((Path(folder) / "serve.log").read_bytes())
    show(report, Console(width=150))
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / f"faults-{at:%Y%m%dT%H%M%S}.json"
    file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    sys.stdout.write(f"Written to {file}\n")
    if any(verdict.counts[what] for verdict in report.verdicts for what in ("lost", "doubled")):
        sys.exit(1)


if __name__ == "__main__":
    main()
