"""Does the bot answer a shop's questions rightly?

python -m evals.truth --shop demo/shop                    400 questions made from its tables
python -m evals.truth --shop FOLDER --questions FILE      questions written by hand (JSON lines) instead
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import orjson
from rich.console import Console

from bot.errors import StreamdeskError
from evals.truth.asking import open_asker
from evals.truth.measure import Measured, Settings, as_json, ask_all, ask_written, show
from evals.truth.oracle.make import MAKERS
from evals.truth.phrasings import HANDS
from evals.truth.report import page


async def run(options: argparse.Namespace, console: Console) -> Measured:
    """Load, ask, print."""
    how = Settings(options.n, options.seed, options.hand, options.noise, tuple(options.kind or ()), options.relations)
    async with open_asker(options.shop) as asker:
        if asker.loaded.refused:
            console.print("Not everything of the folder was taken; `streamdesk load` says what.", style="yellow")
        asked = ask_written(asker, options.questions) if options.questions else ask_all(asker, how)
        measured = await asked
    show(measured, f"Truth, {options.shop}", console, options.examples)
    return measured


def main() -> None:
    """Ask, print, and write the files that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shop", type=Path, default=Path("demo/shop"), help="a folder of docs/shop-folder.md")
    parser.add_argument("--questions", type=Path, help="questions written by hand, asked instead of made ones")
    parser.add_argument("--n", type=int, default=400, help="how many questions are made")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hand", choices=HANDS, default="test", help="whose phrasings")
    parser.add_argument("--noise", type=float, default=0.2, help="the part of messages that are dirty")
    parser.add_argument("--kind", action="append", choices=list(MAKERS), help="only this kind; may be repeated")
    parser.add_argument("--relations", type=int, default=6, help="pairs of each relation and language")
    parser.add_argument("--examples", type=int, default=1, help="failures of each kind to print")
    parser.add_argument("--json", type=Path, help="everything, for a program")
    parser.add_argument("--html", type=Path, help="a page for the owner of the shop")
    options = parser.parse_args()
    try:
        measured = asyncio.run(run(options, Console(width=130)))
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")
    if options.json:
        about = {"shop": str(options.shop), "hand": options.hand, "seed": options.seed, "noise": options.noise}
        options.json.write_bytes(orjson.dumps(as_json(measured, about), option=orjson.OPT_INDENT_2))
    if options.html:
        options.html.write_text(page(measured, options.shop), encoding="utf-8")


if __name__ == "__main__":
    main()
