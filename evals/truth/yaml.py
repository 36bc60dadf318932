"""Reads this package's data files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent


@cache
def read(name: str) -> Any:
    """The content of a YAML file of this package. It is shared: nobody changes it."""
    return YAML(typ="safe").load((HERE / name).read_text("utf-8"))
