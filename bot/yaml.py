"""YAML as content is written in. Parsing all of it takes seconds, so what a process has read once it does not parse again:
flows, responses and policies are read at several places, and again with every service that a process opens."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML

# Texts that are kept; Streamdesk and a shop have some sixty files of content.
_KEPT = 256


def read_yaml(text: str) -> Any:
    """What a text says, as the reader's own, to be changed at will. Raises YAMLError."""
    return copy.deepcopy(_plain(text))


@lru_cache(_KEPT)
def read_marked(text: str) -> Any:
    """What a text says, where mappings and lists know their lines (`.lc`). Not to be changed. Raises YAMLError."""
    return YAML(typ="rt").load(text)


@lru_cache(_KEPT)
def _plain(text: str) -> Any:
    return YAML(typ="safe").load(text)
