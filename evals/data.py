"""Where the public evaluation data is: `$STREAMDESK_EVAL_DATA`, or `../shared/data` beside the project; never in it."""

from __future__ import annotations

import os
from pathlib import Path

from bot.errors import StreamdeskError

VARIABLE = "STREAMDESK_EVAL_DATA"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


class NoData(StreamdeskError):
    """A data set or a tool that a measure needs is not on this machine; the measure is skipped, with this reason."""


def data_set(name: str) -> Path:
    """The folder of a data set, such as `intents/clinc150`. Raises NoData where it is missing."""
    root = Path(os.environ.get(VARIABLE) or BESIDE)
    folder = root / name
    if not folder.exists():
        raise NoData(f"there is no {name} under {root}; set {VARIABLE} to the folder that has it.")
    return folder
