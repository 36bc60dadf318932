"""`python -m evals.scale [--keep]`: measures what turns, comments and commits cost here; tables, and JSON under var/bench/.

`--keep` also makes them the figures that `python -m evals.run scale` reckons with. It takes four to ten minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.errors import StreamdeskError
from evals.scale.figures import FILE, save_figures
from evals.scale.measure import Size, measure
from evals.scale.tables import show_figures

OUT = Path("var/bench/scale.json")


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write the figures of the model, too")
    parser.add_argument("--turns", type=int, default=Size().turns, help="turns a load level")
    parser.add_argument("--home", type=Path, help="a folder with the demo shop loaded; else it is loaded first")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="streamdesk-scale-") as folder:
        try:
            figures = asyncio.run(measure(Size(turns=chosen.turns), Path(folder), chosen.home))
        except StreamdeskError as error:
            sys.exit(f"Error: {error}")
    show_figures(figures, Console(width=150))
    for file in (OUT, FILE) if chosen.keep else (OUT,):
        save_figures(figures, file)
    sys.stdout.write(f"Written to {OUT}\n")


if __name__ == "__main__":
    main()
