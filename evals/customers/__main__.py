"""How does the service serve people who want something after a purchase?

python -m evals.customers --shop demo --n 300 --seed 1 --hand tuning     simulated customers against the whole service
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console

from bot.errors import StreamdeskError
from evals.customers.measure import Run, play_all, show, write_transcripts
from evals.customers.wordings import HANDS
from evals.scenarios.stage import SHOP

DEFAULTS = Run()


def main() -> None:
    """Play, print, and write the transcripts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shop", default="demo", help="demo, or a folder of docs/shop-folder.md")
    parser.add_argument("--n", type=int, default=DEFAULTS.n, help="how many conversations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hand", choices=HANDS, default=DEFAULTS.hand, help="whose wordings")
    parser.add_argument("--workers", type=int, default=DEFAULTS.workers, help="processes")
    parser.add_argument("--out", type=Path, help="a file for the transcripts of what did not go right")
    options = parser.parse_args()
    shop = SHOP if options.shop == "demo" else Path(options.shop)
    console, started = Console(width=130), time.perf_counter()
    try:
        played = asyncio.run(play_all(Run(shop, options.n, options.seed, options.hand, options.workers)))
    except StreamdeskError as error:
        sys.exit(f"Error: {error}")
    show(played, console)
    console.print(f"{len(played)} conversations in {time.perf_counter() - started:.0f} s", style="dim")
    if options.out:
        write_transcripts(played, options.out)


if __name__ == "__main__":
    main()
