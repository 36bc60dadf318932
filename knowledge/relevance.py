"""How well an entry answers a question, from what both rankings say and how their words meet: a linear model.

Its weights maximise the likelihood of the entries that answer among all candidates of a question (the softmax loss of Cao et
al., "Learning to Rank: From Pairwise Approach to Listwise Approach", ICML 2007) on the development questions
(`python -m evals.knowledge --fit`). They are kept in `relevance.json`, a row an encoder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Fields of `knowledge.search.Hit`: all of one size, and the same in every shop.
FEATURES = ("near", "plain", "words", "coverage", "heading", "told", "holds")
WEIGHTS = Path(__file__).with_name("relevance.json")
_DEFAULT = "default"
_BUILD = re.compile(r"-[0-9a-f]{8}$")


def relevance(features: NDArray[np.float32], encoder: str) -> NDArray[np.float32]:
    """A score per candidate, comparable within one question. `features` has the columns of FEATURES."""
    import numpy as np

    weights = weights_of(WEIGHTS, encoder)
    scored: NDArray[np.float32] = features @ np.array([weights[name] for name in FEATURES], dtype=np.float32)
    return scored


def family(encoder: str) -> str:
    """The encoder's name without the build at its end: `multilingual-e5-small` of `multilingual-e5-small-1a2b3c4d`."""
    return _BUILD.sub("", encoder).rsplit(":", maxsplit=1)[-1]


def weights_of(file: Path, encoder: str) -> Mapping[str, float]:
    """The weights that were fitted for an encoder, or the ones that do for all."""
    rows = _read(file)
    return rows.get(family(encoder)) or rows[_DEFAULT]


def keep(file: Path, encoder: str, weights: Mapping[str, float]) -> None:
    """Write the weights of an encoder into a file beside those of others."""
    rows = {**orjson.loads(file.read_bytes()), family(encoder): dict(weights)}
    file.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    _read.cache_clear()


def named(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    """Weights by the names of their features, as they are kept."""
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


@cache
def _read(file: Path) -> dict[str, dict[str, float]]:
    rows: dict[str, dict[str, float]] = orjson.loads(file.read_bytes())
    return rows
