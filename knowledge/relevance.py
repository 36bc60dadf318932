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

# Cosine and BM25 score below the best candidate's; parts of the question's terms that the entry and its heading have; part
# of the heading's terms that the question has. The first two are scaled so that all are of one size.
FEATURES = ("cosine", "bm25", "coverage", "heading", "told")
SCALES = (10.0, 0.1, 1.0, 1.0, 1.0)
WEIGHTS = Path(__file__).with_name("relevance.json")
_DEFAULT = "default"
_BUILD = re.compile(r"-[0-9a-f]{8}$")


def relevance(features: NDArray[np.float32], encoder: str) -> NDArray[np.float32]:
    """A score per candidate, comparable within one question. `features` has the columns of FEATURES, unscaled."""
    import numpy as np

    weights = weights_of(WEIGHTS, encoder)
    scored: NDArray[np.float32] = scaled(features) @ np.array([weights[name] for name in FEATURES], dtype=np.float32)
    return scored


def scaled(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features as the model takes them: cosine and BM25 as distances to the best candidate, all of one size."""
    import numpy as np

    relative = features.copy()
    relative[:, :2] -= features[:, :2].max(axis=0)
    return relative * np.array(SCALES, dtype=np.float32)


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
