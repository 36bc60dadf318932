"""Quality on this machine: `python -m evals.run` prints every measure and writes them to var/eval/latest.json.

python -m evals.run                 everything
python -m evals.run knowledge       only these suites
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from bot.errors import StreamdeskError
from evals import (
    facts,
    intents,
    knowledge,
    knowledge_answers,
    knowledge_public,
    linking,
    photos,
    products,
    recommend,
    shops,
    understanding,
)
from evals.critiques import measure as critiques
from evals.customers import measure as customers
from evals.data import NoData
from evals.ecom import measure as ecom
from evals.rasa import compare
from evals.room import measure as room
from evals.scale import report as scale
from evals.scenarios import measure as scenarios
from evals.stage import measure as stage
from evals.stage import readings
from evals.tau import measure as tau
from evals.truth import measure as truth

OUT = Path("var/eval")

# Prints its tables and returns its figures, by their names. Raises NoData where something that it needs is missing.
Suite = Callable[[Console], Awaitable[Mapping[str, Any]]]

SUITES: Mapping[str, Suite] = {
    "understanding": understanding.measure,
    "intents": intents.measure,
    "knowledge": knowledge.measure,
    "rasa": compare.measure,
    "statements": facts.measure,
    "links": linking.measure,
    "answers": knowledge_answers.measure,
    "public": knowledge_public.measure,
    "products": products.measure,
    "recommend": recommend.measure,
    "critiques": critiques.measure,
    "photos": photos.measure,
    "scenarios": scenarios.measure,
    "customers": customers.measure,
    "tau": tau.measure,
    "ecom": ecom.measure,
    "truth": truth.measure,
    "shops": shops.measure,
    "room": room.measure,
    "stage": stage.measure,
    "stage-voice": readings.measure,
    "scale": scale.measure,
}


async def run(names: Sequence[str], console: Console) -> dict[str, Any]:
    """Run suites one after the other. Returns the figures of each, or why it was skipped."""
    results: dict[str, Any] = {}
    for name in names:
        console.rule(f"[bold]{name}")
        started = time.perf_counter()
        try:
            results[name] = dict(await SUITES[name](console))
        except NoData as missing:
            console.print(f"skipped: {missing}")
            results[name] = {"skipped": str(missing)}
        console.print(f"{name}: {time.perf_counter() - started:.0f} s", style="dim")
    return results


def save(results: Mapping[str, Any], folder: Path = OUT) -> Path:
    """Write the figures as `eval-TIME.json` and `latest.json`. Returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    content = orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    file = folder / f"eval-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    for target in (file, folder / "latest.json"):
        target.write_bytes(content)
    return file


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"of {', '.join(SUITES)}; all where none is named")
    names = parser.parse_args().suites or list(SUITES)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        parser.error(f"there is no suite {unknown[0]!r}; there are {', '.join(SUITES)}.")
    console = Console(width=130)
    try:
        results = asyncio.run(run(names, console))
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")
    console.print(f"Written to {save(results)}")


if __name__ == "__main__":
    main()
